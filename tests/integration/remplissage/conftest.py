"""The scene of the households."""

from tests.menages import scene

__all__ = ["scene"]
