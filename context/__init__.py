"""The workspace as symbols: which lines of other files matter at a cursor. Knows no model and no editor."""
