"""Patience: how long a test waits for what must come. Only a test that fails waits that long, so it is far
above what a slow machine needs."""

DEADLINE_S = 120.0
