"""Screens of the dossiers: depositing, checking, the agenda, reading beforehand, occasional guests."""
