"""A real project that comes along, and the replay of somebody typing in it."""
