"""The local engine: one process per user that owns the device, and the client that reaches it.

wire.py       the only module both sides share: frames and messages
endpoint.py   where the engine is found: socket, token, lock
client.py     the seam over that socket; starts the engine when nobody else has
host.py       the engine's process: connections in, scheduler out
scheduler.py  who decodes next, on which sequence, re-reading what
loading.py    a specification becomes a model that answers, smaller where memory is short
fitting.py    what fits on this machine; trial.py: what earlier engines died of
llama.py      llama.cpp through its low-level API, and nothing else of it; library.py: what it says
families.py   how each model family wants its prompt
gguf_check.py a file is checked before llama.cpp may read it
"""
