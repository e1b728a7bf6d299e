"""The transitions of a CTP (domaine.md § 5.2): who may fire them, from where, to where."""

from typing import Any

from portal.conventions.enums import OUVERTS, Partie, Statut
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow

SIMPLES = frozenset({"engager", "negocier", "accorder", "mettre_en_signature", "rouvrir"})
"""Transitions that change the state and nothing else."""


def _trois_signatures(ligne: Any, **_: Any) -> None:
    """A CTP is signed by the third signature (domaine.md § 5.2)."""
    signees = {signature.partie for signature in ligne.signatures}
    manque = [partie for partie in Partie if partie not in signees]
    if manque:
        raise DomainError("conventions.signature_absente", "partie")


def _pas_resiliee(ligne: Any, **_: Any) -> None:
    if ligne.resiliation_effet is not None:
        raise DomainError("conventions.resiliation_deja")


WORKFLOW: Workflow[Statut] = Workflow(
    [
        Transition(
            "engager",
            N_("Ouvrir le projet"),
            frozenset({Statut.A_ENGAGER}),
            Statut.PROJET,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "negocier",
            N_("Ouvrir la négociation"),
            frozenset({Statut.PROJET}),
            Statut.EN_NEGOCIATION,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "accorder",
            N_("Constater l’accord de principe"),
            frozenset({Statut.EN_NEGOCIATION}),
            Statut.ACCORD_DE_PRINCIPE,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "mettre_en_signature",
            N_("Mettre en signature"),
            frozenset({Statut.ACCORD_DE_PRINCIPE}),
            Statut.EN_SIGNATURE,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "rouvrir",
            N_("Rouvrir la négociation"),
            frozenset({Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE}),
            Statut.EN_NEGOCIATION,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "retirer_signature",
            N_("Retirer une signature"),
            frozenset({Statut.EN_SIGNATURE}),
            Statut.EN_NEGOCIATION,
            Permission.CONVENTIONS_ENREGISTRER_SIGNATURE,
        ),
        Transition(
            "suspendre",
            N_("Suspendre la négociation"),
            frozenset({Statut.EN_NEGOCIATION}),
            Statut.SUSPENDUE,
            Permission.CONVENTIONS_SUSPENDRE,
        ),
        Transition(
            "reprendre",
            N_("Reprendre la négociation"),
            frozenset({Statut.SUSPENDUE}),
            None,
            Permission.CONVENTIONS_SUSPENDRE,
        ),
        Transition(
            "classer",
            N_("Classer sans objet"),
            frozenset(OUVERTS),
            Statut.SANS_OBJET,
            Permission.CONVENTIONS_CLASSER_SANS_OBJET,
        ),
        Transition(
            "signer",
            N_("Enregistrer une signature"),
            frozenset({Statut.EN_SIGNATURE}),
            Statut.SIGNEE,
            Permission.CONVENTIONS_ENREGISTRER_SIGNATURE,
            _trois_signatures,
        ),
        Transition(
            "reprise",
            N_("Reprendre une convention signée ailleurs"),
            frozenset(OUVERTS),
            Statut.SIGNEE,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "resilier",
            N_("Enregistrer une résiliation"),
            frozenset({Statut.SIGNEE}),
            Statut.SIGNEE,
            Permission.CONVENTIONS_RESILIER,
            _pas_resiliee,
        ),
    ]
)
