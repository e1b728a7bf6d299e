"""What the directory says of the parties of a convention on a day: functions, who holds them, who signs.

Read in nobody's eyes, for the text of a convention: its parties all read the directory (domaine.md § 10.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.annuaire.enums import Role
from portal.annuaire.models import FonctionLocale, Referent, ReferentNature, Titulaire
from portal.annuaire.nomenclatures import fonctions
from portal.comptes.models import Personne
from portal.conventions.enums import Partie
from portal.conventions.signature.models import DelegationSignature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Structure
from portal.shared.db import AnyRow, AnySelect, fetch

REFERENT_SIAO, SIGNATAIRE = "referent_siao", "signataire"
TYPES = {
    Partie.OPERATEUR: TypeOrganisation.GESTIONNAIRE,
    Partie.SIAO: TypeOrganisation.SIAO,
    Partie.ETAT: TypeOrganisation.ETAT,
}
_TENANT, _SECOND = aliased(Titulaire), aliased(Titulaire)
_COMPTE = func.coalesce(_TENANT.personne_id, Personne.id)
"""The account of who holds a function: named then, or come since with the same address."""


@dataclass(frozen=True)
class Parties:
    """Where functions are looked for: the organisation of each party, their names, the natures covered."""

    departement_code: str
    organisations: Mapping[Partie, int]
    noms: Mapping[Partie, str]
    natures: frozenset[str]


@dataclass(frozen=True)
class Signataire:
    """Who signs for a party as the directory says. `qualite`, `delegation`: empty when it does not say."""

    nom: str
    qualite: str = ""
    delegation: str = ""
    personne_id: int | None = None


@dataclass(frozen=True)
class Fonction:
    """A function of a party. `titulaire`, `suppleant`: names, empty when nobody holds it.

    `joindre`: the phone and the e-mail of the function itself, else of who holds it. `lieu`: its structure
    (`structure` true), its precision.
    """

    partie: Partie
    code: str
    libelle: str
    lieu: str = ""
    titulaire: str = ""
    suppleant: str = ""
    joindre: str = ""
    structure: bool = False
    signataire: Signataire | None = None


def en_cours(periode: Any, jour: date) -> ColumnElement[bool]:
    """The period holds the day."""
    return and_(periode.du <= jour, or_(periode.au.is_(None), periode.au >= jour))


def fonctions_des_parties(session: Session, parties: Parties, jour: date) -> list[Fonction]:
    """Return the functions of the three parties, party by party, in the order of the list. One statement.

    Those of organisations, and the « référent SIAO » that an operator names structure by structure; one that
    is expected of a party and that it does not have is there too, empty.
    """
    de = {organisation_id: partie for partie, organisation_id in parties.organisations.items()}
    lues: dict[int, AnyRow] = {}
    for row in fetch(session, _lire(parties, jour)):
        lues.setdefault(row.id, row)  # the latest delegation of who holds it
    trouvees: list[Fonction] = []
    for partie in Partie:
        siennes = [row for row in lues.values() if de[row.organisation_id] is partie]
        for code, fonction in fonctions().items():
            nom = fonction.libelle.fr
            tenues = [_fonction(row, partie, nom) for row in siennes if row.fonction_code == code]
            if not tenues and TYPES[partie] in fonction.attendue:
                tenues = [Fonction(partie, code, nom)]
            trouvees += tenues
        locales = [row for row in siennes if row.fonction_code not in fonctions()]
        trouvees += [_fonction(row, partie, row.locale or row.fonction_code) for row in locales]
    return trouvees


def referents_siao(tenues: Sequence[Fonction]) -> list[Fonction]:
    """Return the « référents SIAO » of an operator (S0): its own, else those of its structures."""
    tous = [une for une in tenues if une.code == REFERENT_SIAO and une.partie is Partie.OPERATEUR]
    return [une for une in tous if not une.structure] or tous


def signataires(tenues: Sequence[Fonction]) -> dict[Partie, Signataire]:
    """Return who signs for each party: the holder of its function « signataire », the first when several."""
    trouves: dict[Partie, Signataire] = {}
    for une in tenues:
        if une.code == SIGNATAIRE and une.signataire is not None:
            trouves.setdefault(une.partie, une.signataire)
    return trouves


def _lire(parties: Parties, jour: date) -> AnySelect:
    par_structure = and_(
        Referent.fonction_code == REFERENT_SIAO,
        Referent.organisation_id == parties.organisations[Partie.OPERATEUR],
    )
    delegation = and_(
        Referent.fonction_code == SIGNATAIRE,
        DelegationSignature.organisation_id == Referent.organisation_id,
        DelegationSignature.personne_id == _COMPTE,
        DelegationSignature.retiree_le.is_(None),
        en_cours(DelegationSignature, jour),
    )
    pour_elles = ReferentNature.nature_code.in_(sorted(parties.natures))
    return (
        select(
            Referent.id,
            Referent.organisation_id,
            Referent.fonction_code,
            Referent.mention,
            Referent.telephone,
            Referent.email,
            FonctionLocale.libelle.label("locale"),
            Structure.nom.label("structure"),
            _COMPTE.label("personne_id"),
            DelegationSignature.qualite,
            DelegationSignature.acte,
            *(
                getattr(un, colonne).label(f"{nom}_{colonne}")
                for nom, un in (("tenant", _TENANT), ("second", _SECOND))
                for colonne in ("prenom", "nom", "telephone", "email")
            ),
        )
        .outerjoin(FonctionLocale, FonctionLocale.code == Referent.fonction_code)
        .outerjoin(Structure, Structure.id == Referent.structure_id)
        .outerjoin(_TENANT, _tenu(_TENANT, Role.TITULAIRE, jour))
        .outerjoin(_SECOND, _tenu(_SECOND, Role.SUPPLEANT, jour))
        .outerjoin(Personne, and_(_TENANT.personne_id.is_(None), Personne.email == _TENANT.email))
        .outerjoin(DelegationSignature, delegation)
        .where(
            Referent.departement_code == parties.departement_code,
            Referent.organisation_id.in_(parties.organisations.values()),
            Referent.ferme_le.is_(None),
            or_(Referent.structure_id.is_(None), par_structure),
            or_(~Referent.natures.any(), Referent.natures.any(pour_elles)),
        )
        .order_by(
            Structure.tri.is_not(None),
            Structure.tri,
            FonctionLocale.tri,
            Referent.tri,
            Referent.id,
            DelegationSignature.id.desc(),
        )
    )


def _tenu(titulaire: Any, role: Role, jour: date) -> ColumnElement[bool]:
    return and_(titulaire.referent_id == Referent.id, titulaire.role == role, en_cours(titulaire, jour))


def _fonction(row: AnyRow, partie: Partie, libelle: str) -> Fonction:
    titulaire = _nom(row, "tenant")
    signe = Signataire(titulaire, row.qualite or row.mention, row.acte or "", row.personne_id)
    return Fonction(
        partie,
        row.fonction_code,
        libelle,
        ", ".join(filter(None, (row.structure, row.mention))),
        titulaire,
        _nom(row, "second"),
        ", ".join(filter(None, (_contact(row, "telephone"), _contact(row, "email")))),
        row.structure is not None,
        signe if titulaire else None,
    )


def _nom(row: AnyRow, qui: str) -> str:
    return f"{getattr(row, f'{qui}_prenom') or ''} {getattr(row, f'{qui}_nom') or ''}".strip()


def _contact(row: AnyRow, quoi: str) -> str:
    return getattr(row, quoi) or getattr(row, f"tenant_{quoi}") or ""
