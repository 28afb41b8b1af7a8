"""llama.cpp's own server, asked in the way llama.vim asks it."""
