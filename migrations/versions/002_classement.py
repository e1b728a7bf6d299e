"""The proposal to close a line, which the other of State and SIAO confirms."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "convention_classement",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column(
            "partie",
            sa.Enum(
                "operateur",
                "siao",
                "etat",
                name="partie",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_classement_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("convention_id", name=op.f("pk_convention_classement")),
    )


def downgrade() -> None:
    op.drop_table("convention_classement")
