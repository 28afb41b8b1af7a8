"""Models for the near lane as files: which there are, which suits this machine, how one gets here, what it can do."""
