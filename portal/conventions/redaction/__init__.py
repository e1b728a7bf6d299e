"""The text of one convention: its clauses, negotiated one by one by the three parties."""
