"""The calendar of one's deadlines: its private address, and what applications read there."""
