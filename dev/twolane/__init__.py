"""Twolane: two models behind every editor, a local one for each keystroke and a frontier one on request."""

__version__ = "0.1.0"
