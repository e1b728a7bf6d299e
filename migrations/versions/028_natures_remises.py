"""The natures that a signed text puts off count from the avenant that brings them, no longer from the origin."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "028"
down_revision = "027"
branch_labels = None
depends_on = None

TOUJOURS = date(1, 1, 1)

_NATURE = sa.table(
    "convention_nature",
    sa.column("convention_id", sa.Integer),
    sa.column("nature_code", sa.String),
    sa.column("depuis", sa.Date),
)


def upgrade() -> None:
    bind = op.get_bind()
    remises = bind.execute(
        sa.text(
            "SELECT t.convention_id, t.natures_differees FROM convention_texte t"
            " JOIN convention c ON c.id = t.convention_id"
            " WHERE c.statut = 'signee' AND t.fige_le IS NOT NULL ORDER BY t.convention_id"
        ).columns(natures_differees=sa.JSON)
    ).all()
    avenants = bind.execute(
        sa.text(
            "SELECT convention_id, date_effet, natures_ajoutees FROM avenant"
            " WHERE statut = 'signe' AND date_effet IS NOT NULL ORDER BY convention_id, date_effet DESC"
        ).columns(date_effet=sa.Date, natures_ajoutees=sa.JSON)
    ).all()
    brought = {(row.convention_id, code): row.date_effet for row in avenants for code in row.natures_ajoutees}
    for row in remises:
        for code in row.natures_differees:
            counted = sa.and_(
                _NATURE.c.convention_id == row.convention_id,
                _NATURE.c.nature_code == code,
                _NATURE.c.depuis == TOUJOURS,
            )
            start = brought.get((row.convention_id, code))
            if start is None:
                bind.execute(sa.delete(_NATURE).where(counted))
            else:
                bind.execute(sa.update(_NATURE).where(counted).values(depuis=start))


def downgrade() -> None:
    """Leave the natures as they are: what was counted too early is not worth counting again."""
