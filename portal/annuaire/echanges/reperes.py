"""What the reading of a table needs to know of the portal, loaded once: organisations, territories, words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from portal.annuaire.echanges.champs import Champ
from portal.annuaire.nomenclatures import Fonction
from portal.annuaire.saisie import cles_de_commune
from portal.annuaire.service import Place, fonctions_de
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import (
    Arrondissement,
    Commune,
    Departement,
    Epci,
    Nature,
    Organisation,
    OrganisationDepartement,
    Structure,
)
from portal.organisations.natures_ecrites import Lexique
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.text import normalise, sort_key

ECARTEE = "-"  # answer about an unknown organisation: leave its lines aside
PROCHES, RESSEMBLANCE = 5, 0.6
_INTERCO = re.compile(
    r"^(?:communaute (?:de communes|d agglomeration|urbaine)|metropole|cc|ca|cu|agglo|com com) "
)
_ARRONDISSEMENT = re.compile(r"^(?:arrondissement|arrdt) (?:de |du |d )?")


@dataclass(frozen=True)
class StructureConnue:
    """An open structure of an organisation."""

    id: int
    nom: str
    finess: str | None
    departement_code: str


@dataclass(frozen=True)
class Organisme:
    """An organisation that the table may speak of; `departements`: those where it and the actor work."""

    id: int
    ref: str
    nom: str
    sigle: str
    siren: str | None
    type: TypeOrganisation
    departements: tuple[str, ...]
    structures: tuple[StructureConnue, ...] = ()


@dataclass
class Reperes:
    """Everything that reading a line looks at. `mots`: what a person said that words of the file mean."""

    actor: Actor
    jour: date
    fonctions: Mapping[str, Mapping[str, Fonction]]  # by département
    departements: Mapping[str, str]
    lexique: Lexique
    natures: Mapping[str, str]  # labels in the actor's language
    organismes: Sequence[Organisme]
    communes: Mapping[str, Mapping[str, list[tuple[str, str]]]]  # département → key → (code, postcodes)
    lieux: Mapping[str, Mapping[str, Lieu]]  # département → name → EPCI or arrondissement
    mots: Mapping[str, str] = field(default_factory=dict)
    inverses: frozenset[Champ] = frozenset()  # columns that give the last name first

    def __post_init__(self) -> None:
        self.par_ref = {one.ref: one for one in self.organismes}
        self.par_id = {one.id: one for one in self.organismes}
        self._par_nom: dict[str, list[Organisme]] = defaultdict(list)
        for one in self.organismes:
            for cle in {sort_key(one.nom), sort_key(one.sigle)} - {""}:
                self._par_nom[cle].append(one)
        self._proches: dict[str, tuple[Organisme, ...]] = {}

    @property
    def propre(self) -> Organisme | None:
        """The actor's own organisation: of whoever may write no other's entries."""
        return None if self.actor.profil in SIAO else self.par_id.get(self.actor.organisation_id)

    def organisme(self, nom: str, siren: str) -> Organisme | None:
        """Return the one organisation that a name or a SIREN says; None when it is none, or several."""
        nommes = self._par_nom.get(sort_key(nom), []) if nom else []
        if siren:
            portes = [one for one in self.organismes if one.siren == siren]
            nommes = [one for one in nommes if one in portes] or portes or nommes
        return nommes[0] if len(nommes) == 1 else None

    def proches(self, nom: str) -> tuple[Organisme, ...]:
        """Return the organisations whose names look like one, those of the same name first."""
        if nom not in self._proches:
            cles = get_close_matches(sort_key(nom), list(self._par_nom), PROCHES, RESSEMBLANCE)
            trouves = dict.fromkeys(one for cle in cles for one in self._par_nom[cle])
            self._proches[nom] = tuple(trouves)[:PROCHES]
        return self._proches[nom]

    def peut(self, organisme: Organisme, departement_code: str) -> bool:
        """Tell whether the actor may write entries of an organisation in a département."""
        return can(self.actor, Permission.ANNUAIRE_MODIFIER, Place(organisme.id, departement_code))

    def commune(self, ecrit: str, departement_code: str) -> list[str]:
        """Return the codes of the communes that a writing may mean, with its postcode or INSEE code."""
        connues = self.communes.get(departement_code, {})
        if re.fullmatch(r"\d[\dAB]\d{3}", ecrit.strip()):
            codes = [code for rows in connues.values() for code, _postaux in rows if code == ecrit.strip()]
            if codes:
                return codes
        postal = re.search(r"\b\d{5}\b", ecrit)
        nom = re.sub(r"\b\d{5}\b|[()]", " ", ecrit)
        trouvees = {code: postaux for cle in cles_de_commune(nom) for code, postaux in connues.get(cle, [])}
        return [code for code, postaux in trouvees.items() if not postal or postal[0] in postaux.split()]

    def lieu(self, ecrit: str, departement_code: str) -> Lieu | None:
        """Return the EPCI or arrondissement that a writing names, with or without its kind."""
        connus = self.lieux.get(departement_code, {})
        cle = sort_key(ecrit)
        if cle in connus:
            return connus[cle]
        court = _INTERCO.sub("", _ARRONDISSEMENT.sub("arrondissement ", cle))
        candidats = {
            lieu: None
            for nom, lieu in connus.items()
            if _INTERCO.sub("", nom) == court or (len(court) > 4 and f" {court} " in f" {nom} ")
        }
        return next(iter(candidats)) if len(candidats) == 1 else None


def lire_reperes(session: Session, clock: Clock, actor: Actor, mots: Mapping[str, str]) -> Reperes:
    """Return what the reading of a table needs to know; ten statements or so."""
    codes = actor.departements
    natures = session.execute(
        select(Nature.code, Nature.libelle, Nature.libelle_en).order_by(Nature.ordre)
    ).all()
    departements = session.execute(
        select(Departement.code, Departement.nom).where(Departement.code.in_(codes))
    )
    return Reperes(
        actor=actor,
        jour=clock.today(actor.fuseau),
        fonctions={code: fonctions_de(session, code) for code in codes},
        departements={row.code: row.nom for row in departements},
        lexique=Lexique((row.code, row.libelle) for row in natures),
        natures={row.code: row.libelle_en if actor.langue == "en" else row.libelle for row in natures},
        organismes=_organismes(session, actor),
        communes=_communes(session, codes),
        lieux=_lieux(session, codes),
        mots=mots,
    )


def _organismes(session: Session, actor: Actor) -> list[Organisme]:
    """Return the open organisations whose entries the actor may write: its own, or all for a SIAO."""
    codes = actor.departements
    ou: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(
        select(OrganisationDepartement.organisation_id, OrganisationDepartement.departement_code)
        .where(OrganisationDepartement.departement_code.in_(codes))
        .order_by(OrganisationDepartement.departement_code)
    ):
        ou[row.organisation_id].append(row.departement_code)
    structures: dict[int, list[StructureConnue]] = defaultdict(list)
    for one in session.execute(
        select(
            Structure.organisation_id,
            Structure.id,
            Structure.nom,
            Structure.finess,
            Structure.departement_code,
        )
        .where(Structure.departement_code.in_(codes), Structure.fermee_le.is_(None))
        .order_by(Structure.id)
    ):
        structures[one.organisation_id].append(StructureConnue(*one[1:]))
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.siren,
            Organisation.type,
        )
        .where(
            Organisation.id.in_(
                select(OrganisationDepartement.organisation_id).where(
                    OrganisationDepartement.departement_code.in_(codes)
                )
            ),
            Organisation.fermee_le.is_(None),
            Organisation.fusionnee_dans_id.is_(None),
            true() if actor.profil in SIAO else Organisation.id == actor.organisation_id,
        )
        .order_by(Organisation.tri, Organisation.id)
    )
    return [
        Organisme(*row, departements=tuple(ou[row.id]), structures=tuple(structures[row.id])) for row in rows
    ]


def _communes(session: Session, codes: Sequence[str]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    found: dict[str, dict[str, list[tuple[str, str]]]] = {code: defaultdict(list) for code in codes}
    rows = session.execute(
        select(Commune.departement_code, Commune.code, Commune.tri, Commune.codes_postaux)
        .where(Commune.departement_code.in_(codes))
        .order_by(Commune.code)
    )
    for row in rows:
        found[row.departement_code][row.tri].append((row.code, row.codes_postaux))
    return found


def _lieux(session: Session, codes: Sequence[str]) -> dict[str, dict[str, Lieu]]:
    found: dict[str, dict[str, Lieu]] = {code: {} for code in codes}
    epcis = session.execute(
        select(Commune.departement_code, Epci.code, Epci.nom)
        .join(Epci, Epci.code == Commune.epci_code)
        .where(Commune.departement_code.in_(codes))
        .distinct()
        .order_by(Epci.code)
    )
    for row in epcis:
        found[row.departement_code][sort_key(row.nom)] = Lieu(Maille.EPCI, row.code)
    arrondissements = session.execute(
        select(Arrondissement.departement_code, Arrondissement.code, Arrondissement.nom)
        .where(Arrondissement.departement_code.in_(codes))
        .order_by(Arrondissement.code)
    )
    for row in arrondissements:
        lieu = Lieu(Maille.ARRONDISSEMENT, row.code)
        found[row.departement_code][f"arrondissement {sort_key(row.nom)}"] = lieu
        found[row.departement_code].setdefault(sort_key(row.nom), lieu)
    return found


def noms_proches(nom: str, connus: Iterable[str]) -> list[str]:
    """Return the names that look like one, the closest first."""
    par_cle = {normalise(connu): connu for connu in connus}
    return [par_cle[cle] for cle in get_close_matches(normalise(nom), list(par_cle), PROCHES, RESSEMBLANCE)]
