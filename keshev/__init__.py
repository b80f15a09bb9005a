"""Keshev listens to what contact centres write down: the application's base and its command."""

__version__ = "0.1.0"
