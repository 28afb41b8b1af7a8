"""How models elsewhere are: whom to leave alone for a while, and when to ask once more."""
