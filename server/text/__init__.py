"""Open documents as the client sees them: line ends, positions, buffers, where they belong."""
