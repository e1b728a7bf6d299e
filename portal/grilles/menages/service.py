"""Opening, changing and closing households (domaine.md § 6, § 7.6). Services flush, never commit.

The journal says which items changed, never what they hold.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.grilles.menages import crochets, queries
from portal.grilles.menages.acces_fermes import fermer_tous
from portal.grilles.menages.identites import (
    Composition,
    Identite,
    cle_du_numero,
    cle_si_siao,
    presents,
)
from portal.grilles.menages.models import Adulte, LectureMenage, Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.saisie import (
    ADULTES_MAXIMUM,
    SaisieAdulte,
    SaisieMenage,
    lire_composition,
    lire_identite,
    lire_numero_unique,
    lire_si_siao,
)
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion

LETTRES = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read for another
UNE_LECTURE = timedelta(minutes=30)
"""Repeated readings of one thing by one person within this time are one in « Qui a lu ? »."""


def ouvrir(session: Session, clock: Clock, actor: Actor, typed: SaisieMenage, *, key: str = "") -> Menage:
    """Open a household in the charge of the actor. `key`: the form's idempotency key.

    Raises Forbidden, DomainError, DomainErrors (fields `adulte_1_nom`…, `numero_unique`, `si_siao`).
    """
    require(actor, Permission.MENAGES_OUVRIR, None)
    ref = keyed_ref(key, Menage.__tablename__, actor.adhesion_id)
    again = session.scalar(select(Menage).where(Menage.ref == ref)) if ref else None
    if again is not None:
        return again
    if typed.departement_code not in queries.ouverts(session, clock, actor):
        raise DomainError("menages.sans_ctp", "departement_code")
    identites = lire_tout(clock, typed)
    vault, now = coffre(session), clock.now()
    menage = Menage(
        departement_code=typed.departement_code,
        organisation_id=actor.organisation_id,
        referent_id=actor.personne_id,
        code=_code(session),
        protege=typed.protege,
        composition=lire_composition(typed.a_charge, typed.en_visite).fermer(vault),
        dernier_contact_le=clock.today(actor.fuseau),
        created_at=now,
        updated_at=now,
    )
    if ref:
        menage.ref = ref
    _reperes(session, menage, typed.si_siao, "" if typed.protege else typed.numero_unique)
    menage.adultes = [Adulte(rang=rang) for rang, _identite in enumerate(identites, 1)]
    for adulte, identite in zip(menage.adultes, identites, strict=True):
        _nommer(session, adulte, identite)
    session.add(menage)
    session.flush()
    facts = {"adultes": len(identites), "protege": typed.protege}
    record(session, clock, actor, "menages:menage:ouvrir", menage, changes=facts)
    return menage


def lire_tout(clock: Clock, typed: SaisieMenage) -> list[Identite | None]:
    """Check what was typed; return who the adults are, None for each in the protected circuit."""
    refusals = Refusals()
    errors: list[DomainError] = []
    identites: list[Identite | None] = []
    with refusals.gathered():
        if not lire_si_siao(typed.si_siao) and typed.protege:
            raise DomainError("menages.si_siao_protege", "si_siao")
    if typed.protege:
        if not 1 <= typed.nombre_adultes <= ADULTES_MAXIMUM:
            refusals.add("menages.adultes", "nombre_adultes", maximum=ADULTES_MAXIMUM)
        refusals.raise_any()
        return [None] * typed.nombre_adultes
    with refusals.gathered():
        lire_numero_unique(typed.numero_unique)
    typed_adults = [(n, one) for n, one in enumerate(typed.adultes, 1) if n == 1 or not one.vide]
    for n, one in typed_adults or [(1, SaisieAdulte())]:
        try:
            identites.append(lire_identite(clock, one, f"adulte_{n}_"))
        except DomainErrors as refused:
            errors += refused.errors
    try:
        refusals.raise_any()
    except DomainErrors as refused:
        errors += refused.errors
    if errors:
        raise DomainErrors(errors)
    return identites


def _reperes(session: Session, menage: Menage, si_siao: str, numero: str) -> None:
    """Write both references of a household, encrypted, with their keyed hashes. Raises DomainError."""
    vault = coffre(session)
    reference, numero = lire_si_siao(si_siao), lire_numero_unique(numero)
    menage.si_siao = vault.fermer(reference) if reference else ""
    menage.si_siao_cle = cle_si_siao(vault, reference) if reference else None
    menage.numero_unique = vault.fermer(numero) if numero else ""
    menage.numero_unique_cle = cle_du_numero(vault, numero) if numero else None


def _nommer(session: Session, adulte: Adulte, identite: Identite | None) -> None:
    vault = coffre(session)
    adulte.identite = identite.fermer(vault) if identite else ""
    adulte.cle = identite.cle(vault) if identite else None
    adulte.nom_cle = identite.nom_cle(vault) if identite else None


def _code(session: Session) -> str:
    """Return a code that no household has: what names one where no name may be."""
    while True:
        code = "M-" + "".join(secrets.choice(LETTRES) for _ in range(6))
        if session.scalar(select(Menage.id).where(Menage.code == code)) is None:
            return code


@contextmanager
def acte(
    session: Session, clock: Clock, actor: Actor, vise: Vise, nom: str, version: int, *items: str
) -> Iterator[Menage]:
    """Hold a household as it now is and end an act on it: its date, its version, the journal.

    `items`: what of it is written, said in the journal. Raises Forbidden, StaleVersion.
    """
    require(actor, Permission.MENAGES_MODIFIER, vise)
    menage = tenir(session, vise.menage, version)
    yield menage
    finir(session, clock, actor, menage, nom, *items)


def tenir(session: Session, menage: Menage, version: int) -> Menage:
    """Return a household as it now is, held until the end of the transaction. Raises StaleVersion."""
    current = session.get(Menage, menage.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    return current


def finir(session: Session, clock: Clock, actor: Actor, menage: Menage, nom: str, *items: str) -> None:
    """End an act: the household's date and version, the journal."""
    menage.updated_at = clock.now()
    flag_modified(menage, "updated_at")  # its version moves even when what changed is beside it
    session.flush()
    changes = {"items": list(items)} if items else {}
    record(session, clock, actor, f"menages:menage:{nom}", menage, changes=changes)


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    *,
    si_siao: str,
    numero_unique: str,
    enfants: Composition,
    version: int,
) -> Menage:
    """Change the references and the children of a household. Raises Forbidden, StaleVersion, DomainErrors."""
    menage = vise.menage
    refusals = Refusals()
    with refusals.gathered():
        if menage.protege and not lire_si_siao(si_siao):
            raise DomainError("menages.si_siao_protege", "si_siao")
    with refusals.gathered():
        lire_numero_unique(numero_unique)
    refusals.raise_any()
    items = ["si_siao", "composition", *(() if menage.protege else ("numero_unique",))]
    with acte(session, clock, actor, vise, "modifier", version, *items) as menage:
        _reperes(session, menage, si_siao, "" if menage.protege else numero_unique)
        menage.composition = lire_composition(enfants.a_charge, enfants.en_visite).fermer(coffre(session))
    return menage


def ajouter_adulte(
    session: Session, clock: Clock, actor: Actor, vise: Vise, typed: SaisieAdulte, *, version: int
) -> Adulte:
    """Let an adult join the household: what it had authorised ends (`crochets.on_composition`).

    In the protected circuit nothing of them is kept. Raises Forbidden, StaleVersion, DomainError,
    DomainErrors.
    """
    identite = None if vise.menage.protege else lire_identite(clock, typed)
    with acte(session, clock, actor, vise, "adulte_ajoute", version, "adultes") as menage:
        la = presents(menage)
        if len(la) >= ADULTES_MAXIMUM:
            raise DomainError("menages.adultes", "nom", maximum=ADULTES_MAXIMUM)
        if identite and identite.cle(coffre(session)) in {un.cle for un in la}:
            raise DomainError("menages.meme_personne", "nom")
        adulte = Adulte(rang=max((un.rang for un in menage.adultes), default=0) + 1)
        _nommer(session, adulte, identite)
        menage.adultes.append(adulte)
        session.flush()
        crochets.composition_change(session, clock, actor, menage)
    return adulte


def corriger_adulte(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    adulte: Adulte,
    typed: SaisieAdulte,
    *,
    version: int,
) -> Adulte:
    """Correct who an adult is; the household stays the same. Raises as `ajouter_adulte`."""
    identite = lire_identite(clock, typed)
    with acte(session, clock, actor, vise, "adulte_corrige", version, "adultes") as menage:
        if menage.protege:
            raise DomainError("menages.protege")
        cle = identite.cle(coffre(session))
        if any(un.cle == cle and un.id != adulte.id for un in presents(menage)):
            raise DomainError("menages.meme_personne", "nom")
        _nommer(session, adulte, identite)
    return adulte


def retirer_adulte(
    session: Session, clock: Clock, actor: Actor, vise: Vise, adulte: Adulte, *, version: int
) -> None:
    """Say that an adult left the household: what it had authorised ends. Raises as `ajouter_adulte`."""
    with acte(session, clock, actor, vise, "adulte_parti", version, "adultes") as menage:
        la = presents(menage)
        if adulte not in la:
            raise StaleVersion(menage)
        if len(la) == 1:
            raise DomainError("menages.dernier_adulte")
        adulte.parti_le = clock.today(actor.fuseau)
        session.flush()
        crochets.composition_change(session, clock, actor, menage)


def proteger(session: Session, clock: Clock, actor: Actor, vise: Vise, si_siao: str, *, version: int) -> None:
    """Put a household in the protected circuit: names and demand number are erased wherever they were
    written, everything is closed.

    Raises Forbidden, StaleVersion, DomainError.
    """
    if not lire_si_siao(si_siao):
        raise DomainError("menages.si_siao_protege", "si_siao")
    with acte(session, clock, actor, vise, "proteger", version, "protege", "adultes") as menage:
        if menage.protege:
            raise DomainError("menages.protege")
        vault = coffre(session)
        noms = [one for adulte in menage.adultes if (one := Identite.ouvrir(vault, adulte.identite))]
        menage.protege = True
        _reperes(session, menage, si_siao, "")
        for adulte in menage.adultes:
            _nommer(session, adulte, None)
        fermer_tous(session, clock, menage)
        session.flush()
        crochets.composition_change(session, clock, actor, menage)
        crochets.protection(session, clock, actor, menage, noms)


def ne_plus_proteger(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> None:
    """Take a household out of the protected circuit; names are to be written anew, and what it authorised
    under its code alone ends.

    Raises Forbidden, StaleVersion, DomainError.
    """
    with acte(session, clock, actor, vise, "ne_plus_proteger", version, "protege") as menage:
        if not menage.protege:
            raise DomainError("menages.non_protege")
        menage.protege = False
        session.flush()
        crochets.composition_change(session, clock, actor, menage)


def contact(session: Session, clock: Clock, actor: Actor, vise: Vise, jour: date, *, version: int) -> None:
    """Write down the last contact: retention counts from it (D17). Raises Forbidden, StaleVersion,
    DomainError for a day to come.
    """
    if jour > clock.today(actor.fuseau):
        raise DomainError("menages.contact_futur", "jour")
    with acte(session, clock, actor, vise, "contact", version, "dernier_contact_le") as menage:
        menage.dernier_contact_le = jour


def noter_contact(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """Say that the household was met today: for the acts that only its presence makes possible."""
    menage.dernier_contact_le = max(menage.dernier_contact_le, clock.today(actor.fuseau))


def clore(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> None:
    """Say that a household is no longer accompanied. Raises Forbidden, StaleVersion."""
    with acte(session, clock, actor, vise, "clore", version, "clos_le") as menage:
        menage.clos_le = clock.today(actor.fuseau)
        fermer_tous(session, clock, menage)
        session.flush()
        crochets.cloture(session, clock, actor, menage)


def peut_rouvrir(actor: Actor, vise: Vise) -> bool:
    """Tell whether the actor may accompany a closed household anew: whoever accompanied it."""
    return vise.menage.clos_le is not None and vise.menage.referent_id == actor.personne_id


def rouvrir(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> None:
    """Accompany a closed household anew. Raises Forbidden, StaleVersion, DomainError."""
    if vise.menage.clos_le is None:
        raise DomainError("menages.ouvert")
    if not peut_rouvrir(actor, vise):
        raise Forbidden(Permission.MENAGES_MODIFIER.value)
    menage = tenir(session, vise.menage, version)
    menage.clos_le = None
    finir(session, clock, actor, menage, "rouvrir", "clos_le")


def lire(
    session: Session, clock: Clock, actor: Actor, menage: Menage, quoi: str, objet_ref: str = ""
) -> None:
    """Write down that the actor reads something of a household, for « Qui a lu ? » and for the journal.

    `quoi`: a word of `enums.LIBELLES_LECTURE`. Repeated within half an hour it is one reading for people; the
    journal keeps each.
    """
    record(session, clock, actor, "menages:menage:lire", menage, changes={"quoi": quoi, "objet": objet_ref})
    lecture: dict[InstrumentedAttribute[Any], object] = {
        LectureMenage.menage_id: menage.id,
        LectureMenage.personne_id: actor.personne_id,
        LectureMenage.organisation_id: actor.organisation_id,
        LectureMenage.quoi: quoi,
        LectureMenage.objet_ref: objet_ref,
    }
    deja = exists().where(
        *(colonne == valeur for colonne, valeur in lecture.items()),
        LectureMenage.le >= clock.now() - UNE_LECTURE,
    )
    lecture |= {
        LectureMenage.le: clock.now(),
        LectureMenage.lecteur: f"{actor.nom} ({actor.organisation_nom})"[:200],
    }
    faits = (literal(valeur, colonne.type) for colonne, valeur in lecture.items())
    session.execute(insert(LectureMenage).from_select([*lecture], select(*faits).where(~deja)))
