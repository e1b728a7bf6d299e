"""Errors that readers report on entries: to the right person, followed until they are answered."""

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.annuaire import liens
from portal.annuaire.destinataires import adresse, comptes_de, repondants, responsables
from portal.annuaire.enums import LIBELLES_MOTIF_SIGNALEMENT, MotifSignalement, StatutSignalement
from portal.annuaire.indexation import aujourdhui
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.annuaire.porteurs import Porteur, compte_actif
from portal.annuaire.queries import visible_to
from portal.annuaire.relances import nommees
from portal.audit.service import record
from portal.notifications.service import enqueue
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow

TEXTE, RAISON = 500, 300  # characters
PAR_JOUR = 10
"""Errors that one person may report in a day: more says something of the person, not of the directory."""

WORKFLOW = Workflow(
    [
        Transition(
            "prendre_en_compte",
            N_("Prendre en compte"),
            frozenset({StatutSignalement.OUVERT}),
            StatutSignalement.PRIS_EN_COMPTE,
            Permission.ANNUAIRE_MODIFIER,
        ),
        Transition(
            "corriger",
            N_("C’est corrigé"),
            frozenset(OUVERTS),
            StatutSignalement.CORRIGE,
            Permission.ANNUAIRE_MODIFIER,
        ),
        Transition(
            "ecarter",
            N_("Écarter"),
            frozenset(OUVERTS),
            StatutSignalement.ECARTE,
            Permission.ANNUAIRE_MODIFIER,
        ),
    ]
)


def signaler(
    session: Session,
    clock: Clock,
    actor: Actor,
    referent: Referent,
    motif: MotifSignalement,
    texte: str,
    *,
    key: str = "",
) -> Signalement:
    """Report an error on a visible, open entry: its holder and those who answer for it are told.

    The holder receives a link to its own entry; the administrators of its organisation, else the SIAO, are
    sent to the card. `key`: the form's idempotency key. Raises Forbidden, DomainError.
    """
    require(actor, Permission.ANNUAIRE_LIRE, referent)
    session.get(Referent, referent.id, with_for_update=True)  # two clicks follow each other
    ref = keyed_ref(key, Signalement.__tablename__, actor.adhesion_id, referent.id)
    again = session.scalar(select(Signalement).where(Signalement.ref == ref)) if ref else None
    if again is not None:
        return again
    said = _text(texte, TEXTE, "texte")
    if motif is MotifSignalement.AUTRE and not said:
        raise DomainError("obligatoire", "texte")
    if referent.ferme_le is not None:
        raise DomainError("annuaire.fermee")
    _check_allowed(session, clock, actor, referent)
    now = clock.now()
    made = Signalement(
        departement_code=referent.departement_code,
        motif=motif,
        texte=said,
        statut=StatutSignalement.OUVERT,
        auteur_id=actor.personne_id,
        auteur_organisation=actor.organisation_nom[:200],
        created_at=now,
        updated_at=now,
    )
    made.referent = referent
    if ref:
        made.ref = ref
    session.add(made)
    session.flush()
    record(session, clock, actor, "annuaire:signalement:ouvrir", made, changes={"motif": motif.value})
    _avertir(session, clock, made)
    return made


def suivre(
    session: Session,
    clock: Clock,
    actor: Actor,
    signalement: Signalement,
    geste: str,
    raison: str = "",
    *,
    version: int,
) -> Signalement:
    """Take a reported error into account, say that it is corrected, or set it aside; its author is told.

    Raises Forbidden, StaleVersion, DomainError.
    """
    require(actor, Permission.ANNUAIRE_MODIFIER, signalement.referent)
    current = session.get(Signalement, signalement.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    said = _text(raison, RAISON, "raison")
    if geste == "ecarter" and not said:
        raise DomainError("obligatoire", "raison")
    before, after = WORKFLOW.fire(current, geste, lambda one: may_follow(actor, current, one))
    current.raison = said if after is StatutSignalement.ECARTE else ""
    current.suivi_par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    current.updated_at = clock.now()
    session.flush()
    changes = {"statut": [before.value, after.value]}
    record(session, clock, actor, f"annuaire:signalement:{geste}", current, changes=changes)
    prevenir_auteur(session, clock, current)
    return current


def may_follow(actor: Actor, signalement: Signalement, permission: Enum) -> bool:
    """Tell whether the actor has a permission of `WORKFLOW` on the entry of a reported error."""
    return isinstance(permission, Permission) and can(actor, permission, signalement.referent)


def repondre(
    session: Session,
    clock: Clock,
    porteur: Porteur,
    titulaire: Titulaire,
    statut: StatutSignalement,
    raison: str = "",
    vus: Sequence[str] | None = None,
) -> None:
    """Answer the errors reported on an entry as its holder does: by confirming it, or by correcting it.

    `vus`: only those of these references; None: all. Their authors are told.
    """
    waiting = select(Signalement).where(
        Signalement.referent_id == titulaire.referent_id, Signalement.statut.in_(OUVERTS)
    )
    if vus is not None:
        waiting = waiting.where(Signalement.ref.in_(vus))
    par = signature(titulaire)
    for one in session.scalars(waiting.order_by(Signalement.id).with_for_update()).all():
        before, one.statut, one.raison = one.statut, statut, raison
        one.suivi_par, one.updated_at = par, clock.now()
        session.flush()
        changes = {"statut": [before.value, statut.value]}
        geste = "corriger" if statut is StatutSignalement.CORRIGE else "ecarter"
        record(
            session,
            clock,
            porteur.actor,
            f"annuaire:signalement:{geste}",
            one,
            changes=changes,
            auteur=par,
        )
        prevenir_auteur(session, clock, one)


def signature(titulaire: Titulaire) -> str:
    """Return who answered an error, as it is kept, when the holder did."""
    return f"{titulaire.nom_complet} ({titulaire.referent.organisation.nom})"[:200]


def lire(session: Session, actor: Actor, ref: str) -> Signalement:
    """Return a reported error that the actor may follow, or that it reported; raises NotVisible."""
    found = session.scalar(
        select(Signalement)
        .join(Referent, Referent.id == Signalement.referent_id)
        .where(Signalement.ref == ref, visible_to(actor))
    )
    if found is None or not can(actor, Permission.ANNUAIRE_MODIFIER, found.referent):
        raise NotVisible(ref)
    return found


def ouverts(session: Session, referent: Referent) -> Sequence[Signalement]:
    """Return the errors reported on an entry that wait, the oldest first."""
    return session.scalars(
        select(Signalement)
        .where(Signalement.referent_id == referent.id, Signalement.statut.in_(OUVERTS))
        .order_by(Signalement.created_at, Signalement.id)
    ).all()


def sien(session: Session, actor: Actor, referent: Referent) -> Signalement | None:
    """Return the error that the actor reported on an entry and that waits, None without one."""
    return session.scalar(
        select(Signalement).where(
            Signalement.referent_id == referent.id,
            Signalement.auteur_id == actor.personne_id,
            Signalement.statut.in_(OUVERTS),
        )
    )


def _text(typed: str, maximum: int, field: str) -> str:
    cleaned = " ".join(typed.split())
    if len(cleaned) > maximum:
        raise DomainError("annuaire.trop_long", field, maximum=maximum)
    return cleaned


def _check_allowed(session: Session, clock: Clock, actor: Actor, referent: Referent) -> None:
    if sien(session, actor, referent) is not None:
        raise DomainError("annuaire.deja_signalee")
    since = clock.now() - timedelta(days=1)
    made = select(func.count()).where(
        Signalement.auteur_id == actor.personne_id, Signalement.created_at > since
    )
    if (session.scalar(made) or 0) >= PAR_JOUR:
        raise DomainError("annuaire.signalements_nombreux", nombre=PAR_JOUR)


def _avertir(session: Session, clock: Clock, signalement: Signalement) -> None:
    """Write to who answers for the entry, with a link, and to those who administer it; once to each."""
    referent = signalement.referent
    jour = aujourdhui(session, clock, referent.departement_code)
    comptes = comptes_de(session, [referent])
    adresses = dict.fromkeys(filter(None, (adresse(one, comptes) for one in repondants(referent, jour))))
    context = {"motif": LIBELLES_MOTIF_SIGNALEMENT[signalement.motif], "ref": referent.ref}
    for email in adresses:
        compte = compte_actif(session, email)
        langue = compte.langue if compte else "fr"
        jeton, _expire_le = liens.creer(session, clock, email)
        facts = context | {"fonction": nommees(session, [referent], langue)[0], "jeton": jeton}
        enqueue(
            session, clock, to=compte or email, template="annuaire/signalement", context=facts, langue=langue
        )
    for personne in responsables(session, [referent])[referent.id]:
        if personne.email not in adresses:
            facts = context | {"fonction": nommees(session, [referent], personne.langue)[0], "jeton": ""}
            enqueue(session, clock, to=personne, template="annuaire/signalement", context=facts)


def prevenir_auteur(session: Session, clock: Clock, signalement: Signalement) -> None:
    """Tell who reported an error what became of it, unless its account is closed."""
    auteur = signalement.auteur
    if auteur.desactivee_le is not None:
        return
    context = {
        "fonction": nommees(session, [signalement.referent], auteur.langue)[0],
        "statut": signalement.statut.value,
        "raison": signalement.raison,
        "ref": signalement.referent.ref,
    }
    enqueue(session, clock, to=auteur, template="annuaire/suite", context=context)
