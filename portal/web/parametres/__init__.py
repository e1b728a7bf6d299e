"""Values that a département may change."""
