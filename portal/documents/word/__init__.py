"""Reading a Word file: what it says, and the colour of each passage. No library, no domain."""
