"""What is measured, each by one command: `python -m benchmarks.startup`, `python -m benchmarks.first_answer`."""
