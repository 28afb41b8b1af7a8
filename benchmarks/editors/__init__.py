"""What the plugins cost in the real editors."""
