"""What the loader has opened so far, who acts, and what is still to be done, each act at its own instant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from portal.comptes import acteurs
from portal.comptes.models import Adhesion, Personne
from portal.config import Settings
from portal.organisations import models
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock, FixedClock
from seeds.demo.donnees import Donnees

Acte = Callable[[Clock], object]


@dataclass
class Scene:
    """Organisations by their key in the files, people by e-mail, memberships by organisation and profile."""

    session: Session
    settings: Settings
    maintenant: datetime
    donnees: Donnees
    organisations: dict[str, models.Organisation] = field(default_factory=dict)
    personnes: dict[str, Personne] = field(default_factory=dict)
    adhesions: dict[tuple[str, Profil], Adhesion] = field(default_factory=dict)
    _acteurs: dict[int, Actor] = field(default_factory=dict)
    _actes: list[tuple[FixedClock, Acte]] = field(default_factory=list)

    def acteur(self, cle: str, profils: Iterable[Profil]) -> Actor | None:
        """Return someone of an organisation, with the first of these profiles that anyone has there."""
        for profil in profils:
            adhesion = self.adhesions.get((cle, profil))
            if adhesion is None:
                continue
            if adhesion.id not in self._acteurs:
                actor = acteurs.of_membership(self.session, adhesion.id)
                assert actor is not None
                self._acteurs[adhesion.id] = actor
            return self._acteurs[adhesion.id]
        return None

    def un(self, cle: str, *profils: Profil) -> Actor:
        """Return the same, where the files must name someone."""
        actor = self.acteur(cle, profils)
        if actor is None:
            raise LookupError(f"nobody in {cle} has a profile among {[profil.value for profil in profils]}")
        return actor

    def etat(self, departement_code: str) -> str:
        """Return the key of the State's service of a département."""
        return next(
            one.cle
            for one in self.donnees.organisations
            if one.type is TypeOrganisation.ETAT and one.departement == departement_code
        )

    def administration(self, departement_code: str) -> Actor:
        """Return the administrator of a département."""
        return self.un(self.etat(departement_code), Profil.ADMIN_DEPARTEMENT)

    def prevoir(self, clock: FixedClock, acte: Acte) -> None:
        """Note an act for its instant."""
        self._actes.append((clock, acte))

    def jouer(self) -> None:
        """Run every act noted, in the order of time; acts of one instant in the order they were noted."""
        for clock, acte in sorted(self._actes, key=lambda prevu: prevu[0].instant):
            if clock.instant > self.maintenant:
                raise ValueError(f"the demonstration tells something of the future: {clock.instant}")
            acte(clock)
        self._actes.clear()
