"""The commands of the console script, one module each; cli.py parses, `run(arguments)` does the work.

`run` returns the exit code (0 done, 1 failed, 2 misused) or raises `outcome.CommandError`.
"""
