"""The other people of an organisation, as those who may receive what someone hands over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from sqlalchemy import select

from portal.comptes.models import Adhesion, Personne
from portal.security.permissions import Profil
from portal.shared.db import AnySelect
from portal.shared.ensemble import rang


@dataclass(frozen=True)
class Successeur:
    """Who may receive something, someone or a function.

    `email`: where to tell them, empty when it is not known; `personne_id`: their account. Of a function: of
    whoever answers for it. `nom_en`: the name in English of what has one in each language.
    """

    cle: str
    nom: str
    email: str = ""
    personne_id: int | None = None
    nom_en: str = ""

    def en_langue(self, langue: str) -> str:
        """Return the name in a language."""
        return self.nom_en if langue == "en" and self.nom_en else self.nom


@dataclass(frozen=True)
class Equipe:
    """The other people of an organisation, in order, each with the profiles that they have there."""

    profils: dict[Successeur, set[Profil]]

    def avec(self, profils: Collection[Profil]) -> list[Successeur]:
        """Return those who have one of these profiles."""
        return [un for un, siens in self.profils.items() if not siens.isdisjoint(profils)]

    def tous(self) -> list[Successeur]:
        """Return everyone."""
        return list(self.profils)


def lecture(organisation_id: int, sauf: int) -> AnySelect:
    """Return what to read of an organisation's people, one of them left out. `lue` makes it a team."""
    return (
        select(
            Personne.id,
            Personne.ref,
            Personne.prenom,
            Personne.nom,
            Personne.email,
            Adhesion.profil,
            rang(Personne.tri, Personne.id),
        )
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(
            Adhesion.organisation_id == organisation_id,
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
            Personne.id != sauf,
        )
    )


def lue(rows: Sequence[SimpleNamespace]) -> Equipe:
    """Return the team that `lecture` read, its rows in order."""
    profils: dict[Successeur, set[Profil]] = {}
    for row in rows:
        un = Successeur(f"p{row.ref}", f"{row.prenom} {row.nom}".strip(), row.email, row.id)
        profils.setdefault(un, set()).add(row.profil)
    return Equipe(profils)
