"""Owned: what one subject has of one item at one institution, as the books need it.

The same population as that of the replies. It makes no record; whoever opens an account from it keeps the
figures himself.
"""
