"""Java: its queries, and how what they find is read (`rules`)."""
