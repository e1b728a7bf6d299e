"""Long work: following it, and taking what it made."""
