"""JavaScript, JSX included: its queries, and how what they find is read (`rules`). TypeScript builds on it."""
