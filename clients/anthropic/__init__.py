"""The far lane: Anthropic's models, and whatever else speaks its Messages API, behind `chat.ChatClient`."""
