"""A server of one's own or the team's, asked over HTTP: vLLM, llama.cpp's server, Ollama, TabbyAPI, LiteLLM."""
