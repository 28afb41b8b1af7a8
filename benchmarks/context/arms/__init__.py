"""Ways to choose context, each behind the same face."""
