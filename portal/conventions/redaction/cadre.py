"""The frame of a negotiation, and where what the convention commits to is transcribed (S0)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import acte, auteur, charger
from portal.conventions.enums import Mode
from portal.conventions.models import Convention
from portal.conventions.redaction.ecriture import suivant
from portal.conventions.redaction.enums import Acte
from portal.conventions.redaction.models import ConventionEngagement, ConventionTexte
from portal.conventions.redaction.queries import ClauseLue, Texte, texte_compose
from portal.conventions.redaction.service import court
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError, NotVisible, StaleVersion

SANS_ENGAGEMENT = frozenset({"10.1", "10.4"})
"""Clauses of the articles that commit nobody to anything: the dates, and the acts named here themselves."""

LONG = 4000
REFERENCE = 300


def encadrer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    mode: Mode | None,
    dialogue_le: date | None,
    participants: str,
    preparation: str,
) -> Convention:
    """Say how a text is negotiated: one to one, at a « dialogue de gestion », or around a table.

    With a date and no `mode`, the negotiation is one to one (S0). `preparation`: what the SIAO prepared.
    `version`: of the text. Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    if mode is Mode.COLLECTIF and dialogue_le is not None:
        raise DomainError("redaction.cadre_collectif", "dialogue_le")
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
    texte = _texte(session, ligne, ref, version)
    with acte(session, clock, actor, "texte:encadrer", ligne) as faits:
        ligne.dialogue_gestion_le = dialogue_le
        ligne.mode = mode or (Mode.GRE_A_GRE if dialogue_le is not None else None)
        for champ, valeur in (("participants", participants), ("preparation", preparation)):
            nouvelle = court(valeur, champ, LONG)
            if nouvelle != getattr(texte, champ):
                faits[champ] = [getattr(texte, champ), nouvelle]
                setattr(texte, champ, nouvelle)
        texte.updated_at = clock.now()
        session.flush()
        suivant(session, texte)
    return ligne


def engager(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    clause_code: str,
    nature: Acte,
    reference: str,
    le: date | None = None,
    cle: str | None = None,
) -> ConventionEngagement:
    """Link a clause to the act that transcribes it; the same form sent twice links once.

    Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.REDACTION_NEGOCIER)
    lu = texte_compose(session, ligne)
    if cle:
        deja = session.scalar(select(ConventionEngagement).where(ConventionEngagement.idempotence == cle))
        if deja is not None and deja.convention_id == ligne.id:
            return deja
    if clause_code not in {lue.code for lue in engageantes(lu)}:
        raise DomainError("redaction.clause_inconnue", "clause_code")
    reference = court(reference, "reference", REFERENCE)
    if not reference:
        raise DomainError("redaction.reference_vide", "reference")
    engagement = ConventionEngagement(
        convention_id=ligne.id,
        clause_code=clause_code,
        acte=nature,
        reference=reference,
        date=le,
        le=clock.now(),
        par=auteur(actor),
        idempotence=cle,
    )
    session.add(engagement)
    session.flush()
    _noter(session, clock, actor, ligne, engagement, "engagement:lier")
    return engagement


def desengager(session: Session, clock: Clock, actor: Actor, ref: str, engagement_ref: str) -> None:
    """Remove such a link. Raises NotVisible, Forbidden."""
    ligne = charger(session, actor, ref, Permission.REDACTION_NEGOCIER)
    engagement = session.scalar(
        select(ConventionEngagement).where(
            ConventionEngagement.ref == engagement_ref, ConventionEngagement.convention_id == ligne.id
        )
    )
    if engagement is None:
        raise NotVisible(engagement_ref)
    _noter(session, clock, actor, ligne, engagement, "engagement:delier")
    session.delete(engagement)
    session.flush()


def _noter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    engagement: ConventionEngagement,
    action: str,
) -> None:
    texte = session.get_one(ConventionTexte, ligne.id)
    suivant(session, texte)
    faits = {
        "clause": engagement.clause_code,
        "acte": engagement.acte.value,
        "reference": engagement.reference,
        "date": engagement.date.isoformat() if engagement.date else None,
    }
    record(session, clock, actor, f"conventions:{action}", ligne, changes=faits)


def _texte(session: Session, ligne: Convention, ref: str, version: int) -> ConventionTexte:
    texte = session.get(ConventionTexte, ligne.id, with_for_update=True, populate_existing=True)
    if texte is None:
        raise NotVisible(ref)
    if texte.version != version:
        raise StaleVersion(texte)
    return texte


def engagements(session: Session, texte: Texte) -> tuple[Sequence[Any], list[Any]]:
    """Return the links of a text, then the commitments that no act transcribes yet."""
    liens = fetch(
        session,
        select(
            ConventionEngagement.ref,
            ConventionEngagement.clause_code,
            ConventionEngagement.acte,
            ConventionEngagement.reference,
            ConventionEngagement.date,
            ConventionEngagement.par,
        )
        .where(ConventionEngagement.convention_id == texte.entete.id)
        .order_by(ConventionEngagement.clause_code, ConventionEngagement.id),
    )
    transcrites = {lien.clause_code for lien in liens}
    return liens, [lue for lue in engageantes(texte) if lue.code not in transcrites]


def engageantes(texte: Texte) -> list[ClauseLue]:
    """Return the negotiated clauses that commit someone: not the parties, nor the annexes."""
    return [
        lue for lue in texte.negociees if lue.retenue.article.isdigit() and lue.code not in SANS_ENGAGEMENT
    ]
