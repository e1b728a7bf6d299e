"""Pages of the collective rounds: the base, the table of answers, an operator's own column, live."""
