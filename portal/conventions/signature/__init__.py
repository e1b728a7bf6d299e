"""Freezing the text of a convention, and having its three parties sign that very text."""
