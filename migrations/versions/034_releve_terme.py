"""Minutes keep the day when their full version goes away, so that it does whether its file was made or not.

Those sent before go away at the ninety days that applied then; those whose term is past are reduced once more,
which changes nothing of them.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "034"
down_revision = "033"
branch_labels = None
depends_on = None

COMPLET = timedelta(days=90)

_RELEVE = sa.table(
    "seance_releve",
    sa.column("id", sa.Integer),
    sa.column("envoye_le", sa.DateTime(timezone=True)),
    sa.column("complet_jusqu_au", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("seance_releve", sa.Column("complet_jusqu_au", sa.DateTime(timezone=True), nullable=True))
    bind = op.get_bind()
    sent = sa.select(_RELEVE.c.id, _RELEVE.c.envoye_le).where(_RELEVE.c.envoye_le.is_not(None))
    for row in bind.execute(sent.order_by(_RELEVE.c.id)).all():
        terme = row.envoye_le + COMPLET
        bind.execute(_RELEVE.update().where(_RELEVE.c.id == row.id).values(complet_jusqu_au=terme))


def downgrade() -> None:
    op.drop_column("seance_releve", "complet_jusqu_au")
