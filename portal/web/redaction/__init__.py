"""Pages of the text of a convention: its clauses, what each party says of them, live."""
