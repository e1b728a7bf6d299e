"""Avenants: each one, the clauses it changes, the positions of the parties, what proposes one."""

import sqlalchemy as sa
from alembic import op

revision = "010"
down_revision = "009"
branch_labels = None
depends_on = None

PARTIES = ("operateur", "siao", "etat")
STATUTS = ("projet", "en_negociation", "en_signature", "signe", "refuse", "abandonne")
ORIGINES = ("parties", "ouverture", "fermeture", "nature_differee", "version")
POSITIONS = ("a_examiner", "proposee", "acceptee", "reserve", "refusee")
OUVERT = "statut IN ('projet', 'en_negociation', 'en_signature')"
COMPTE = "statut NOT IN ('refuse', 'abandonne')"
COURANT = "annule_le IS NULL"


def _choix(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _unique(name: str, table: str, column: str, where: str, *others: str) -> None:
    op.create_index(
        name,
        table,
        [column, *others],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    op.create_table(
        "avenant",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("objet", sa.String(length=300), nullable=False),
        sa.Column("origine", _choix("origine", *ORIGINES), nullable=False),
        sa.Column("statut", _choix("statutavenant", *STATUTS), nullable=False),
        sa.Column("statut_depuis", sa.DateTime(timezone=True), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("version_departementale_id", sa.Integer(), nullable=True),
        sa.Column("natures_ajoutees", sa.JSON(), nullable=False),
        sa.Column("natures_retirees", sa.JSON(), nullable=False),
        sa.Column("date_effet", sa.Date(), nullable=True),
        sa.Column("date_signature", sa.Date(), nullable=True),
        sa.Column("ouvert_par", sa.String(length=160), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_avenant_convention_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_departementale_id"],
            ["version_departementale.id"],
            name=op.f("fk_avenant_version_departementale_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenant")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_avenant_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_avenant_ref")),
    )
    _unique("uq_avenant_ouvert", "avenant", "convention_id", OUVERT)
    _unique("uq_avenant_numero", "avenant", "convention_id", COMPTE, "numero")
    op.create_index("ix_avenant_statut", "avenant", ["statut", "convention_id"], unique=False)
    op.create_table(
        "avenant_clause",
        sa.Column("avenant_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.Column("choisie", sa.Boolean(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=True),
        sa.Column("valeurs", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["avenant_id"], ["avenant.id"], name=op.f("fk_avenant_clause_avenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenant_clause")),
        sa.UniqueConstraint("avenant_id", "code", name=op.f("uq_avenant_clause_avenant_id_code")),
    )
    op.create_table(
        "avenant_position",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("partie", _choix("partie", *PARTIES), nullable=False),
        sa.Column("position", _choix("position", *POSITIONS), nullable=False),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["avenant_clause.id"],
            name=op.f("fk_avenant_position_clause_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clause_id", "partie", name=op.f("pk_avenant_position")),
    )
    op.create_table(
        "avenant_proposition",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("origine", _choix("origine", *ORIGINES), nullable=False),
        sa.Column("cle", sa.String(length=40), nullable=False),
        sa.Column("libelle", sa.String(length=300), nullable=False),
        sa.Column("natures", sa.JSON(), nullable=False),
        sa.Column("prevu_le", sa.Date(), nullable=True),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("avenant_id", sa.Integer(), nullable=True),
        sa.Column("ecartee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ecartee_par", sa.String(length=160), nullable=False),
        sa.Column("ecartee_motif", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["avenant_id"],
            ["avenant.id"],
            name=op.f("fk_avenant_proposition_avenant_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_avenant_proposition_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenant_proposition")),
        sa.UniqueConstraint(
            "convention_id", "origine", "cle", name=op.f("uq_avenant_proposition_convention_id_origine_cle")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_avenant_proposition_ref")),
    )
    op.create_index("ix_avenant_proposition_avenant_id", "avenant_proposition", ["avenant_id"], unique=False)
    op.add_column("convention_texte", sa.Column("natures_figees", sa.JSON(), nullable=True))
    op.add_column("convention", sa.Column("mise_en_demeure_le", sa.Date(), nullable=True))
    op.drop_index("uq_texte_fige_courant", "texte_fige")
    with op.batch_alter_table("texte_fige") as batch:
        batch.add_column(sa.Column("avenant_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_texte_fige_avenant_id"), "avenant", ["avenant_id"], ["id"], ondelete="CASCADE"
        )
    _unique("uq_texte_fige_courant", "texte_fige", "convention_id", f"{COURANT} AND avenant_id IS NULL")
    _unique("uq_texte_fige_avenant", "texte_fige", "avenant_id", COURANT)


def downgrade() -> None:
    op.drop_index("uq_texte_fige_avenant", "texte_fige")
    op.drop_index("uq_texte_fige_courant", "texte_fige")
    op.execute(
        "DELETE FROM acte_signature WHERE texte_fige_id IN "
        "(SELECT id FROM texte_fige WHERE avenant_id IS NOT NULL)"
    )
    op.execute("DELETE FROM texte_fige WHERE avenant_id IS NOT NULL")
    with op.batch_alter_table("texte_fige") as batch:
        batch.drop_column("avenant_id")
    _unique("uq_texte_fige_courant", "texte_fige", "convention_id", COURANT)
    op.drop_column("convention", "mise_en_demeure_le")
    op.drop_column("convention_texte", "natures_figees")
    op.drop_table("avenant_proposition")
    op.drop_table("avenant_position")
    op.drop_table("avenant_clause")
    op.drop_table("avenant")
