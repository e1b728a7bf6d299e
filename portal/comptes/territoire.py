"""What this room reads of the rooms above it: columns of their tables, for joins, and nothing to write."""

from sqlalchemy import Integer, String, column, table

organisation = table(
    "organisation",
    column("id", Integer),
    column("ref", String),
    column("nom", String),
    column("type", String),
    column("departement_code", String),
    column("tri", String),
)
organisation_departement = table(
    "organisation_departement",
    column("organisation_id", Integer),
    column("departement_code", String),
)
departement = table(
    "departement",
    column("code", String),
    column("nom", String),
    column("fuseau", String),
)
