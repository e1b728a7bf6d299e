"""Pages of the filled grids: filling, reading, comparing, freezing, printing."""
