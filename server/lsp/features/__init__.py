"""What the server does for an editor, one module each; `register` ties a feature to its LSP methods."""
