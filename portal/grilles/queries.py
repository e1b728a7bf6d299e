"""Reading the grid's models: the version in force of a département, its drafts, what changed in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.policies import partie_pilote
from portal.conventions.modeles.queries import Attendu, attendus, pointer
from portal.grilles.contenu import Champ, Grille, Item, Section
from portal.grilles.models import GrilleItem, GrilleModele, GrilleValidation
from portal.grilles.policies import departements_lus
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import DomainError, NotVisible


def departement_choisi(actor: Actor, code: str | None) -> str:
    """Return the département to show: the one asked for, else the actor's. Raises NotVisible."""
    lus = departements_lus(actor)
    if code is not None and code not in lus:
        raise NotVisible(code)
    return code or lus[0]


def versions(session: Session, actor: Actor, departement_code: str) -> Sequence[AnyRow]:
    """Return the versions of a département that the actor may read, newest first."""
    rows = fetch(
        session,
        select(
            GrilleModele.ref,
            GrilleModele.numero,
            GrilleModele.statut,
            GrilleModele.departement_code,
            GrilleModele.publiee_le,
            GrilleModele.publiee_par,
        )
        .where(GrilleModele.departement_code == departement_code)
        .order_by(GrilleModele.numero.desc()),
    )
    return [row for row in rows if can(actor, Permission.GRILLES_LIRE, row)]


def version(session: Session, actor: Actor, ref: str) -> GrilleModele:
    """Return a version with its questions and validations. Raises NotVisible."""
    found = session.scalar(_ENTIERE.where(GrilleModele.ref == ref))
    if found is None or not can(actor, Permission.GRILLES_LIRE, found):
        raise NotVisible(ref)
    return found


def nationale(session: Session) -> GrilleModele:
    """Return the last national version. Raises DomainError when none is loaded."""
    found = session.scalar(
        _ENTIERE.where(GrilleModele.departement_code.is_(None)).order_by(GrilleModele.numero.desc()).limit(1)
    )
    if found is None:
        raise DomainError("grilles.absente")
    return found


def derniere(
    session: Session, departement_code: str, statut: StatutVersion | None = None
) -> GrilleModele | None:
    """Return the last version of a département, of one statut when it is given."""
    statement = _ENTIERE.where(GrilleModele.departement_code == departement_code)
    if statut is not None:
        statement = statement.where(GrilleModele.statut == statut)
    return session.scalar(statement.order_by(GrilleModele.numero.desc()).limit(1))


def numero_suivant(session: Session, departement_code: str | None) -> int:
    """Return the number of the next version of a département; None: of the national grid."""
    where = (
        GrilleModele.departement_code.is_(None)
        if departement_code is None
        else GrilleModele.departement_code == departement_code
    )
    return (session.scalar(select(func.max(GrilleModele.numero)).where(where)) or 0) + 1


def contenu(version: GrilleModele) -> Grille:
    """Return the content of a version that was read with its questions."""
    return Grille(
        version.libelle,
        tuple(
            Section(
                s["code"],
                s["titre"],
                s["consigne"],
                tuple(item(row) for row in version.items if row.section == s["code"]),
            )
            for s in version.sections
        ),
    )


def item(row: GrilleItem) -> Item:
    """Return a question out of its row."""
    return Item(
        row.code, row.libelle, row.aide, tuple(Champ.from_json(champ) for champ in row.champs), row.posee
    )


def validations(session: Session, version: GrilleModele) -> list[Attendu]:
    """Return the State and each SIAO of the département, with when and by whom each validated."""
    assert version.departement_code is not None
    return pointer(attendus(session, version.departement_code), version.validations)


@dataclass(frozen=True)
class Changement:
    """One change of a question: when, by whom, why, in which version, and what of it changed."""

    le: datetime
    auteur: str
    motif: str
    version: int
    quoi: Sequence[str]


def historique(session: Session, departement_code: str, code: str) -> list[Changement]:
    """Return the changes of a question through every version of a département, newest first."""
    rows = (
        select(GrilleItem.id)
        .join(GrilleModele, GrilleModele.id == GrilleItem.modele_id)
        .where(GrilleModele.departement_code == departement_code, GrilleItem.code == code)
    )
    entries: Iterable[EntreeJournal] = session.scalars(
        select(EntreeJournal)
        .where(
            EntreeJournal.objet_type == GrilleItem.__tablename__,
            EntreeJournal.objet_id.in_(rows),
        )
        .order_by(EntreeJournal.id.desc())
        .limit(50)
    )
    return [
        Changement(
            le=entry.le,
            auteur=entry.auteur,
            motif=entry.changements["motif"],
            version=entry.changements["version"],
            quoi=[cle for cle, valeur in entry.changements.items() if isinstance(valeur, list)],
        )
        for entry in entries
    ]


A_VALIDER = "grille_a_valider"


def attentes(actor: Actor) -> list[AnySelect]:
    """Return what to look for: the drafts that the actor's party has not validated yet (`ref`, `nombre`: its
    number)."""
    if not can(actor, Permission.GRILLES_ENGAGER):
        return []
    partie = partie_pilote(actor)
    siennes = select(GrilleValidation.id).where(
        GrilleValidation.modele_id == GrilleModele.id, GrilleValidation.partie == partie
    )
    if partie is Partie.SIAO:  # each SIAO of a département speaks for itself
        siennes = siennes.where(GrilleValidation.organisation_id == actor.organisation_id)
    return [
        attente(A_VALIDER, ref=GrilleModele.ref, nombre=GrilleModele.numero).where(
            GrilleModele.departement_code.in_(departements_lus(actor)),
            GrilleModele.statut == StatutVersion.BROUILLON,
            ~siennes.exists(),
        )
    ]


_ENTIERE = select(GrilleModele).options(
    selectinload(GrilleModele.items), selectinload(GrilleModele.validations)
)
