"""TypeScript and TSX: what they add to the queries and rules of JavaScript."""
