"""The session while it is held (domaine.md §§ 7.2, 7.5, 7.6): what is on the table, the decision being worded
and kept in step on every screen, votes, postponements, urgent decisions in writing."""

from portal.commissions.conduite import annulations, fermetures, messages, policies

__all__ = ["annulations", "fermetures", "messages", "policies"]
