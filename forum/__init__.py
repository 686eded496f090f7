"""Folkmoot, a forum server for communities of practice. Importing this package runs nothing."""

__version__ = "0.1.0"
