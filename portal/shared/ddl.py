"""What Alembic's autogenerate cannot see: triggers, full-text tables, exclusion constraints.

Kept in one module because a batch rebuild on SQLite drops a table's triggers: migrations create these
objects through here, and `install` puts back whatever is missing. Every statement can be run again.
"""

from sqlalchemy import Connection, inspect, text

from portal.shared.entretien import EXCEPTION

SEARCHED = ("organisation", "structure", "convention", "commune", "personne")
WORDED = ("referent",)  # searched by whole words too: see `portal.shared.search.hits`
APPEND_ONLY = ("journal",)

# Table: (columns that say whose the period is, name of the rule). Periods are `du` to `au`, both included.
PERIODS = {
    "titulaire": (("referent_id", "role"), "ex_titulaire_periode"),
    "titulaire_absence": (("titulaire_id",), "ex_titulaire_absence_periode"),
}


# The words of a text as PostgreSQL indexes them: as they are, without any dictionary. The cost is what keeps
# the planner from splitting the texts of a whole table rather than reading the index.
WORDS = "mots_cherches({table}.texte_recherche)"
WORDS_FUNCTION = """CREATE OR REPLACE FUNCTION mots_cherches(texte text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT COST 100000 AS $$
BEGIN RETURN array_to_tsvector(string_to_array(btrim(texte), ' ')); END $$"""


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


def word_statements(dialect: str, table: str) -> list[str]:
    """Return the statements that index the words of a table's `texte_recherche`.

    On PostgreSQL its words as they are, in an inverted index without pending list: a search never reads a
    list that grew since the last upkeep. On SQLite the full-text table does.
    """
    if dialect == "postgresql":
        return [
            WORDS_FUNCTION,
            f"CREATE INDEX IF NOT EXISTS ix_{table}_texte_recherche_mots ON {table} USING gin "
            "(mots_cherches(texte_recherche)) WITH (fastupdate = off)",
        ]
    return search_statements(dialect, table)


def period_statements(dialect: str, table: str) -> list[str]:
    """Return the rule « two periods of one owner never share a day » (domaine.md § 11)."""
    owner, name = PERIODS[table]
    if dialect == "postgresql":
        same = ", ".join(f"{column} WITH =" for column in owner)
        return [
            f"""DO $$ BEGIN
              IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}') THEN
                ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist (
                  {same}, daterange(du, au, '[]') WITH &&
                );
              END IF;
            END $$"""
        ]
    same = " AND ".join(f"autre.{column} = new.{column}" for column in owner)
    overlap = (
        f"SELECT 1 FROM {table} autre WHERE {same} AND autre.id <> new.id "
        "AND autre.du <= coalesce(new.au, '9999-12-31') AND coalesce(autre.au, '9999-12-31') >= new.du"
    )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_periode_ai AFTER INSERT ON {table} "
        f"WHEN EXISTS ({overlap}) {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_periode_au AFTER UPDATE ON {table} "
        f"WHEN EXISTS ({overlap}) {refuse}",
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


def modele_statements(dialect: str) -> list[str]:
    """Return the rule « the content of a published model never changes »."""
    moved = "old.statut = 'publiee' AND (new.empreinte <> old.empreinte OR new.statut <> old.statut)"
    if dialect == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION modele_version_fige() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {moved} OR (old.statut = 'publiee' AND new.contenu::text <> old.contenu::text) THEN
                RAISE EXCEPTION 'modele_version: published';
              END IF;
              RETURN NEW;
            END $$""",
            "CREATE OR REPLACE TRIGGER modele_version_fige BEFORE UPDATE ON modele_version "
            "FOR EACH ROW EXECUTE FUNCTION modele_version_fige()",
        ]
    return [
        "CREATE TRIGGER IF NOT EXISTS modele_version_fige BEFORE UPDATE ON modele_version "
        f"WHEN {moved} OR (old.statut = 'publiee' AND new.contenu <> old.contenu) "
        "BEGIN SELECT RAISE(ABORT, 'modele_version: published'); END"
    ]


def grille_statements(dialect: str) -> list[str]:
    """Return the rule « a published grid never changes, nor do its questions » (domaine.md § 6.1)."""
    published = "SELECT 1 FROM grille_modele WHERE id = {row}.modele_id AND statut = 'publiee'"
    if dialect == "postgresql":
        return [
            """CREATE OR REPLACE FUNCTION grille_modele_fige() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF old.statut = 'publiee' THEN RAISE EXCEPTION 'grille_modele: published'; END IF;
              IF TG_OP = 'DELETE' THEN RETURN old; END IF;
              RETURN new;
            END $$""",
            "CREATE OR REPLACE TRIGGER grille_modele_fige BEFORE UPDATE OR DELETE ON grille_modele "
            "FOR EACH ROW EXECUTE FUNCTION grille_modele_fige()",
            f"""CREATE OR REPLACE FUNCTION grille_item_fige() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF (TG_OP <> 'INSERT' AND EXISTS ({published.format(row="old")}))
                OR (TG_OP <> 'DELETE' AND EXISTS ({published.format(row="new")})) THEN
                RAISE EXCEPTION 'grille_item: published';
              END IF;
              IF TG_OP = 'DELETE' THEN RETURN old; END IF;
              RETURN new;
            END $$""",
            "CREATE OR REPLACE TRIGGER grille_item_fige BEFORE INSERT OR UPDATE OR DELETE ON grille_item "
            "FOR EACH ROW EXECUTE FUNCTION grille_item_fige()",
        ]
    refuse = "BEGIN SELECT RAISE(ABORT, '{table}: published'); END"
    statements = [
        f"CREATE TRIGGER IF NOT EXISTS grille_modele_fige_{verb.lower()} BEFORE {verb} ON grille_modele "
        f"WHEN old.statut = 'publiee' {refuse.format(table='grille_modele')}"
        for verb in ("UPDATE", "DELETE")
    ]
    for verb, rows in (("INSERT", ("new",)), ("UPDATE", ("old", "new")), ("DELETE", ("old",))):
        frozen = " OR ".join(f"EXISTS ({published.format(row=row)})" for row in rows)
        statements.append(
            f"CREATE TRIGGER IF NOT EXISTS grille_item_fige_{verb.lower()} BEFORE {verb} ON grille_item "
            f"WHEN {frozen} {refuse.format(table='grille_item')}"
        )
    return statements


def remplissage_statements(dialect: str) -> list[str]:
    """Return the rule « a frozen grid of a household never changes, nor do its answers » (domaine.md § 6.5).

    Its upkeep (`portal.shared.entretien`: another key, erasure) is the one exception.
    """
    upkeep = EXCEPTION[dialect]
    frozen = "EXISTS (SELECT 1 FROM grille_acces WHERE id = {row}.grille_id AND statut = 'figee')"
    if dialect == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION grille_acces_figee() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF old.statut = 'figee' AND NOT ({upkeep}) THEN RAISE EXCEPTION 'grille_acces: frozen'; END IF;
              IF TG_OP = 'DELETE' THEN RETURN old; END IF;
              RETURN new;
            END $$""",
            "CREATE OR REPLACE TRIGGER grille_acces_figee BEFORE UPDATE OR DELETE ON grille_acces "
            "FOR EACH ROW EXECUTE FUNCTION grille_acces_figee()",
            f"""CREATE OR REPLACE FUNCTION grille_section_figee() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF ((TG_OP <> 'INSERT' AND {frozen.format(row="old")})
                OR (TG_OP <> 'DELETE' AND {frozen.format(row="new")})) AND NOT ({upkeep}) THEN
                RAISE EXCEPTION 'grille_section: frozen';
              END IF;
              IF TG_OP = 'DELETE' THEN RETURN old; END IF;
              RETURN new;
            END $$""",
            "CREATE OR REPLACE TRIGGER grille_section_figee BEFORE INSERT OR UPDATE OR DELETE "
            "ON grille_section FOR EACH ROW EXECUTE FUNCTION grille_section_figee()",
        ]
    statements = [
        f"CREATE TRIGGER IF NOT EXISTS grille_acces_figee_{verb.lower()} BEFORE {verb} ON grille_acces "
        f"WHEN old.statut = 'figee' AND NOT ({upkeep}) "
        "BEGIN SELECT RAISE(ABORT, 'grille_acces: frozen'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    for verb, rows in (("INSERT", ("new",)), ("UPDATE", ("old", "new")), ("DELETE", ("old",))):
        held = " OR ".join(frozen.format(row=row) for row in rows)
        statements.append(
            f"CREATE TRIGGER IF NOT EXISTS grille_section_figee_{verb.lower()} BEFORE {verb} "
            f"ON grille_section WHEN ({held}) AND NOT ({upkeep}) "
            "BEGIN SELECT RAISE(ABORT, 'grille_section: frozen'); END"
        )
    return statements


def statements_for(dialect: str, tables: set[str]) -> list[str]:
    """Return the statements of one engine for the tables that exist (an early migration has fewer)."""
    statements: list[str] = []
    for name in SEARCHED:
        statements += search_statements(dialect, name) if name in tables else []
    for name in WORDED:
        statements += word_statements(dialect, name) if name in tables else []
    for name in PERIODS:
        statements += period_statements(dialect, name) if name in tables else []
    for name in APPEND_ONLY:
        statements += append_only_statements(dialect, name) if name in tables else []
    statements += modele_statements(dialect) if "modele_version" in tables else []
    statements += grille_statements(dialect) if "grille_item" in tables else []
    statements += remplissage_statements(dialect) if "grille_section" in tables else []
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
        for name in SEARCHED + WORDED:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS recherche_{name}")
