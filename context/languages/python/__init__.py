"""Python: what its queries find, and how it is read (`rules`)."""
