"""« Qui est mon interlocuteur ? »: for each subject, whom to call, or who should name someone.

Asked from a structure, a commune or the parties of a convention (S3: « identifier une personne pivot »).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent, ReferentNature
from portal.annuaire.nomenclatures import Fonction
from portal.annuaire.queries import Ligne, couvre_commune, lignes_ou
from portal.annuaire.service import fonctions_de
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Commune, Organisation, OrganisationDepartement, Structure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.errors import NotVisible
from portal.shared.text import normalise

PILOTES = (TypeOrganisation.SIAO, TypeOrganisation.ETAT)
AUTRES = 200  # functions told of the organisations that nobody named


@dataclass(frozen=True)
class Partenaire:
    """An organisation whose functions are looked for."""

    id: int
    ref: str
    nom: str
    type: TypeOrganisation


@dataclass(frozen=True)
class Sujet:
    """A function at a partner's. `lignes`: those who hold it, none when it has no entry."""

    fonction: Fonction
    partenaire: Partenaire
    lignes: Sequence[Ligne]

    @property
    def vide(self) -> bool:
        """Whether nobody holds it."""
        return all(ligne.vide for ligne in self.lignes)


@dataclass(frozen=True)
class Contexte:
    """Where one asks from: partners, a structure, a commune; `autres`: whoever covers it is asked too."""

    departement_code: str
    partenaires: Sequence[Partenaire] = ()
    structure_id: int | None = None
    commune_code: str | None = None
    natures: Sequence[str] = ()
    autres: bool = False


@dataclass(frozen=True)
class Reponses:
    """The subjects of a context. `coupe`: more organisations answer than are told here."""

    sujets: Sequence[Sujet]
    coupe: bool = False


@dataclass(frozen=True)
class Vue:
    """What is shown of the subjects. `par_fonction`, `partenaires`: how many there are before any choice."""

    sujets: Sequence[Sujet]
    par_fonction: Sequence[tuple[Fonction, int]]
    partenaires: int


def choisir(sujets: Sequence[Sujet], fonction_code: str = "", partenaire: str = "") -> Vue:
    """Return the subjects of one function, at partners whose name has some words; all without a choice."""
    comptes: dict[str, tuple[Fonction, int]] = {}
    for sujet in sujets:
        comptes[sujet.fonction.code] = (sujet.fonction, comptes.get(sujet.fonction.code, (None, 0))[1] + 1)
    mots = normalise(partenaire).split()
    gardes = [
        sujet
        for sujet in sujets
        if fonction_code in ("", sujet.fonction.code)
        and all(mot in normalise(sujet.partenaire.nom) for mot in mots)
    ]
    return Vue(gardes, list(comptes.values()), len({sujet.partenaire.id for sujet in sujets}))


def repondre(session: Session, actor: Actor, contexte: Contexte, jour: date) -> Reponses:
    """Return the subjects of a context, partner by partner, in the order of the functions.

    The functions of its partners are read whole: one said to be empty is empty. Those of whoever else
    covers a commune are `AUTRES` at most.
    """
    fonctions = fonctions_de(session, contexte.departement_code)
    partenaires = {one.id: one for one in contexte.partenaires if _sollicite(actor, one)}
    conditions = [Referent.departement_code == contexte.departement_code, _de_la_structure(contexte)]
    if contexte.commune_code:
        conditions.append(couvre_commune(session, contexte.departement_code, contexte.commune_code))
    if contexte.natures:
        conditions.append(
            or_(
                ~Referent.natures.any(),
                Referent.natures.any(ReferentNature.nature_code.in_(contexte.natures)),
            )
        )
    des_partenaires = Referent.organisation_id.in_(list(partenaires))
    lignes = lignes_ou(session, actor, jour, *conditions, des_partenaires)
    coupe = False
    if contexte.autres:
        autres = lignes_ou(session, actor, jour, *conditions, ~des_partenaires, limite=AUTRES + 1)
        lignes, coupe = [*lignes, *autres[:AUTRES]], len(autres) > AUTRES
    groupes: dict[tuple[int, str], list[Ligne]] = {}
    for ligne in lignes:
        partenaires.setdefault(ligne.organisation_id, _partenaire(ligne))
        groupes.setdefault((ligne.organisation_id, ligne.fonction_code), []).append(ligne)
    found = []
    for partenaire in partenaires.values():
        attendus = {code for code, one in fonctions.items() if _attendue(one, partenaire, contexte)}
        for code, fonction in fonctions.items():
            lues = groupes.get((partenaire.id, code), [])
            if lues or code in attendus:
                found.append(Sujet(fonction, partenaire, _les_plus_proches(lues, contexte)))
    return Reponses(found, coupe)


def _sollicite(actor: Actor, partenaire: Partenaire) -> bool:
    """Tell whether a reader is told of a partner's empty functions: as `queries.visible_to`."""
    return actor.profil is not Profil.INVITE_PONCTUEL or partenaire.type is TypeOrganisation.SIAO


def pilotes(session: Session, departement_code: str) -> list[Partenaire]:
    """Return the open SIAO and State's services of a département."""
    rows = session.execute(
        select(Organisation.id, Organisation.ref, Organisation.nom, Organisation.type)
        .join(OrganisationDepartement, OrganisationDepartement.organisation_id == Organisation.id)
        .where(
            OrganisationDepartement.departement_code == departement_code,
            Organisation.type.in_(PILOTES),
            Organisation.fermee_le.is_(None),
        )
        .order_by(Organisation.type.desc(), Organisation.tri, Organisation.id)
    )
    return [Partenaire(row.id, row.ref, row.nom, row.type) for row in rows]


def d_une_structure(session: Session, structure: Structure) -> Contexte:
    """Return the context of a structure, which the caller knows to be visible."""
    organisation = structure.organisation
    own = Partenaire(organisation.id, organisation.ref, organisation.nom, organisation.type)
    return Contexte(
        departement_code=structure.departement_code,
        partenaires=[own, *pilotes(session, structure.departement_code)],
        structure_id=structure.id,
        commune_code=structure.commune_code,
        natures=sorted({row.nature_code for row in structure.places}),
    )


def d_une_commune(session: Session, actor: Actor, commune_code: str) -> tuple[Contexte, str]:
    """Return the context of a commune of the actor's départements, and its name; raises NotVisible."""
    row = session.execute(
        select(Commune.nom, Commune.departement_code).where(
            Commune.code == commune_code, Commune.departement_code.in_(actor.departements)
        )
    ).one_or_none()
    if row is None:
        raise NotVisible(commune_code)
    here = pilotes(session, row.departement_code)
    return Contexte(row.departement_code, here, commune_code=commune_code, autres=True), row.nom


def d_une_convention(departement_code: str, parties: Sequence[Organisation]) -> Contexte:
    """Return the context of the parties of a convention, which the caller knows to be visible."""
    return Contexte(departement_code, [Partenaire(one.id, one.ref, one.nom, one.type) for one in parties])


def _de_la_structure(contexte: Contexte) -> ColumnElement[bool]:
    """Leave out the functions of other structures: those of the organisation as a whole answer for all."""
    if contexte.structure_id is None:
        if not contexte.commune_code:
            return Referent.structure_id.is_(None)
        inside = select(Structure.id).where(Structure.commune_code == contexte.commune_code)
        return or_(Referent.structure_id.is_(None), Referent.structure_id.in_(inside))
    return or_(Referent.structure_id.is_(None), Referent.structure_id == contexte.structure_id)


def _attendue(fonction: Fonction, partenaire: Partenaire, contexte: Contexte) -> bool:
    if contexte.autres and partenaire.type not in PILOTES:
        return False
    return partenaire.type in fonction.attendue


def _les_plus_proches(lignes: Sequence[Ligne], contexte: Contexte) -> Sequence[Ligne]:
    """Keep, of a function, those of the structure itself when someone answers there."""
    propres = [ligne for ligne in lignes if ligne.structure_id == contexte.structure_id]
    answered = contexte.structure_id is not None and any(ligne.repond for ligne in propres)
    return propres if answered else lignes


def _partenaire(ligne: Ligne) -> Partenaire:
    return Partenaire(ligne.organisation_id, ligne.organisation_ref, ligne.organisation, ligne.type)
