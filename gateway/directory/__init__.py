"""The institutions: what they can do, where they are, and which endpoint answers for them."""

from gateway.directory.directory import Directory
from gateway.directory.files import DirectoryError
from gateway.directory.model import DEDUCT, FREEZE, INQUIRE, Endpoint, Institution

__all__ = ["DEDUCT", "FREEZE", "INQUIRE", "Directory", "DirectoryError", "Endpoint", "Institution"]
