"""Who may do what to the lines of conventions (domaine.md § 10.2, 10.3 « Suivi de déploiement »).

The object is a line, read by `departement_code`, `siao_id`, `operateur_id` only (a `Couple` stands for a
line not created yet). The team of an operator that also carries the SIAO belongs to two organisations: what
it sees depends on the one that is active (§ 10.4).
"""

from dataclasses import dataclass
from typing import Any, Protocol

from portal.conventions.enums import Partie
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, policy

AGREGES = frozenset({Profil.COLLECTIVITE, Profil.TETE_DE_RESEAU, Profil.OBSERVATEUR_AGREGE})
"""Profiles that see the figures and never the lines."""

LECTEURS = ETAT | SIAO | OPERATEUR | {Profil.ADMIN_DEPARTEMENT}


class Ligne(Protocol):
    """What policies read of a line."""

    @property
    def departement_code(self) -> str: ...
    @property
    def siao_id(self) -> int: ...
    @property
    def operateur_id(self) -> int: ...


@dataclass(frozen=True)
class Couple:
    """A pair, for the line that someone would like to create."""

    departement_code: str
    siao_id: int
    operateur_id: int


def est_sienne(actor: Actor, ligne: Ligne | None) -> bool:
    """Tell whether the line is among those of the actor's active organisation: it may act on no other."""
    if ligne is None:
        return True
    if actor.profil in ETAT or actor.profil is Profil.ADMIN_DEPARTEMENT:
        return ligne.departement_code == actor.departement_code
    if actor.profil in SIAO:
        return ligne.siao_id == actor.organisation_id
    return actor.profil in OPERATEUR and ligne.operateur_id == actor.organisation_id


@policy(Permission.CONVENTIONS_LIRE)
def peut_lire(actor: Actor, ligne: Any) -> bool:
    """State: its département; SIAO and operator: their own. `queries.visible_to` says the same in SQL.

    The operator also reads the lines that stayed with those merged into it: they are its history, ended.
    """
    herite = actor.profil in OPERATEUR and ligne is not None and ligne.operateur_id in actor.absorbees
    return actor.profil in LECTEURS and (est_sienne(actor, ligne) or herite)


def _pilote(actor: Actor, ligne: Any) -> bool:
    """Tell whether the actor is the line's State or SIAO."""
    return actor.profil in ETAT | SIAO and est_sienne(actor, ligne)


for _permission in (
    Permission.CONVENTIONS_CREER,
    Permission.CONVENTIONS_MODIFIER,
    Permission.CONVENTIONS_CLASSER_SANS_OBJET,
    Permission.CONVENTIONS_COPIER_SI_SIAO,
    Permission.CONVENTIONS_IMPORTER,
):
    policy(_permission)(_pilote)


@policy(Permission.CONVENTIONS_EXPORTER)
def peut_exporter(actor: Actor, ligne: Any) -> bool:
    """Whoever reads the list may take it away."""
    return peut_lire(actor, ligne)


@policy(Permission.CONVENTIONS_SUSPENDRE)
def peut_suspendre(actor: Actor, ligne: Any) -> bool:
    """The State alone arbitrates a hard point (domaine.md § 5.2)."""
    return actor.profil in ETAT and est_sienne(actor, ligne)


def _partie_signataire(actor: Actor, ligne: Any) -> bool:
    return _pilote(actor, ligne) or (actor.profil is Profil.OPERATEUR_DIRECTION and est_sienne(actor, ligne))


policy(Permission.CONVENTIONS_ENREGISTRER_SIGNATURE)(_partie_signataire)
policy(Permission.CONVENTIONS_RESILIER)(_partie_signataire)


@policy(Permission.CONVENTIONS_PROGRESSION)
def peut_voir_progression(actor: Actor, ligne: Any) -> bool:
    """Readers of lines, and those who see aggregated figures only."""
    return actor.profil in LECTEURS | AGREGES


def partie_de(actor: Actor) -> Partie | None:
    """Return the party that the actor stands for, None for a profile that signs nothing."""
    if actor.profil in ETAT:
        return Partie.ETAT
    if actor.profil in SIAO:
        return Partie.SIAO
    return Partie.OPERATEUR if actor.profil is Profil.OPERATEUR_DIRECTION else None


def peut_enregistrer_signature_de(actor: Actor, partie: Partie) -> bool:
    """State and SIAO record any party's signature, as read on the paper; the operator, its own only."""
    return actor.profil in ETAT | SIAO or partie_de(actor) is partie
