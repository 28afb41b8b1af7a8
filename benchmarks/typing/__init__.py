"""A typing session replayed in real time: Twolane over LSP against llama.cpp's server asked as llama.vim asks it."""
