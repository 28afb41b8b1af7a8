"""The bytes between client and server: frames, messages, the order of a conversation, its end."""
