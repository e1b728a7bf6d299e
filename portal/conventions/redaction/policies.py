"""Who negotiates a text (domaine.md §§ 4.2, 10.3): the three parties, each on its own lines.

Whoever reads the line reads its text; the manager of a structure reads only.
"""

from typing import Any

from portal.conventions.enums import Partie, Statut
from portal.conventions.policies import est_sienne, partie_de
from portal.security.permissions import ETAT, Permission
from portal.security.policy import Actor, policy


@policy(Permission.REDACTION_NEGOCIER)
def peut_negocier(actor: Actor, ligne: Any) -> bool:
    """State, SIAO, and the direction of the operator."""
    return partie_de(actor) is not None and est_sienne(actor, ligne)


@policy(Permission.REDACTION_FORME)
def peut_choisir_la_forme(actor: Actor, ligne: Any) -> bool:
    """The State alone: the SIAO and the operator are one legal person, and it is not theirs to choose."""
    return actor.profil in ETAT and est_sienne(actor, ligne)


def a_la_main(actor: Actor, statut: Statut) -> bool:
    """Tell whether the actor may act on clauses in this state: a project is prepared without the operator."""
    if statut is Statut.PROJET:
        return partie_de(actor) in (Partie.ETAT, Partie.SIAO)
    return statut is Statut.EN_NEGOCIATION
