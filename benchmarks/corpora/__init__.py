"""Released sources of other projects, fetched by their package managers, checked by hash, kept in the user's cache."""
