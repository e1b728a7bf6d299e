"""Pages of the conventions room: the list, one line, its acts, new lines, the import of a follow-up."""
