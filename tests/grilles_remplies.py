"""Filled grids for the tests: through the services, on the national model."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.grilles.chargement import load_grid
from portal.grilles.menages.policies import Vise
from portal.grilles.models import GrilleModele
from portal.grilles.remplissage import queries, service
from portal.grilles.remplissage.models import GrilleAcces
from portal.security.policy import Actor
from portal.shared.clock import FixedClock

SECTIONS = "ABCDEF"
Reponses = Mapping[str, Mapping[str, Sequence[str]]]
"""What is typed, by section then by name of field."""

REPONSES: Reponses = {
    "A": {
        "A1__adultes": ["2"],
        "A1__enfants": ["2"],
        "A2__reponse": ["oui"],
        "A6__reponse": ["syplo", "dalo"],
        "A7__reponse": ["non"],
        "A8__communes": ["Villefictive, puis Bourg-Exemple"],
    },
    "B": {
        "B1__total": ["1 650,50"],
        "B1__activite": ["1200"],
        "B2__stables": ["oui"],
        "B4__reponse": ["420"],
        "B5__autres": ["130"],
        "B6__loyer": ["480"],
        "B6__charges": ["60"],
        "B6__aides": ["210"],
        "B8__montant": ["900"],
        "B10__reponse": ["autonome"],
    },
    "C": {"C1__situation": ["insertion"], "C1__depuis": ["01/09/2025"], "C7__reponse": ["en_cours"]},
    "D": {"D2__reponse": ["ponctuel"]},
    "E": {"E1__reponse": ["Un trois-pièces près de l’école."], "E3__reponse": ["Premier bail à son nom."]},
    "F": {"F1__avis": ["pret_accompagne"], "F4__position": ["accord"], "F5__reponse": ["Revoir en mai."]},
}
"""What is typed in each section of the national grid."""


def modele_national(session: Session, clock: FixedClock) -> None:
    """Load the national model, once."""
    if session.scalar(select(GrilleModele.id).limit(1).order_by(GrilleModele.id)) is None:
        load_grid(session, clock)


def remplir(
    session: Session,
    clock: FixedClock,
    actor: Actor,
    vise: Vise,
    reponses: Reponses = REPONSES,
) -> GrilleAcces:
    """Return the grid being written of a household, filled."""
    modele_national(session, clock)
    draft = service.ouvrir(session, clock, actor, vise)
    for code, typees in reponses.items():
        row = next(row for row in draft.sections if row.section == code)
        service.enregistrer(session, clock, actor, vise, code, typees, version=row.version)
    return draft


def figer(session: Session, clock: FixedClock, actor: Actor, vise: Vise) -> GrilleAcces:
    """Freeze the grid being written of a household, as read to it whole."""
    draft = queries.en_cours(session, vise.menage.id)
    assert draft is not None
    lu = service.etat(draft)
    return service.figer(session, clock, actor, vise, lues=SECTIONS, sans_avis=False, lu=lu)


def grille_figee(
    session: Session,
    clock: FixedClock,
    actor: Actor,
    vise: Vise,
    reponses: Reponses = REPONSES,
) -> GrilleAcces:
    """Return a frozen version of the grid of a household."""
    remplir(session, clock, actor, vise, reponses)
    return figer(session, clock, actor, vise)
