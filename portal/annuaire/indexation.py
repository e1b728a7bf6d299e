"""Keeping the search columns of entries as their labels, their holders and their territories now are."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire.enums import Role
from portal.annuaire.models import FonctionLocale, Referent, Titulaire
from portal.annuaire.nomenclatures import Fonction, fonctions
from portal.annuaire.texte import Indexe, composer
from portal.organisations.models import Arrondissement, Commune, Departement, Epci, Nature
from portal.organisations.natures import Libelle
from portal.organisations.referentiel import Lieu, Maille
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.text import sort_key

LOT = 500
ANCIENS_MOIS = 12
"""How long the name of who left still finds the function: the time that people take to hear of it [P]."""


def indexer(session: Session, clock: Clock, referent: Referent) -> None:
    """Write the search columns of an entry; a closed one is found by nothing."""
    if referent.ferme_le is not None:
        referent.texte_recherche = referent.poids_recherche = ""
        referent.tri = referent.tri or sort_key(referent.fonction_code)
        return
    textes = composer(_lire(session, referent, aujourdhui(session, clock, referent.departement_code)))
    referent.tri = textes.tri
    referent.texte_recherche = textes.texte_recherche
    referent.poids_recherche = textes.poids_recherche


def reindexer(session: Session, clock: Clock, *conditions: ColumnElement[bool]) -> int:
    """Write again the search columns of the open entries that meet some conditions; return how many.

    After a change of name, or of the abbreviations of `seeds/reference/annuaire`.
    """
    done, last = 0, 0
    while True:
        rows = session.scalars(
            select(Referent)
            .where(Referent.ferme_le.is_(None), Referent.id > last, *conditions)
            .order_by(Referent.id)
            .limit(LOT)
            .options(
                joinedload(Referent.organisation),
                joinedload(Referent.structure),
                selectinload(Referent.titulaires),
                selectinload(Referent.territoires),
                selectinload(Referent.natures),
            )
        ).all()
        for referent in rows:
            indexer(session, clock, referent)
        session.flush()
        done += len(rows)
        if len(rows) < LOT:
            return done
        last = rows[-1].id


def aujourdhui(session: Session, clock: Clock, departement_code: str) -> date:
    """Return the civil date in a département."""
    with session.no_autoflush:
        departement = session.get(Departement, departement_code)
    return clock.today(departement.fuseau) if departement else clock.today()


def _est_ancien(titulaire: Titulaire, jour: date) -> bool:
    """Tell whether someone left, and not so long ago that nobody looks for them any more."""
    return titulaire.au is not None and plus_mois(jour, -ANCIENS_MOIS) <= titulaire.au < jour


def fonction_de(session: Session, code: str) -> Fonction:
    """Return a function by its code; one that left the list keeps its code for a name."""
    known = fonctions().get(code)
    if known is not None:
        return known
    row = session.scalar(select(FonctionLocale).where(FonctionLocale.code == code))
    label = Libelle(row.libelle, row.libelle) if row is not None else Libelle(code, code)
    return Fonction(code, label, label, row is not None and row.unicite)


def _lire(session: Session, referent: Referent, jour: date) -> Indexe:
    """Return an entry as the search sees it."""
    organisation, structure = referent.organisation, referent.structure
    lieux = [Lieu(row.maille, row.code) for row in referent.territoires]
    commune = _commune(session, structure.commune_code if structure else None)
    courants = [row for row in referent.titulaires if row.au is None or row.au >= jour]
    tenant = next((row for row in courants if row.role is Role.TITULAIRE and row.du <= jour), None)
    with session.no_autoflush:
        departement = session.get(Departement, referent.departement_code)
        nommees, tues = noms_des_lieux(session, lieux)
        return Indexe(
            fonction=fonction_de(session, referent.fonction_code),
            organisation=organisation.nom,
            sigle=organisation.sigle,
            type=organisation.type,
            departement_code=referent.departement_code,
            departement=departement.nom if departement else "",
            structure=structure.nom if structure else "",
            mention=referent.mention,
            nom=tenant.nom_complet if tenant else "",
            suppleants=[row.nom_complet for row in courants if row is not tenant],
            anciens=[row.nom_complet for row in referent.titulaires if _est_ancien(row, jour)][:3],
            telephones=_distincts((referent.telephone, *(row.telephone for row in courants))),
            emails=_distincts((referent.email, *(row.email for row in courants))),
            commune=commune[0],
            codes_postaux=commune[1],
            territoires=lieux,
            lieux=nommees,
            lieux_tus=tues,
            natures=_natures(session, [row.nature_code for row in referent.natures]),
            publics=referent.publics,
        )


def _commune(session: Session, code: str | None) -> tuple[str, str]:
    if code is None:
        return "", ""
    row = session.execute(
        select(Commune.nom, Commune.codes_postaux).where(Commune.code == code)
    ).one_or_none()
    return (row.nom, row.codes_postaux) if row else ("", "")


def noms_des_lieux(session: Session, lieux: Sequence[Lieu]) -> tuple[list[str], list[str]]:
    """Return the names of territories, and those of the communes of the EPCIs among them. One statement."""
    if not lieux:
        return [], []
    codes = {maille: [lieu.code for lieu in lieux if lieu.maille is maille] for maille in Maille}
    rows = session.execute(
        union_all(
            _noms(0, Commune, Commune.code.in_(codes[Maille.COMMUNE])),
            _noms(1, Epci, Epci.code.in_(codes[Maille.EPCI])),
            _noms(2, Arrondissement, Arrondissement.code.in_(codes[Maille.ARRONDISSEMENT])),
            _noms(_DEDANS, Commune, Commune.epci_code.in_(codes[Maille.EPCI])),
        ).order_by("rang", "code")  # an entry written again keeps the same text
    ).all()
    nommes = [row.nom for row in rows if row.rang != _DEDANS]
    return nommes, [row.nom for row in rows if row.rang == _DEDANS]


_DEDANS = 3


def _noms(rang: int, table: Any, condition: ColumnElement[bool]) -> Select[Any]:
    return select(literal(rang).label("rang"), table.code.label("code"), table.nom.label("nom")).where(
        condition
    )


def _natures(session: Session, codes: Sequence[str]) -> list[tuple[str, str]]:
    if not codes:
        return []
    rows = session.execute(
        select(Nature.code, Nature.libelle).where(Nature.code.in_(codes)).order_by(Nature.ordre)
    )
    return [(row.code, row.libelle) for row in rows]


def _distincts(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))
