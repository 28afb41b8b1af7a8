"""Python: what a file declares and imports (`outline`), and which file an import means (`resolve`)."""
