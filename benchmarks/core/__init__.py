"""The core's modules one by one: what each is for, in loops that run in compiled code."""
