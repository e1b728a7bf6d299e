"""The SIAO and the State's service of a line: the one named, the only one there may be, or a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.creation import services_de
from portal.conventions.import_suivi.colonnes import Champ
from portal.conventions.import_suivi.lecture import LigneLue
from portal.documents.constats import Question, cle_de_mot
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Departement, Organisation
from portal.security.permissions import ETAT
from portal.security.permissions import SIAO as PROFILS_SIAO
from portal.security.policy import Actor
from portal.shared.text import normalise

_COMMUNS = frozenset(  # words that say what such an organisation is, and not which one
    {"accueil", "d", "de", "departement", "departemental", "des", "du", "et", "etat", "integre", "l", "la"}
    | {"le", "les", "orientation", "pour", "service", "siao", "unite"}
)


@dataclass(frozen=True)
class Siao:
    """A SIAO where the actor may import."""

    id: int
    ref: str
    nom: str
    sigle: str
    departement_code: str


@dataclass(frozen=True)
class Candidat:
    """A SIAO or a State's service that a line may name, with the words it is known by."""

    id: int
    ref: str
    nom: str
    noms: frozenset[str]
    mots: frozenset[str]


def siaos_de(session: Session, actor: Actor) -> list[Siao]:
    """Return the SIAO whose lines the actor may import: its own, or those of the State's département."""
    if actor.profil in PROFILS_SIAO:
        condition = Organisation.id == actor.organisation_id
    elif actor.profil in ETAT:
        condition = Organisation.departement_code == actor.departement_code
    else:
        return []
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.departement_code,
        )
        .where(
            condition,
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.fermee_le.is_(None),
            Organisation.fusionnee_dans_id.is_(None),
        )
        .order_by(Organisation.tri, Organisation.id)
    )
    return [Siao(*row) for row in rows]


class Parties:
    """The SIAO and the State's services of the actor's département, among which each line finds its own."""

    def __init__(
        self, session: Session, actor: Actor, siaos: Sequence[Siao], mots: Mapping[str, str]
    ) -> None:
        code = siaos[0].departement_code
        lieu = session.scalar(select(Departement.nom).where(Departement.code == code)) or ""
        self._mots = mots
        self._siaos = {siao.ref: siao for siao in siaos}
        self._candidats = [_candidat(s.id, s.ref, s.nom, s.sigle, f"{code} {lieu}") for s in siaos]
        services = services_de(session, code)
        self._services = [_candidat(s.id, s.ref, s.nom, s.sigle, f"{code} {lieu}") for s in services]
        usuels = {s.ref for s in services if s.departement_code == code} or {s.ref for s in services}
        if actor.profil in ETAT and any(s.ref == actor.organisation_ref for s in services):
            usuels = {actor.organisation_ref}
        self._usuels = [s for s in self._services if s.ref in usuels]
        self._code = code

    def choix(self) -> dict[str, list[tuple[str, str]]]:
        """Return what may answer a question about a SIAO or a service: references and names, by column."""
        return {
            Champ.SIAO.value: [(c.ref, c.nom) for c in self._candidats],
            Champ.SERVICE.value: [(c.ref, c.nom) for c in self._services],
        }

    def siao(self, lue: LigneLue) -> Siao | None:
        """Return the SIAO of a line; None, and the reason told, when it cannot be known."""
        trouve = self._chercher(lue, Champ.SIAO, lue.siao, self._candidats, self._candidats)
        return self._siaos[trouve.ref] if trouve else None

    def service(self, lue: LigneLue) -> int | None:
        """Return the key of the State's service that signs; None, and the reason told, when it is unknown."""
        if not self._services:
            lue.refuser(Champ.SERVICE, "conventions.etat_absent", departement=self._code)
            return None
        trouve = self._chercher(lue, Champ.SERVICE, lue.service, self._services, self._usuels)
        return trouve.id if trouve else None

    def _chercher(
        self,
        lue: LigneLue,
        champ: Champ,
        ecrit: str,
        candidats: Sequence[Candidat],
        usuels: Sequence[Candidat],
    ) -> Candidat | None:
        if not ecrit and len(usuels) == 1:
            return usuels[0]
        nommes = _nommes(ecrit, candidats) if ecrit else []
        if len(nommes) == 1:
            return nommes[0]
        choisi = self._mots.get(cle_de_mot(champ, ecrit), "")
        lue.questions.append(Question(champ, ecrit, choisi, _proches(ecrit, candidats)))
        repondu = next((candidat for candidat in candidats if candidat.ref == choisi), None)
        if repondu is None:
            noms = " ; ".join(candidat.nom for candidat in candidats)
            suite = "inconnu" if ecrit else "absent"
            lue.refuser(
                champ, f"conventions.import_{champ.value}_{suite}", valeur=ecrit[:60], noms=noms[:300]
            )
        return repondu


def _candidat(id_: int, ref: str, nom: str, sigle: str, lieu: str) -> Candidat:
    noms = frozenset(normalise(texte) for texte in (nom, sigle) if texte)
    return Candidat(id_, ref, nom, noms, frozenset(normalise(f"{nom} {sigle} {lieu}").split()) - _COMMUNS)


def _nommes(ecrit: str, candidats: Sequence[Candidat]) -> list[Candidat]:
    """Return those that a text names: by its name or acronym, else by words that are all its own."""
    cherche = normalise(ecrit)
    exacts = [candidat for candidat in candidats if cherche in candidat.noms]
    mots = frozenset(cherche.split()) - _COMMUNS
    return exacts or [candidat for candidat in candidats if mots <= candidat.mots]


def _proches(ecrit: str, candidats: Sequence[Candidat]) -> tuple[str, ...]:
    mots = frozenset(normalise(ecrit).split()) - _COMMUNS
    return tuple(candidat.ref for candidat in candidats if mots & candidat.mots)
