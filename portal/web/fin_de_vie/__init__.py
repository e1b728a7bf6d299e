"""The screens of the end of a household's data: its requests, what comes to its term."""
