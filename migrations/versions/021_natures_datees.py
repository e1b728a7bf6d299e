"""The natures that a convention covers, day by day: an avenant changes them from its effect on."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "021"
down_revision = "020"
branch_labels = None
depends_on = None

TOUJOURS = date(1, 1, 1)

_COPIE = sa.table(
    "convention_nature_copie",
    sa.column("convention_id", sa.Integer),
    sa.column("nature_code", sa.String),
    sa.column("places", sa.Integer),
)
_NATURE = sa.table(
    "convention_nature",
    sa.column("convention_id", sa.Integer),
    sa.column("nature_code", sa.String),
    sa.column("places", sa.Integer),
    sa.column("depuis", sa.Date),
    sa.column("jusqu_au", sa.Date),
)


def upgrade() -> None:
    _rebuild(
        [
            sa.Column("depuis", sa.Date(), nullable=False),
            sa.Column("jusqu_au", sa.Date(), nullable=True),
            sa.CheckConstraint("jusqu_au >= depuis", name=op.f("ck_convention_nature_periode")),
            sa.PrimaryKeyConstraint(
                "convention_id", "nature_code", "depuis", name=op.f("pk_convention_nature")
            ),
        ],
        sa.insert(_NATURE).from_select(
            ["convention_id", "nature_code", "places", "depuis"],
            sa.select(_COPIE, sa.literal(TOUJOURS, sa.Date)),
        ),
        "SELECT convention_id, nature_code, places FROM convention_nature",
    )
    _date()


def downgrade() -> None:
    _rebuild(
        [sa.PrimaryKeyConstraint("convention_id", "nature_code", name=op.f("pk_convention_nature"))],
        sa.insert(_NATURE).from_select(["convention_id", "nature_code", "places"], sa.select(_COPIE)),
        "SELECT convention_id, nature_code, max(places) AS places FROM convention_nature"
        " WHERE jusqu_au IS NULL GROUP BY convention_id, nature_code",
    )


def _rebuild(columns: list, fill: sa.Insert, rows: str) -> None:
    """Make the table again with another key, which SQLite does not alter in place."""
    op.execute(f"CREATE TABLE convention_nature_copie AS {rows}")
    op.drop_index("ix_convention_nature_nature_code", table_name="convention_nature")
    op.drop_table("convention_nature")
    op.create_table(
        "convention_nature",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        *columns,
        sa.CheckConstraint("places >= 0", name=op.f("ck_convention_nature_places")),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_nature_convention_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nature_code"], ["nature.code"], name=op.f("fk_convention_nature_nature_code")
        ),
    )
    op.create_index(
        "ix_convention_nature_nature_code",
        "convention_nature",
        ["nature_code", "convention_id"],
        unique=False,
    )
    op.execute(fill)
    op.drop_table("convention_nature_copie")


def _date() -> None:
    """Give their days to the natures that signed avenants brought or took away."""
    bind = op.get_bind()
    avenants = bind.execute(
        sa.text(
            "SELECT convention_id, date_effet, natures_ajoutees, natures_retirees FROM avenant"
            " WHERE statut = 'signe' AND date_effet IS NOT NULL ORDER BY convention_id, date_effet, numero"
        ).columns(date_effet=sa.Date, natures_ajoutees=sa.JSON, natures_retirees=sa.JSON)
    ).all()
    starts: dict[tuple[int, str], date] = {}
    closed: list[dict[str, object]] = []
    for row in avenants:
        for code in row.natures_ajoutees:
            starts[row.convention_id, code] = row.date_effet
        for code in row.natures_retirees:
            start, last = starts.get((row.convention_id, code), TOUJOURS), row.date_effet - timedelta(days=1)
            if start <= last:
                closed.append(
                    {
                        "convention_id": row.convention_id,
                        "nature_code": code,
                        "depuis": start,
                        "jusqu_au": last,
                    }
                )
            # A nature that the line covers all the same came back without an avenant: it starts again there.
            starts[row.convention_id, code] = row.date_effet
    # Those that the line covers first: until they have their day, they stand where a closed period goes.
    for (convention_id, code), start in starts.items():
        bind.execute(
            sa.update(_NATURE)
            .where(_NATURE.c.convention_id == convention_id, _NATURE.c.nature_code == code)
            .values(depuis=start)
        )
    if closed:
        bind.execute(sa.insert(_NATURE), closed)
