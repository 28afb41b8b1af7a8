"""How many people one engine or one server can serve while they all type."""
