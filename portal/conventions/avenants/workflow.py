"""The transitions of an avenant (domaine.md § 5.4): who may fire them, from where, to where.

Its rights are those on the line that it changes.
"""

from portal.conventions.avenants.enums import OUVERTS, StatutAvenant
from portal.security.permissions import Permission
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow

WORKFLOW: Workflow[StatutAvenant] = Workflow(
    [
        Transition(
            "negocier",
            N_("Ouvrir la négociation de l’avenant"),
            frozenset({StatutAvenant.PROJET}),
            StatutAvenant.EN_NEGOCIATION,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "figer",
            N_("Figer l’avenant"),
            frozenset({StatutAvenant.EN_NEGOCIATION}),
            StatutAvenant.EN_SIGNATURE,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "rouvrir",
            N_("Rouvrir la négociation de l’avenant"),
            frozenset({StatutAvenant.EN_SIGNATURE}),
            StatutAvenant.EN_NEGOCIATION,
            Permission.CONVENTIONS_MODIFIER,
        ),
        Transition(
            "refuser_signature",
            N_("Refuser de signer"),
            frozenset({StatutAvenant.EN_SIGNATURE}),
            StatutAvenant.EN_NEGOCIATION,
            Permission.SIGNATURE_SIGNER,
        ),
        Transition(
            "signer",
            N_("Signer"),
            frozenset({StatutAvenant.EN_SIGNATURE}),
            StatutAvenant.SIGNE,
            Permission.CONVENTIONS_ENREGISTRER_SIGNATURE,
        ),
        Transition(
            "refuser",
            N_("Refuser l’avenant"),
            frozenset({StatutAvenant.EN_NEGOCIATION}),
            StatutAvenant.REFUSE,
            Permission.REDACTION_NEGOCIER,
        ),
        Transition(
            "abandonner",
            N_("Abandonner l’avenant"),
            frozenset(OUVERTS),
            StatutAvenant.ABANDONNE,
            Permission.CONVENTIONS_MODIFIER,
        ),
    ]
)

MOTIVEES = frozenset({"rouvrir", "refuser", "abandonner"})
"""Transitions that say why."""
