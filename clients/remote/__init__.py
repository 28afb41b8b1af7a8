"""What the clients of models elsewhere share: addresses, deadlines, failures of the transport, checks of answers."""
