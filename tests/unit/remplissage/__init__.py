"""The pure rules of the filled grids."""
