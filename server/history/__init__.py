"""What happened to the last requests, kept on this machine for `twolane explain` and `twolane stats`."""
