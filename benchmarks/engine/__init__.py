"""The Engine alone: how long it takes for what, without gRPC, journal or clock."""
