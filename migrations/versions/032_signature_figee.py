"""What was decided when a text went to signature stays: the order of the signatories, the form, the places.

Lines in signature take the order that their département has today. Texts frozen before their form was part of
what is frozen take that of their département, as a choice of their own. Propositions of an avenant take the
places of the natures put off, which the line no longer tells once signed.
"""

import sqlalchemy as sa
from alembic import op

revision = "032"
down_revision = "031"
branch_labels = None
depends_on = None

ORDRE, ORDRE_USUEL = "conventions.ordre_signatures", "operateur,siao,etat"
FORME, MEME = "conventions.forme_meme_personne", "conventions.meme_signataire"

_CONVENTION = sa.table("convention", sa.column("id", sa.Integer), sa.column("ordre_signatures", sa.String))
_TEXTE = sa.table("convention_texte", sa.column("convention_id", sa.Integer), sa.column("forme", sa.String))


def upgrade() -> None:
    op.add_column("convention", sa.Column("ordre_signatures", sa.String(40), nullable=True))
    op.add_column("avenant_proposition", sa.Column("places", sa.Integer(), nullable=True))
    reprendre()


def reprendre() -> None:
    """Write what the rows there are do not tell."""
    bind = op.get_bind()
    regles = {
        (row.cle, row.departement_code): row.valeur
        for row in bind.execute(sa.text("SELECT cle, departement_code, valeur FROM parametre")).all()
    }

    def regle(cle: str, departement: str, usuelle: str) -> str:
        return regles.get((cle, departement)) or regles.get((cle, None)) or usuelle

    en_signature = bind.execute(
        sa.text("SELECT id, departement_code FROM convention WHERE statut = 'en_signature' ORDER BY id")
    ).all()
    for ligne in en_signature:
        ordre = regle(ORDRE, ligne.departement_code, ORDRE_USUEL)
        bind.execute(_CONVENTION.update().where(_CONVENTION.c.id == ligne.id).values(ordre_signatures=ordre))
    figes = bind.execute(
        sa.text(
            "SELECT t.convention_id, c.departement_code, t.contenu_fige FROM convention_texte t"
            " JOIN convention c ON c.id = t.convention_id"
            " JOIN organisation o ON o.id = c.operateur_id JOIN organisation s ON s.id = c.siao_id"
            " WHERE t.fige_le IS NOT NULL AND t.forme IS NULL AND o.siren = s.siren ORDER BY t.convention_id"
        ).columns(contenu_fige=sa.JSON)
    ).all()
    for texte in figes:
        if "signature" in (texte.contenu_fige or {}):
            continue
        ou = texte.departement_code
        usage = "meme_signataire" if regle(MEME, ou, "non") == "oui" else "deux_signataires"
        forme = "lettre" if regle(FORME, ou, "tripartite") == "lettre" else usage
        bind.execute(_TEXTE.update().where(_TEXTE.c.convention_id == texte.convention_id).values(forme=forme))
    bind.execute(
        sa.text(
            "UPDATE avenant_proposition SET places = (SELECT max(n.places) FROM convention_nature n"
            " WHERE n.convention_id = avenant_proposition.convention_id"
            " AND n.nature_code = avenant_proposition.cle AND n.jusqu_au IS NULL)"
            " WHERE origine = 'nature_differee'"
        )
    )


def downgrade() -> None:
    op.drop_column("avenant_proposition", "places")
    op.drop_column("convention", "ordre_signatures")
