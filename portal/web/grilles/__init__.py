"""Pages of the grid's models."""
