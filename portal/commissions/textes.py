"""The texts that bind those who sit: versions of the règlement intérieur and of the confidentiality
undertaking, accepted by each person before its first dossier. Services flush, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, func, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.enums import GenreTexte
from portal.commissions.models import Acceptation, Commission, TexteCommission
from portal.commissions.saisie import texte as lire_texte
from portal.commissions.service import tenir
from portal.organisations.saisie import Refusals
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow
from portal.shared.errors import DomainError, NotVisible

LONGUEUR = 60_000


@dataclass(frozen=True)
class TexteLu:
    """The version in force of a text. `acceptee`: whether the reader accepted it; `acceptations`: how many
    people did."""

    ref: str
    genre: GenreTexte
    numero: int
    texte: str
    publie_le: datetime
    publie_par: str
    acceptee: bool
    acceptations: int


def en_vigueur(session: Session, actor: Actor, commission_id: int) -> list[TexteLu]:
    """Return the version in force of each text of a commission, the règlement first. One statement."""
    autre = TexteCommission.__table__.alias("autre")
    derniere = (
        select(func.max(autre.c.numero))
        .where(autre.c.commission_id == TexteCommission.commission_id, autre.c.genre == TexteCommission.genre)
        .scalar_subquery()
    )
    sienne = select(Acceptation.id).where(
        Acceptation.texte_id == TexteCommission.id, Acceptation.personne_id == actor.personne_id
    )
    nombre = select(func.count()).where(Acceptation.texte_id == TexteCommission.id).scalar_subquery()
    rows = session.execute(
        select(
            TexteCommission.ref,
            TexteCommission.genre,
            TexteCommission.numero,
            TexteCommission.texte,
            TexteCommission.publie_le,
            TexteCommission.publie_par,
            sienne.exists().label("acceptee"),
            nombre.label("acceptations"),
        ).where(TexteCommission.commission_id == commission_id, TexteCommission.numero == derniere)
    ).all()
    found = [TexteLu(**row._mapping) for row in rows]
    return sorted(found, key=lambda one: list(GenreTexte).index(one.genre))


def a_accepter(actor: Actor, commission_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition « the actor has a text in force of this commission left to accept »."""
    texte, autre = TexteCommission.__table__.alias("texte"), TexteCommission.__table__.alias("autre")
    derniere = (
        select(func.max(autre.c.numero))
        .where(autre.c.commission_id == texte.c.commission_id, autre.c.genre == texte.c.genre)
        .scalar_subquery()
    )
    sienne = exists().where(Acceptation.texte_id == texte.c.id, Acceptation.personne_id == actor.personne_id)
    return exists().where(texte.c.commission_id == commission_id, texte.c.numero == derniere, ~sienne)


def pour_un_invite(session: Session, commission_id: int) -> list[tuple[GenreTexte, str]]:
    """Return the texts in force of a commission, as someone without an account reads them. One statement."""
    rows = session.execute(
        select(TexteCommission.genre, TexteCommission.texte)
        .where(TexteCommission.commission_id == commission_id)
        .order_by(TexteCommission.numero)
    ).all()
    derniers = {row.genre: row.texte for row in rows}
    return [(genre, derniers[genre]) for genre in GenreTexte if genre in derniers]


def versions(session: Session, commission_id: int) -> Sequence[AnyRow]:
    """Return every version of the texts, newest first: ref, genre, numero, publie_le, publie_par."""
    return session.execute(
        select(
            TexteCommission.ref,
            TexteCommission.genre,
            TexteCommission.numero,
            TexteCommission.publie_le,
            TexteCommission.publie_par,
        )
        .where(TexteCommission.commission_id == commission_id)
        .order_by(TexteCommission.publie_le.desc(), TexteCommission.id.desc())
    ).all()


def publier(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    genre: GenreTexte,
    texte: str,
    *,
    version: int,
) -> TexteCommission:
    """Publish a new version of a text: those who had accepted the former are asked again.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    commission = tenir(session, actor, commission, version)
    refusals = Refusals()
    cleaned = lire_texte(refusals, texte, "texte", LONGUEUR, lignes=True)
    if not cleaned:
        refusals.add("commissions.texte_vide", "texte")
    refusals.raise_any()
    digest = sha256(cleaned.encode()).hexdigest()
    last = session.execute(
        select(TexteCommission.numero, TexteCommission.sha256)
        .where(TexteCommission.commission_id == commission.id, TexteCommission.genre == genre)
        .order_by(TexteCommission.numero.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and last.sha256 == digest:
        raise DomainError("commissions.texte_inchange", "texte")
    row = TexteCommission(
        commission_id=commission.id,
        genre=genre,
        numero=last.numero + 1 if last else 1,
        texte=cleaned,
        sha256=digest,
        publie_le=clock.now(),
        publie_par=f"{actor.nom} ({actor.organisation_nom})"[:200],
    )
    session.add(row)
    commission.updated_at = clock.now()
    session.flush()
    facts = {"genre": genre.value, "numero": row.numero, "sha256": digest}
    record(session, clock, actor, "commissions:texte:publier", commission, changes=facts)
    return row


def accepter(session: Session, clock: Clock, actor: Actor, commission: Commission, texte_ref: str) -> None:
    """Have the actor accept the version in force of a text, once, of a commission that it reads.

    Raises NotVisible for a version that is not in force any more, which is to be read again.
    """
    lu = next((one for one in en_vigueur(session, actor, commission.id) if one.ref == texte_ref), None)
    if lu is None:
        raise NotVisible(texte_ref)
    if lu.acceptee:
        return
    texte_id = session.scalar(select(TexteCommission.id).where(TexteCommission.ref == texte_ref))
    session.add(
        Acceptation(
            texte_id=texte_id,
            personne_id=actor.personne_id,
            organisation_id=actor.organisation_id,
            nom=f"{actor.nom} ({actor.organisation_nom})"[:200],
            le=clock.now(),
        )
    )
    session.flush()
    facts = {"genre": lu.genre.value, "numero": lu.numero}
    record(session, clock, actor, "commissions:texte:accepter", commission, changes=facts)


def acceptations(session: Session, commission_id: int) -> Sequence[AnyRow]:
    """Return who accepted which version, the latest first: genre, numero, nom, le. 200 at most."""
    return session.execute(
        select(TexteCommission.genre, TexteCommission.numero, Acceptation.nom, Acceptation.le)
        .join(Acceptation, Acceptation.texte_id == TexteCommission.id)
        .where(TexteCommission.commission_id == commission_id)
        .order_by(Acceptation.le.desc(), Acceptation.id.desc())
        .limit(200)
    ).all()
