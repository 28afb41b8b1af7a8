"""The language server and the command line: protocol, documents, settings, composition."""
