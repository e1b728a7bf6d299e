"""The deputy whom someone invited sends is written to, and answers."""

import sqlalchemy as sa
from alembic import op

revision = "036"
down_revision = "035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seance_suppleance",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column(
            "statut",
            sa.Enum(
                "envoyee",
                "vue",
                "acceptee",
                "declinee",
                "suppleant",
                name="reponse",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mot", sa.String(length=300), nullable=False),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ecrit_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["seance_invitation.id"],
            name=op.f("fk_seance_suppleance_invitation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_seance_suppleance_personne_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_suppleance")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_seance_suppleance_invitation_id")),
    )
    op.create_index(op.f("ix_seance_suppleance_email"), "seance_suppleance", ["email"], unique=False)
    op.create_index(
        op.f("ix_seance_suppleance_personne_id"), "seance_suppleance", ["personne_id"], unique=False
    )
    op.add_column(
        "seance_invitation_jeton",
        sa.Column("suppleant", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    # A deputy's link would answer for whoever sent them: it opens nothing any more.
    op.execute("UPDATE seance_invitation_jeton SET jeton_hash = 'suppleant-' || id WHERE suppleant")
    op.drop_column("seance_invitation_jeton", "suppleant")
    op.drop_table("seance_suppleance")
