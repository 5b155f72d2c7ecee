"""Bits: all of it stands inline in bits.pxd."""
