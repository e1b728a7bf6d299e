"""A line in negotiation with its text, and the people of its three parties."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import service as lignes
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction import ouverture, queries, service
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import ConventionClause
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests import moules
from tests.textes import publier


@dataclass
class Negociation:
    """A line, its text, who speaks for each party, and shortcuts."""

    session: Session
    clock: FixedClock
    ligne: Convention
    voix: dict[Partie, Actor]
    gestionnaire: Actor  # of the operator, reads only
    ailleurs: Actor  # the direction of another operator

    @property
    def ref(self) -> str:
        return self.ligne.ref

    def lire(self, partie: Partie = Partie.SIAO) -> queries.Texte:
        return queries.texte(self.session, self.voix[partie], self.ref)

    def clause(self, code: str) -> ConventionClause:
        trouvee = self.session.scalar(
            select(ConventionClause)
            .where(ConventionClause.convention_id == self.ligne.id, ConventionClause.code == code)
            .execution_options(populate_existing=True)
        )
        assert trouvee is not None
        return trouvee

    def dire(self, partie: Partie, code: str, position: Position, motif: str = "") -> None:
        service.prendre_position(
            self.session,
            self.clock,
            self.voix[partie],
            self.ref,
            code,
            self.clause(code).version,
            position=position,
            motif=motif,
        )

    def ecrire(self, partie: Partie, code: str, motif: str = "", **valeurs: str) -> None:
        texte = valeurs.pop("texte", None)
        service.modifier(
            self.session,
            self.clock,
            self.voix[partie],
            self.ref,
            code,
            self.clause(code).version,
            texte=texte,
            valeurs=valeurs,
            motif=motif,
        )

    def negocier(self) -> None:
        """Open the negotiation, by the SIAO."""
        lignes.avancer(
            self.session, self.clock, self.voix[Partie.SIAO], self.ref, self.ligne.version, "negocier"
        )

    def accorder_tout(self) -> None:
        """Have each party accept everything, one clause at a time."""
        self.ecrire(Partie.SIAO, "5.1", referent="un travailleur social")
        for lue in self.lire().negociees:
            for partie in Partie:
                self.dire(partie, lue.code, Position.ACCEPTEE)


ETAPES: dict[str, Callable[[Negociation], Any]] = {}
"""What fixtures do one after the other to a negotiation, by their names: they add themselves here."""


@pytest.fixture
def negociation(
    request: pytest.FixtureRequest,
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> Negociation:
    """A text in preparation; when the test asks for one further on, it is there at once: see `ETAPES`."""
    faites = [nom for nom in ETAPES if nom in request.fixturenames]
    nom = faites[-1] if faites else "negociation"
    coulee = moules.couler(session, nom)
    if coulee is not None:
        gardee, ligne_id = coulee
        ligne = session.get_one(Convention, ligne_id)
        return replace(gardee, session=session, clock=clock, ligne=ligne, voix=dict(gardee.voix))
    faite = _ouvrir(session, clock, factories, actor_for)
    for etape in faites:
        ETAPES[etape](faite)
    gardee = replace(faite, session=None, clock=None, ligne=None, voix=dict(faite.voix))
    moules.prendre(session, nom, (gardee, faite.ligne.id))
    return faite


def _ouvrir(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Negociation:
    operateur = factories.Organisation(nom="Association L’Étoile d’Armor", siret="12345678200010")
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    ligne = factories.Convention(operateur=operateur, siao=siao, etat=etat, natures={"CHU": 12})
    publier(session, valeurs={("7.2", "delai_orientation_h"): "168"})
    faite = Negociation(
        session,
        clock,
        ligne,
        {
            Partie.OPERATEUR: actor_for(Profil.OPERATEUR_DIRECTION, operateur),
            Partie.SIAO: actor_for(Profil.SIAO_DIRECTION, siao),
            Partie.ETAT: actor_for(Profil.ETAT_PILOTE, etat),
        },
        actor_for(Profil.GESTIONNAIRE_STRUCTURE, operateur),
        actor_for(Profil.OPERATEUR_DIRECTION, factories.Organisation()),
    )
    ouverture.ouvrir(session, clock, faite.voix[Partie.SIAO], ligne.ref, ligne.version)
    return faite
