"""Settings: one typed module, where they come from, their generated page."""
