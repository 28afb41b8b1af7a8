"""The embedded default model: how it was trained, what it scores, and the file itself."""
