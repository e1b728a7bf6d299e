"""Lines of the demonstration for the journeys."""

from sqlalchemy import select

from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from tests.browser.serveur import Site


def ligne(site: Site, departement: str, statut: Statut, rang: int = 0) -> str:
    """Return the address of a line of a département in a state; `rang`: each test takes its own."""
    with site.database.session() as session:
        refs = session.scalars(
            select(Convention.ref)
            .where(Convention.departement_code == departement, Convention.statut == statut)
            .order_by(Convention.id)
        ).all()
    return f"/conventions/{refs[rang]}"


def nombre(site: Site, departement: str) -> int:
    """Return how many lines a département has."""
    with site.database.session() as session:
        found = select(Convention.id).where(Convention.departement_code == departement)
        return len(session.scalars(found).all())


def classer_en_plus(site: Site, departement: str, combien: int) -> None:
    """Add closed lines, for lists of more than one page."""
    with site.database.session(write=True) as session:
        modele = session.scalars(
            select(Convention)
            .where(Convention.departement_code == departement, Convention.statut == Statut.SANS_OBJET)
            .order_by(Convention.id)
        ).first()
        assert modele is not None
        colonnes = {
            colonne.key: getattr(modele, colonne.key)
            for colonne in Convention.__mapper__.column_attrs
            if colonne.key not in ("id", "ref")
        }
        session.add_all(Convention(**colonnes) for _ in range(combien))
        session.commit()
