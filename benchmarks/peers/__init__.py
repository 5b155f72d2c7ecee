"""Peers: what a user would take instead of the gateway, in good faith, to hold our figures against."""
