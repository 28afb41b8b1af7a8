"""The language server proper: pygls' protocol mended, the features, what the client is told."""
