"""Reading one line with all that its page shows, and some lines chosen in a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import history
from portal.comptes.models import Adhesion, Personne
from portal.conventions import parametres
from portal.conventions.enums import Etat
from portal.conventions.lignes import COLONNES, Ligne, joindre, ligne_de
from portal.conventions.models import Convention, ConventionDocument
from portal.conventions.policies import LECTEURS
from portal.conventions.queries import portee
from portal.documents.models import Fichier
from portal.organisations.models import Departement, Organisation
from portal.organisations.parametres import value
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import NotVisible

LIEES = 100
HISTORIQUE = 100


@dataclass(frozen=True)
class Fiche:
    """A line with what surrounds it, on the day of its département.

    `precedente`, `suivante`: the CTP it replaces, the one that replaces it; `couple`: the other ones of the
    pair; `soeurs`: those of the same operator with other SIAO; all among what the actor may see.
    """

    convention: Convention
    ligne: Ligne
    jour: date
    fuseau: str
    precedente: Ligne | None = None
    suivante: Ligne | None = None
    couple: Sequence[Ligne] = ()
    soeurs: Sequence[Ligne] = ()
    documents: Sequence[tuple[ConventionDocument, Fichier]] = ()
    historique: Sequence[Any] = field(default=())

    @property
    def etat(self) -> Etat:
        """The state that people read today."""
        return self.ligne.etat


def fiche(session: Session, clock: Clock, actor: Actor, ref: str, *, complete: bool = False) -> Fiche:
    """Return a visible line; `complete`: with its documents and its history. Raises NotVisible.

    Three statements, five when complete, whatever their number of rows.
    """
    trouvee = (
        session.execute(
            select(Convention, Departement.fuseau)
            .join(Departement, Departement.code == Convention.departement_code)
            .where(Convention.ref == ref, portee(actor))
            .options(
                joinedload(Convention.operateur),
                joinedload(Convention.siao),
                joinedload(Convention.etat),
                joinedload(Convention.responsable),
                joinedload(Convention.signatures),
                joinedload(Convention.natures),
                joinedload(Convention.cibles),
            )
        )
        .unique()
        .one_or_none()
    )
    if trouvee is None:
        raise NotVisible(ref)
    convention, fuseau = trouvee
    jour = clock.today(fuseau)
    liees = _liees(session, actor, convention, jour)
    moi = liees.pop(convention.id)
    return Fiche(
        convention=convention,
        ligne=moi.ligne,
        jour=jour,
        fuseau=fuseau,
        precedente=liees[convention.remplace_id].ligne if convention.remplace_id in liees else None,
        suivante=next((autre.ligne for autre in liees.values() if autre.remplace_id == convention.id), None),
        couple=[autre.ligne for autre in liees.values() if autre.ligne.siao_ref == moi.ligne.siao_ref],
        soeurs=[autre.ligne for autre in liees.values() if autre.ligne.siao_ref != moi.ligne.siao_ref],
        documents=_documents(session, convention) if complete else (),
        historique=history(session, "convention", convention.id, HISTORIQUE) if complete else (),
    )


@dataclass(frozen=True)
class _Liee:
    remplace_id: int | None
    ligne: Ligne


def _liees(session: Session, actor: Actor, convention: Convention, jour: date) -> dict[int, _Liee]:
    """Return the visible lines of the same operator, itself first, the latest first, by their key."""
    delai = value(session, parametres.DELAI_RENOUVELLEMENT, convention.departement_code)
    rows = session.execute(
        joindre(select(Convention.id, *COLONNES).select_from(Convention))
        .where(portee(actor), Convention.operateur_id == convention.operateur_id)
        .order_by((Convention.id == convention.id).desc(), Convention.fin_tri.desc(), Convention.id.desc())
        .limit(LIEES)
    )
    return {row.id: _Liee(row.remplace_id, ligne_de(row, jour, delai)) for row in rows}


def _documents(session: Session, convention: Convention) -> list[tuple[ConventionDocument, Fichier]]:
    rows = session.execute(
        select(ConventionDocument, Fichier)
        .join(Fichier, Fichier.id == ConventionDocument.fichier_id)
        .where(ConventionDocument.convention_id == convention.id)
        .order_by(ConventionDocument.id.desc())
    )
    return [(row.ConventionDocument, row.Fichier) for row in rows]


def document(
    session: Session, actor: Actor, ref: str, document_ref: str
) -> tuple[Convention, ConventionDocument, Fichier]:
    """Return a document of a visible line, with the line and the stored file; raises NotVisible."""
    row = session.execute(
        select(Convention, ConventionDocument, Fichier)
        .join(ConventionDocument, ConventionDocument.convention_id == Convention.id)
        .join(Fichier, Fichier.id == ConventionDocument.fichier_id)
        .where(Convention.ref == ref, ConventionDocument.ref == document_ref, portee(actor))
    ).one_or_none()
    if row is None:
        raise NotVisible(document_ref)
    return row.Convention, row.ConventionDocument, row.Fichier


def choisies(session: Session, clock: Clock, actor: Actor, refs: Sequence[str]) -> list[Ligne]:
    """Return the lines of these references, by operator; raises NotVisible unless all are visible."""
    if not refs:
        return []
    jour = clock.today(actor.fuseau)
    delai = value(session, parametres.DELAI_RENOUVELLEMENT, actor.departement_code)
    rows = session.execute(
        joindre(select(*COLONNES).select_from(Convention))
        .where(portee(actor), Convention.ref.in_(refs))
        .order_by(Convention.operateur_tri, Convention.id)
    ).all()
    if len(rows) != len(set(refs)):
        raise NotVisible(",".join(set(refs) - {row.ref for row in rows}))
    return [ligne_de(row, jour, delai) for row in rows]


def responsables_possibles(
    session: Session, actor: Actor, refs: Sequence[str]
) -> Sequence[Row[str, str, str, str]]:
    """Return who may be put in charge of all these lines: ref, prenom, nom, organisation.

    People with an access to conventions in a party that the visible lines have in common.
    """
    parties = session.execute(
        select(Convention.etat_id, Convention.siao_id, Convention.operateur_id)
        .where(portee(actor), Convention.ref.in_(refs))
        .distinct()
    ).all()
    communes = set.intersection(*(set(trois) for trois in parties)) if parties else set()
    return session.execute(
        select(Personne.ref, Personne.prenom, Personne.nom, Organisation.nom.label("organisation"))
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .join(Organisation, Organisation.id == Adhesion.organisation_id)
        .where(
            Adhesion.organisation_id.in_(communes),
            Adhesion.profil.in_(LECTEURS),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .group_by(Personne.id, Organisation.id)
        .order_by(Organisation.tri, Personne.tri, Personne.id)
    ).all()


def derniere_modification(session: Session, actor: Actor) -> datetime | None:
    """Return when a line that the actor may see last changed: the state number of its list."""
    return session.scalar(select(func.max(Convention.updated_at)).where(portee(actor)))
