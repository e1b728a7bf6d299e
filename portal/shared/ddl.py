"""What Alembic's autogenerate cannot see: triggers, full-text tables, exclusion constraints.

Kept in one module because a batch rebuild on SQLite drops a table's triggers: migrations create these
objects through here, and `install` puts back whatever is missing. Every statement can be run again.
"""

from sqlalchemy import Connection, inspect, text

SEARCHED = ("organisation", "structure", "convention", "commune", "personne")
APPEND_ONLY = ("journal",)


def search_statements(dialect: str, table: str) -> list[str]:
    """Return the statements that keep a table's search index (column `texte_recherche`)."""
    if dialect == "postgresql":
        return [
            f"CREATE INDEX IF NOT EXISTS ix_{table}_texte_recherche_trgm "
            f"ON {table} USING gin (texte_recherche gin_trgm_ops)"
        ]
    fts = f"recherche_{table}"
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5("
        f"texte_recherche, content='{table}', content_rowid='id', prefix='1 2 3', tokenize='unicode61')",
        f"CREATE TRIGGER IF NOT EXISTS {fts}_ai AFTER INSERT ON {table} BEGIN "
        f"INSERT INTO {fts}(rowid, texte_recherche) VALUES (new.id, new.texte_recherche); END",
        f"CREATE TRIGGER IF NOT EXISTS {fts}_ad AFTER DELETE ON {table} BEGIN "
        f"INSERT INTO {fts}({fts}, rowid, texte_recherche) "
        f"VALUES ('delete', old.id, old.texte_recherche); END",
        f"CREATE TRIGGER IF NOT EXISTS {fts}_au AFTER UPDATE OF texte_recherche ON {table} "
        f"WHEN old.texte_recherche IS NOT new.texte_recherche BEGIN "
        f"INSERT INTO {fts}({fts}, rowid, texte_recherche) VALUES ('delete', old.id, old.texte_recherche); "
        f"INSERT INTO {fts}(rowid, texte_recherche) VALUES (new.id, new.texte_recherche); END",
    ]


def append_only_statements(dialect: str, table: str) -> list[str]:
    """Return the statements that refuse UPDATE and DELETE (and TRUNCATE) on an append-only table.

    The dated purge is the one way out: it sets `purge_autorisee` in `etat_technique` on SQLite, the
    session setting `portail.purge` on PostgreSQL, within its own transaction.
    """
    if dialect == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION {table}_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF TG_OP = 'DELETE' AND current_setting('portail.purge', true) = 'oui' THEN RETURN OLD; END IF;
              RAISE EXCEPTION '{table}: append only';
            END $$""",
            f"CREATE OR REPLACE TRIGGER {table}_immuable_ligne BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_immuable()",
            f"CREATE OR REPLACE TRIGGER {table}_immuable_table BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_immuable()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_immuable_maj BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: append only'); END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_immuable_suppression BEFORE DELETE ON {table} "
        f"WHEN NOT EXISTS (SELECT 1 FROM etat_technique WHERE cle = 'purge_autorisee') "
        f"BEGIN SELECT RAISE(ABORT, '{table}: append only'); END",
    ]


def convention_statements(dialect: str) -> list[str]:
    """Return the rule « two signed CTPs of one pair never overlap » (domaine.md § 5.1; D2: last day in)."""
    if dialect == "postgresql":
        return [
            """DO $$ BEGIN
              IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'ex_convention_vigueur') THEN
                ALTER TABLE convention ADD CONSTRAINT ex_convention_vigueur EXCLUDE USING gist (
                  operateur_id WITH =, siao_id WITH =, daterange(date_effet, fin_effective, '[]') WITH &&
                ) WHERE (statut = 'signee');
              END IF;
            END $$"""
        ]
    overlap = (
        "SELECT 1 FROM convention autre WHERE autre.operateur_id = new.operateur_id "
        "AND autre.siao_id = new.siao_id AND autre.statut = 'signee' AND autre.id <> new.id "
        "AND autre.date_effet <= new.fin_effective AND autre.fin_effective >= new.date_effet"
    )
    refuse = "BEGIN SELECT RAISE(ABORT, 'ex_convention_vigueur'); END"
    return [
        f"CREATE TRIGGER IF NOT EXISTS convention_vigueur_ai AFTER INSERT ON convention "
        f"WHEN new.statut = 'signee' AND EXISTS ({overlap}) {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS convention_vigueur_au AFTER UPDATE OF "
        f"statut, operateur_id, siao_id, date_effet, fin_effective ON convention "
        f"WHEN new.statut = 'signee' AND EXISTS ({overlap}) {refuse}",
    ]


def statements_for(dialect: str, tables: set[str]) -> list[str]:
    """Return the statements of one engine for the tables that exist (an early migration has fewer)."""
    statements: list[str] = []
    for name in SEARCHED:
        statements += search_statements(dialect, name) if name in tables else []
    for name in APPEND_ONLY:
        statements += append_only_statements(dialect, name) if name in tables else []
    return statements + (convention_statements(dialect) if "convention" in tables else [])


def prepare(connection: Connection) -> None:
    """Create the PostgreSQL extensions that the rest needs; to be called first."""
    if connection.dialect.name == "postgresql":
        for name in ("pg_trgm", "btree_gist"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))


def install(connection: Connection) -> None:
    """Create whatever is missing; called at the end of each migration that makes or rebuilds a table."""
    tables = set(inspect(connection).get_table_names())
    for statement in statements_for(connection.dialect.name, tables):
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Drop what dropping the tables would leave behind."""
    if connection.dialect.name == "postgresql":
        for name in APPEND_ONLY:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}_immuable() CASCADE")
    else:
        for name in SEARCHED:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS recherche_{name}")
