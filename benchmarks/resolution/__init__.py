"""Do our imports lead where independent resolvers say they lead: jedi for Python, the TypeScript compiler."""
