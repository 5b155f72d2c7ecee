"""Floors: what the machine needs at least for the same work, to hold our figures against."""
