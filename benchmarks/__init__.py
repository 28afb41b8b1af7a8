"""What is measured, each by one command: `python -m benchmarks.startup`, `.first_answer`, `.typing`."""
