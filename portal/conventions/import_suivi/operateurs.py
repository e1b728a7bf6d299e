"""Finding the operator that a line names: by SIREN, by name or acronym; else close names to choose from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.conventions.import_suivi.lecture import LigneLue
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.shared.text import sort_key

PAR_LOT = 500
PROPOSITIONS = 3
RESSEMBLANCE = 0.6
COMPARES = 300
_MOTS_VIDES = frozenset(
    {"association", "asso", "fondation", "centre", "groupe", "pour", "dans", "les", "des"}
)


@dataclass(frozen=True)
class Connu:
    """An organisation that may be the operator of a line."""

    id: int
    ref: str
    nom: str
    sigle: str
    siren: str | None
    tri: str
    ici: bool  # works in the département


@dataclass
class Inconnu:
    """An operator that no organisation stands for yet: to be created, or matched with a close one."""

    cle: str
    nom: str
    siren: str | None
    lignes: list[int] = field(default_factory=list)
    propositions: list[Connu] = field(default_factory=list)


def cle_de(ligne: LigneLue) -> str:
    """Return what two lines of one operator have in common: its SIREN, else its name."""
    return ligne.siren or sort_key(ligne.operateur)


class Annuaire:
    """The organisations among which the operators of a table are looked for."""

    def __init__(self, connus: Iterable[Connu]) -> None:
        self.par_ref: dict[str, Connu] = {}
        self._siren: dict[str, list[Connu]] = defaultdict(list)
        self._nom: dict[str, list[Connu]] = defaultdict(list)
        self._sigle: dict[str, list[Connu]] = defaultdict(list)
        self._mots: dict[str, list[Connu]] = defaultdict(list)
        for connu in connus:
            self.par_ref[connu.ref] = connu
            self._nom[connu.tri].append(connu)
            if connu.siren:
                self._siren[connu.siren].append(connu)
            if connu.sigle:
                self._sigle[sort_key(connu.sigle)].append(connu)
            for mot in _mots(connu.tri):
                self._mots[mot].append(connu)

    def trouver(self, ligne: LigneLue) -> Connu | None:
        """Return the one organisation that the line names; None when there is none, or several."""
        if ligne.siren:
            return _seul(self._siren[ligne.siren])
        nom = sort_key(ligne.operateur)
        ici = [connu for connu in (*self._nom[nom], *self._sigle[nom]) if connu.ici]
        return _seul(ici or self._nom[nom])

    def proches(self, nom: str) -> list[Connu]:
        """Return the organisations of the département whose names look like this one, the closest first."""
        cherche = sort_key(nom)
        voisins = {c.ref: c for mot in _mots(cherche) for c in self._mots[mot][:COMPARES] if c.ici}
        notes = [
            (SequenceMatcher(None, cherche, connu.tri).ratio(), connu)
            for connu in list(voisins.values())[:COMPARES]
        ]
        proches = sorted((n for n in notes if n[0] >= RESSEMBLANCE), key=lambda n: (-n[0], n[1].tri))
        return [connu for _, connu in proches[:PROPOSITIONS]]


def _seul(connus: list[Connu]) -> Connu | None:
    uniques = {connu.ref: connu for connu in connus}
    return next(iter(uniques.values())) if len(uniques) == 1 else None


def _mots(tri: str) -> set[str]:
    return {mot for mot in tri.split() if len(mot) > 3 and mot not in _MOTS_VIDES}


def lire_annuaire(
    session: Session, departement_code: str, lues: Iterable[LigneLue], choisies: Iterable[str]
) -> Annuaire:
    """Return the organisations of the département, and those that the lines name or the person chose."""
    lues = list(lues)
    sirens = {ligne.siren for ligne in lues if ligne.siren}
    noms = {sort_key(ligne.operateur) for ligne in lues if ligne.operateur}
    trouves = {c.ref: c for c in _lire(session, departement_code)}
    recherches: tuple[tuple[Any, set[str]], ...] = (
        (Organisation.siren, sirens),
        (Organisation.tri, noms),
        (Organisation.ref, set(choisies) - trouves.keys()),
    )
    for colonne, valeurs in recherches:
        ordre = sorted(valeurs)
        for debut in range(0, len(ordre), PAR_LOT):
            for connu in _lire(session, departement_code, colonne.in_(ordre[debut : debut + PAR_LOT])):
                trouves.setdefault(connu.ref, connu)
    return Annuaire(trouves.values())


def _lire(
    session: Session, departement_code: str, condition: ColumnElement[bool] | None = None
) -> list[Connu]:
    """Return the possible operators that meet a condition: by default, that they work in the département."""
    dedans: ColumnElement[bool] = (
        select(OrganisationDepartement.organisation_id)
        .where(
            OrganisationDepartement.organisation_id == Organisation.id,
            OrganisationDepartement.departement_code == departement_code,
        )
        .exists()
    )
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.siren,
            Organisation.tri,
            dedans.label("ici"),
        ).where(
            Organisation.type.not_in([TypeOrganisation.ETAT, TypeOrganisation.SIAO]),
            Organisation.fermee_le.is_(None),
            Organisation.fusionnee_dans_id.is_(None),
            dedans if condition is None else condition,
        )
    )
    return [Connu(*row) for row in rows]


def inconnus(annuaire: Annuaire, lignes: Iterable[LigneLue], choix: Mapping[str, str]) -> dict[str, Inconnu]:
    """Return the operators to create or to match, by key, with the lines that name them."""
    trouves: dict[str, Inconnu] = {}
    for ligne in lignes:
        cle = cle_de(ligne)
        if not cle or annuaire.trouver(ligne) is not None:
            continue
        inconnu = trouves.get(cle)
        if inconnu is None:
            inconnu = trouves[cle] = Inconnu(cle, ligne.operateur, ligne.siren)
            inconnu.propositions = annuaire.proches(ligne.operateur)
            choisi = annuaire.par_ref.get(choix.get(cle, ""))
            if choisi is not None and choisi not in inconnu.propositions:
                inconnu.propositions.append(choisi)
        inconnu.nom = inconnu.nom or ligne.operateur
        inconnu.lignes.append(ligne.numero)
    return trouves
