"""Occasional guests of a session: a link and a code by e-mail, named dossiers only (domaine.md § 10.2, 6).

Nothing opens before the papers do, nor once revoked, nor once the delay after the session is over: 72 hours
unless the département changed it. The link alone reads nothing: a code sent to the e-mail verifies who is
there. What does not work is one page for all.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.commissions import parametres
from portal.commissions import queries as commissions
from portal.commissions.convocations import rendez_vous
from portal.commissions.dossiers import queries
from portal.commissions.dossiers.avertir import de_la_seance, ecrire, invites_de
from portal.commissions.dossiers.saisie import texte
from portal.commissions.enums import StatutSeance
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier, InviteDossier, InviteSeance
from portal.commissions.models_seances import Seance
from portal.comptes.saisie import normalise_email, read_email
from portal.grilles.menages.models import Menage
from portal.notifications.calendrier import Methode
from portal.organisations import parametres as valeurs
from portal.organisations.models import Organisation
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, NotVisible, StaleVersion

CODE_VALABLE = timedelta(minutes=10)
LECTURE = timedelta(hours=2)
ENTRE_CODES = timedelta(minutes=1)
ATTENTE = timedelta(minutes=15)
ESSAIS, ESSAIS_MAXIMUM = 5, 20
"""Wrong codes after which one waits for another; after which the link is dead until the secretariat invites
anew: asking for codes again and again gives no more tries at guessing one."""
CHEMIN = "/dossiers/invitation/"


def fin_de(session: Session, seance: Seance) -> datetime:
    """Return until when the guests of a session read their dossiers. One statement."""
    heures = valeurs.value(session, parametres.INVITE_HEURES, seance.departement_code)
    return seance.fin + timedelta(hours=heures)


def _vivante(session: Session, clock: Clock, invite: InviteSeance) -> bool:
    """Tell whether an invitation opens: not revoked nor guessed at, its session standing or over lately."""
    seance = invite.seance
    if invite.revoque_le is not None or invite.essais >= ESSAIS_MAXIMUM:
        return False
    return seance.statut is not StatutSeance.ANNULEE and clock.now() < fin_de(session, seance)


def invitable(clock: Clock, seance: Seance) -> bool:
    """Tell whether someone may still be invited to a session."""
    return seance.statut is not StatutSeance.ANNULEE and clock.now() < seance.fin


@dataclass(frozen=True, kw_only=True)
class SaisieInvite:
    """A guest as typed; `dossiers`: references of those they are invited for."""

    nom: str = ""
    email: str = ""
    organisme: str = ""
    dossiers: Sequence[str] = ()


def inviter(
    session: Session, clock: Clock, actor: Actor, seance: Seance, typed: SaisieInvite
) -> InviteSeance:
    """Invite someone without an account for named dossiers of a session; the link leaves by e-mail.

    Never for a dossier of the protected circuit. Raises Forbidden, DomainErrors, DomainError.
    """
    require(actor, Permission.DOSSIERS_INSTRUIRE, commissions.vise(seance.commission))
    seance = session.get_one(Seance, seance.id, with_for_update=True)
    if not invitable(clock, seance):
        raise DomainError("commissions.seance_finie")
    values, choisis = _lire(session, seance, typed)
    deja = session.scalar(
        select(InviteSeance.id).where(
            InviteSeance.seance_id == seance.id,
            InviteSeance.email == values["email"],
            InviteSeance.revoque_le.is_(None),
        )
    )
    if deja is not None:
        raise DomainError("dossiers.invite_deja", "email")
    token, now = new_token(), clock.now()
    invite = InviteSeance(
        seance_id=seance.id,
        jeton_hash=token_hash(token),
        essais=0,
        invite_par=f"{actor.nom} ({actor.organisation_nom})"[:200],
        created_at=now,
        updated_at=now,
        **values,
    )
    invite.dossiers = [InviteDossier(dossier_id=row.id) for row in choisis]
    session.add(invite)
    session.flush()
    facts = {"dossiers": [row.code for row in choisis]}
    _noter(session, clock, actor, invite, "inviter", seance, facts)
    contexte = de_la_seance(seance) | {
        "lien": f"{CHEMIN}{token}",
        "lieu": seance.lieu,
        "visio": seance.visio,
        "fin": fin_de(session, seance),
    }
    event = rendez_vous(seance, avec_page=False)
    ecrire(session, clock, [invite.email], "invitation", contexte, urgent=True, rendez_vous=event)
    return invite


def _lire(session: Session, seance: Seance, typed: SaisieInvite) -> tuple[dict[str, str], Sequence[Dossier]]:
    refusals = Refusals()
    values = {
        "nom": " ".join(typed.nom.split()),
        "email": normalise_email(typed.email),
        "organisme": " ".join(typed.organisme.split()),
    }
    for champ, maximum in (("nom", 160), ("organisme", 200)):
        texte(refusals, values[champ], champ, maximum)
    if not values["nom"]:
        refusals.add("dossiers.invite_nom", "nom")
    with refusals.gathered():
        read_email(values["email"])
    choisis = session.scalars(
        select(Dossier)
        .where(Dossier.seance_id == seance.id, Dossier.ref.in_(list(typed.dossiers)))
        .options(joinedload(Dossier.menage))
        .order_by(Dossier.rang, Dossier.id)
    ).all()
    if not choisis:
        refusals.add("dossiers.invite_dossiers", "dossiers")
    if any(one.menage.protege for one in choisis):
        refusals.add("dossiers.invite_protege", "dossiers")
    refusals.raise_any()
    return values, choisis


def invite_de(session: Session, seance: Seance, ref: str) -> InviteSeance:
    """Return a guest of a session. Raises NotVisible."""
    found = session.scalar(
        select(InviteSeance).where(InviteSeance.seance_id == seance.id, InviteSeance.ref == ref)
    )
    if found is None:
        raise NotVisible(ref)
    return found


def revoquer(session: Session, clock: Clock, actor: Actor, seance: Seance, ref: str, *, version: int) -> None:
    """End an invitation at once. Of a session to come, the guest is told, and it leaves their calendar unless
    they sit in it. Raises Forbidden, NotVisible, StaleVersion."""
    require(actor, Permission.DOSSIERS_INSTRUIRE, commissions.vise(seance.commission))
    invite = invite_de(session, seance, ref)
    session.refresh(invite, with_for_update=True)
    if invite.revoque_le is not None:
        return
    if invite.version != version:
        raise StaleVersion(invite)
    invite.revoque_le = invite.updated_at = clock.now()
    invite.lecture_hash, invite.lecture_expire_le = "", None
    session.flush()
    _noter(session, clock, actor, invite, "revoquer", seance, {})
    if seance.statut is not StatutSeance.ANNULEE and seance.debut > clock.now():
        siege = invite.email in invites_de(session, seance)
        event = None if siege else rendez_vous(seance, Methode.CANCEL, avec_page=False)
        dit = de_la_seance(seance) | {"reste": siege}
        ecrire(session, clock, [invite.email], "invitation_finie", dit, urgent=True, rendez_vous=event)


def de_la_seance_pour(session: Session, actor: Actor, seance: Seance) -> Sequence[tuple[InviteSeance, int]]:
    """Return the guests of a session, for its secretariat, with how many dossiers each was invited for. One
    statement. Raises Forbidden."""
    require(actor, Permission.DOSSIERS_INSTRUIRE, commissions.vise(seance.commission))
    nombre = select(func.count()).where(InviteDossier.invite_id == InviteSeance.id).scalar_subquery()
    rows = session.execute(
        select(InviteSeance, nombre.label("nombre"))
        .where(InviteSeance.seance_id == seance.id)
        .order_by(InviteSeance.id)
    )
    return [(row.InviteSeance, row.nombre) for row in rows]


def proposables(session: Session, seance: Seance) -> Sequence[AnyRow]:
    """Return the dossiers of a session that a guest may be invited for: ref, code, rang, organisation. One
    statement."""
    return fetch(
        session,
        select(Dossier.ref, Dossier.code, Dossier.rang, Organisation.nom.label("organisation"))
        .join(Organisation, Organisation.id == Dossier.organisation_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .where(Dossier.seance_id == seance.id, Menage.protege.is_(False))
        .order_by(Dossier.rang, Dossier.id)
        .limit(500),
    )


def par_jeton(session: Session, clock: Clock, jeton: str) -> InviteSeance:
    """Return the invitation of a link that works. Raises NotVisible."""
    found = session.scalar(
        select(InviteSeance)
        .where(InviteSeance.jeton_hash == token_hash(jeton))
        .options(joinedload(InviteSeance.seance).joinedload(Seance.commission))
    )
    if found is None or not _vivante(session, clock, found):
        raise NotVisible(jeton)
    return found


def envoyer_code(session: Session, clock: Clock, jeton: str) -> InviteSeance:
    """Send a code of six figures to the guest's e-mail, once a minute at most. Raises NotVisible,
    DomainError."""
    invite = _tenir(session, clock, jeton)
    now = clock.now()
    _refuser_l_attente(invite, now)
    if invite.code_expire_le is not None and now < invite.code_expire_le - CODE_VALABLE + ENTRE_CODES:
        raise DomainError("dossiers.code_recent")
    code = f"{secrets.randbelow(10**6):06d}"
    invite.code_hash, invite.code_expire_le = _empreinte(invite, code), now + CODE_VALABLE
    invite.updated_at = now
    session.flush()
    contexte = {"code": code, "minutes": int(CODE_VALABLE.total_seconds() // 60)}
    ecrire(session, clock, [invite.email], "code", contexte, urgent=True)
    return invite


def verifier(session: Session, clock: Clock, jeton: str, code: str) -> tuple[str, DomainError | None]:
    """Try a code; return the key of the reading that it opens, or why it does not. In a transaction of its
    own, which commits whatever the answer: wrong codes are counted. Raises NotVisible."""
    invite = _tenir(session, clock, jeton)
    now = clock.now()
    try:
        _refuser_l_attente(invite, now)
    except DomainError as error:
        return "", error
    perime = invite.code_expire_le is None or invite.code_expire_le <= now or not invite.code_hash
    propose = "".join(code.split())
    if perime or not secrets.compare_digest(invite.code_hash, _empreinte(invite, propose)):
        if not perime:
            invite.essais += 1
            if invite.essais % ESSAIS == 0:
                invite.code_hash = ""
            session.flush()
        return "", DomainError("dossiers.code_faux", "code")
    lecture = new_token()
    invite.code_hash, invite.essais = "", 0
    invite.lecture_hash, invite.lecture_expire_le = token_hash(lecture), now + LECTURE
    invite.updated_at = now
    session.flush()
    _noter(session, clock, None, invite, "ouvrir", invite.seance, {})
    return lecture, None


def ouverte(session: Session, clock: Clock, jeton: str, lecture: str) -> InviteSeance | None:
    """Return the invitation whose code this reader gave lately, None when it is to be asked for. Raises
    NotVisible."""
    invite = par_jeton(session, clock, jeton)
    expire = invite.lecture_expire_le
    if not lecture or not invite.lecture_hash or expire is None or expire <= clock.now():
        return None
    return invite if secrets.compare_digest(invite.lecture_hash, token_hash(lecture)) else None


def accepter(session: Session, clock: Clock, invite: InviteSeance) -> None:
    """Have a guest accept the undertaking of confidentiality, once."""
    if invite.texte_accepte_le is None:
        invite.texte_accepte_le = invite.updated_at = clock.now()
        session.flush()
        _noter(session, clock, None, invite, "accepter", invite.seance, {})


@dataclass(frozen=True)
class DossierInvite:
    """A dossier that a guest may open."""

    ref: str
    code: str
    rang: int
    autorise: bool


def dossiers_de(session: Session, clock: Clock, invite: InviteSeance) -> list[DossierInvite]:
    """Return the dossiers that a guest may open now, in the order of the agenda. One statement."""
    rows = session.execute(
        select(Dossier.ref, Dossier.code, Dossier.rang, queries.autorisee(clock).label("autorise"))
        .where(Dossier.id.in_(_nommes(invite)))
        .order_by(Dossier.rang, Dossier.id)
    )
    return [DossierInvite(**row._mapping) for row in rows]


def designe(session: Session, clock: Clock, invite: InviteSeance, ref: str) -> Dossier:
    """Return a dossier that a guest is invited for, while the invitation opens, its texts accepted. Raises
    NotVisible for any other, for whatever reason."""
    if invite.texte_accepte_le is None:
        raise NotVisible(ref)
    found = session.scalar(queries.entier().where(Dossier.ref == ref, Dossier.id.in_(_nommes(invite))))
    if found is None or not _vivante(session, clock, invite):
        raise NotVisible(ref)
    return found


def _nommes(invite: InviteSeance) -> Select[int]:
    """The dossiers named to a guest that are still in that session, its papers open, none protected."""
    return (
        select(InviteDossier.dossier_id)
        .join(Dossier, Dossier.id == InviteDossier.dossier_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .join(ConduiteSeance, ConduiteSeance.seance_id == Dossier.seance_id)
        .where(
            InviteDossier.invite_id == invite.id,
            Dossier.seance_id == invite.seance_id,
            Dossier.statut.in_(sorted(queries.INSCRITS, key=lambda one: one.value)),
            Menage.protege.is_(False),
            ConduiteSeance.fige_le.is_not(None),
        )
        .order_by(InviteDossier.id)
    )


def _refuser_l_attente(invite: InviteSeance, now: datetime) -> None:
    """Refuse anything but waiting while the code that was sent last was guessed at too often."""
    epuise = invite.essais > 0 and invite.essais % ESSAIS == 0 and not invite.code_hash
    if not epuise or invite.code_expire_le is None:
        return
    reste = invite.code_expire_le - CODE_VALABLE + ATTENTE - now
    if reste > timedelta():
        raise DomainError("dossiers.code_attendre", minutes=ceil(reste.total_seconds() / 60))


def _tenir(session: Session, clock: Clock, jeton: str) -> InviteSeance:
    found = par_jeton(session, clock, jeton)
    return session.get_one(InviteSeance, found.id, with_for_update=True, populate_existing=True)


def _empreinte(invite: InviteSeance, code: str) -> str:
    return token_hash(f"{invite.ref}\x1f{code}")


def _noter(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    invite: InviteSeance,
    geste: str,
    seance: Seance,
    facts: Mapping[str, object],
) -> None:
    record(
        session,
        clock,
        actor,
        f"dossiers:invite:{geste}",
        invite,
        changes=facts,
        departement_code=seance.departement_code,
        auteur="" if actor else invite.nom,
    )
