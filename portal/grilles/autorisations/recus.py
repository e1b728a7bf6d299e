"""The receipt of an adult: their own key to what was shared, without an account (§ 6.5, 7 and 8).

Its secret is a keyed hash of its reference, so that the same paper can be printed again; the table keeps the
hash of it alone. With it and the PIN that the adult chose, one reads, remarks and withdraws. Wrong PINs are
counted on the receipt and by network address; what an unknown, a revoked and a departed adult's receipt
answer is one and the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.comptes import throttle
from portal.config import Settings
from portal.conventions.jours import fuseau_de
from portal.grilles.autorisations import queries
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.fermeture import LE_MENAGE
from portal.grilles.autorisations.models import AccordAdulte, Autorisation, RecuMenage, RemarqueMenage
from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Adulte, LectureMenage, Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.service import lire as noter_lecture
from portal.security.coffre import coffre
from portal.security.passwords import check_password, hash_password
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import token_hash
from portal.shared.clock import Clock
from portal.shared.db import new_ref
from portal.shared.errors import DomainError, Forbidden, NotVisible
from portal.shared.messages import N_

RECU = "recu"
"""Who made or printed a receipt is told with the readings: an adult finds there one made without them."""
LIBELLES_LECTURE[RECU] = N_("Un reçu, préparé ou imprimé")

ESSAIS = 5
"""Wrong PINs in a row before one waits; each one after doubles the wait."""
ATTENTE = timedelta(minutes=15)
ATTENTE_MAX = timedelta(hours=24)
REMARQUE_MAX = 1000  # characters
REMARQUES_MAX = 10  # of one adult on one version
LECTURES = 200  # shown, the latest

_PIN = re.compile(r"[0-9]{6}")
_SUITES = "01234567890 9876543210 "


def creer(
    session: Session, clock: Clock, actor: Actor, vise: Vise, adulte_ref: str, pin: str, encore: str
) -> RecuMenage:
    """Give an adult a receipt, with the PIN that they chose; the one they had stops working.

    Raises Forbidden, NotVisible, DomainError (fields `pin`, `encore`).
    """
    _droit(actor, vise)
    if vise.menage.protege:
        raise DomainError("recus.protege")
    adulte = _adulte(session, vise, adulte_ref)
    pin, encore = pin.strip(), encore.strip()
    if not _PIN.fullmatch(pin):
        raise DomainError("recus.pin", "pin")
    if _trop_simple(session, adulte, pin):
        raise DomainError("recus.pin_simple", "pin")
    if pin != encore:
        raise DomainError("recus.pin_different", "encore")
    session.get_one(Adulte, adulte.id, with_for_update=True)
    ancien = queries.recu_de(session, adulte)
    if ancien is not None:
        _revoquer(clock, ancien)
        session.flush()
    now = clock.now()
    recu = RecuMenage(
        ref=new_ref(), adulte_id=adulte.id, pin_hash=hash_password(pin), created_at=now, updated_at=now
    )
    recu.jeton_hash = token_hash(jeton(session, recu))
    session.add(recu)
    session.flush()
    _noter(session, clock, actor, recu, "creer", vise.menage)
    noter_lecture(session, clock, actor, vise.menage, RECU, recu.ref)
    return recu


def revoquer(session: Session, clock: Clock, actor: Actor, vise: Vise, adulte_ref: str) -> None:
    """End an adult's receipt, lost or no longer wanted. Raises Forbidden, NotVisible."""
    _droit(actor, vise)
    recu = queries.recu_de(session, _adulte(session, vise, adulte_ref))
    if recu is not None:
        _revoquer(clock, recu)
        session.flush()
        _noter(session, clock, actor, recu, "revoquer", vise.menage)


def jeton(session: Session, recu: RecuMenage) -> str:
    """Return the secret of a receipt's address: 192 bits that nobody guesses without the hashes' secret."""
    return coffre(session).empreinte("recu", recu.ref)[:48]


def lire(session: Session, secret: str) -> RecuMenage | None:
    """Return the receipt that an address opens, None when it does not, or no longer, work."""
    return session.scalar(
        select(RecuMenage)
        .join(Adulte, Adulte.id == RecuMenage.adulte_id)
        .join(Menage, Menage.id == Adulte.menage_id)
        .where(
            RecuMenage.jeton_hash == token_hash(secret),
            RecuMenage.revoque_le.is_(None),
            Adulte.parti_le.is_(None),
            Menage.protege.is_(False),
        )
        .options(joinedload(RecuMenage.adulte))
    )


def ouvrir(
    session: Session, clock: Clock, settings: Settings, secret: str, pin: str, address: str
) -> DomainError | None:
    """Try a PIN; return why it does not open, None when it does. In a transaction of its own, which commits
    whatever the answer. `address`: the network's. Raises NotVisible for a receipt that does not work."""
    found = lire(session, secret)
    if found is None:
        raise NotVisible(secret)
    recu = session.get_one(RecuMenage, found.id, with_for_update=True, populate_existing=True)
    now = clock.now()
    adresse = throttle.receipt_key(settings, address)
    attente = throttle.wait_seconds(
        session, clock, settings, [(adresse, settings.login_attempts_per_address)]
    )
    if recu.bloque_jusqu_au is not None and recu.bloque_jusqu_au > now:
        attente = max(attente, ceil((recu.bloque_jusqu_au - now).total_seconds()))
    if attente:
        return DomainError("recus.attendre", "pin", minutes=ceil(attente / 60))
    if check_password(pin.strip(), recu.pin_hash):
        recu.essais, recu.bloque_jusqu_au, recu.dernier_acces_le = 0, None, now
        session.flush()
        record(
            session,
            clock,
            None,
            "autorisations:recu:ouvrir",
            recu,
            auteur=LE_MENAGE,
            departement_code=_departement(session, recu),
        )
        return None
    recu.essais += 1
    throttle.count(session, clock, [adresse])
    if recu.essais >= ESSAIS:
        recu.bloque_jusqu_au = now + min(ATTENTE * 2 ** min(recu.essais - ESSAIS, 10), ATTENTE_MAX)
        session.flush()
        return DomainError(
            "recus.attendre", "pin", minutes=ceil((recu.bloque_jusqu_au - now).total_seconds() / 60)
        )
    session.flush()
    return DomainError("recus.pin_faux", "pin")


@dataclass(frozen=True)
class Partage:
    """An authorisation as the adult who answered it reads it."""

    autorisation: Autorisation
    ouverte: bool
    sa_reponse: AccordAdulte


def partages(session: Session, clock: Clock, recu: RecuMenage) -> list[Partage]:
    """Return what was asked of an adult, newest first, and whether it is open now."""
    miennes = session.scalars(
        select(Autorisation)
        .join(AccordAdulte, AccordAdulte.autorisation_id == Autorisation.id)
        .where(AccordAdulte.adulte_id == recu.adulte_id)
        .options(joinedload(Autorisation.grille))
        .order_by(Autorisation.id.desc())
    ).all()
    ouvertes = set(
        session.scalars(
            select(Autorisation.id)
            .where(Autorisation.menage_id == recu.adulte.menage_id, queries.ouverte(clock))
            .order_by(Autorisation.id)
        )
    )
    reponses = {
        one.autorisation_id: one
        for one in session.scalars(
            select(AccordAdulte).where(AccordAdulte.adulte_id == recu.adulte_id).order_by(AccordAdulte.id)
        )
    }
    return [Partage(une, une.id in ouvertes, reponses[une.id]) for une in miennes]


def partage(session: Session, clock: Clock, recu: RecuMenage, ref: str) -> Partage:
    """Return one of them. Raises NotVisible."""
    for one in partages(session, clock, recu):
        if one.autorisation.ref == ref:
            return one
    raise NotVisible(ref)


def lectures(session: Session, recu: RecuMenage) -> Sequence[LectureMenage]:
    """Return who read what of the household, latest first: the household may know it (§ 6.5, 7)."""
    return session.scalars(
        select(LectureMenage)
        .where(LectureMenage.menage_id == recu.adulte.menage_id)
        .order_by(LectureMenage.id.desc())
        .limit(LECTURES)
    ).all()


def remarquer(session: Session, clock: Clock, recu: RecuMenage, ref: str, texte: str) -> RemarqueMenage:
    """Add a dated remark to the version that an open authorisation covers: it travels with it from then on.

    The same text sent twice is one remark. Raises NotVisible, DomainError (field `texte`).
    """
    vu = partage(session, clock, recu, ref)
    if vu.autorisation.statut is not StatutAutorisation.ACCORDE:
        raise DomainError("recus.fermee", "texte")
    texte = texte.strip()
    if not texte:
        raise DomainError("recus.remarque_vide", "texte")
    if len(texte) > REMARQUE_MAX:
        raise DomainError("recus.remarque_longue", "texte", maximum=REMARQUE_MAX)
    session.get_one(Adulte, recu.adulte_id, with_for_update=True)
    vault, grille_id = coffre(session), vu.autorisation.grille_id
    siennes = session.scalars(
        select(RemarqueMenage)
        .where(RemarqueMenage.grille_id == grille_id, RemarqueMenage.adulte_id == recu.adulte_id)
        .order_by(RemarqueMenage.id)
    ).all()
    for one in siennes:
        if vault.ouvrir(one.texte) == texte:
            return one
    if len(siennes) >= REMARQUES_MAX:
        raise DomainError("recus.trop_de_remarques", "texte", maximum=REMARQUES_MAX)
    remarque = RemarqueMenage(
        grille_id=grille_id, adulte_id=recu.adulte_id, le=clock.now(), texte=vault.fermer(texte)
    )
    session.add(remarque)
    session.flush()
    record(
        session,
        clock,
        None,
        "autorisations:remarque:ajouter",
        remarque,
        auteur=LE_MENAGE,
        departement_code=_departement(session, recu),
    )
    return remarque


def _trop_simple(session: Session, adulte: Adulte, pin: str) -> bool:
    if len(set(pin)) < 3 or pin in _SUITES:
        return True
    identite = Identite.ouvrir(coffre(session), adulte.identite)
    if identite is None:
        return False
    ne = identite.naissance
    return pin in {ne.strftime(forme) for forme in ("%d%m%y", "%y%m%d", "%m%d%y", "%m%Y", "%d%m%Y")}


def _adulte(session: Session, vise: Vise, ref: str) -> Adulte:
    for adulte in queries.presents(session, vise.menage):
        if adulte.ref == ref:
            return adulte
    raise NotVisible(ref)


def _revoquer(clock: Clock, recu: RecuMenage) -> None:
    recu.revoque_le = recu.updated_at = clock.now()


def _droit(actor: Actor, vise: Vise) -> None:
    if not can(actor, Permission.AUTORISATIONS_RECUEILLIR, vise):
        raise Forbidden(Permission.AUTORISATIONS_RECUEILLIR.value)


def fuseau(session: Session, recu: RecuMenage) -> str:
    """Return the zone in which the household's page tells the time."""
    return fuseau_de(_departement(session, recu))


def menage(session: Session, recu: RecuMenage) -> Menage:
    """Return the household of whoever holds a receipt."""
    return session.get_one(Menage, recu.adulte.menage_id)


def _departement(session: Session, recu: RecuMenage) -> str:
    return menage(session, recu).departement_code


def _noter(session: Session, clock: Clock, actor: Actor, recu: RecuMenage, acte: str, menage: Menage) -> None:
    record(
        session, clock, actor, f"autorisations:recu:{acte}", recu, departement_code=menage.departement_code
    )
