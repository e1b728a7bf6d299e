"""An organisation declares that it is party to a dossier that another presents."""

import sqlalchemy as sa
from alembic import op

revision = "037"
down_revision = "036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dossier_deport",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "motif",
            sa.Enum(
                "intervient",
                "sollicite",
                "differend",
                "personnel",
                "autre",
                name="motifdeport",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_deport_dossier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_dossier_deport_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_deport")),
        sa.UniqueConstraint(
            "dossier_id", "organisation_id", name=op.f("uq_dossier_deport_dossier_id_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_dossier_deport_organisation_id"), "dossier_deport", ["organisation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("dossier_deport")
