"""Signing a text: the circuit, its acts, delegations, and the documents made from it."""
