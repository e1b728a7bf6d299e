"""The states of a dossier that this room fires (domaine.md § 7.4); those of the session come after it."""

from portal.commissions.enums_dossiers import StatutDossier
from portal.security.permissions import Permission
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow

S = StatutDossier
AVANT_LA_SEANCE = frozenset({S.BROUILLON, S.DEPOSE, S.INCOMPLET, S.RECEVABLE, S.INSCRIT})
OUVERTS = AVANT_LA_SEANCE | {S.EN_SEANCE, S.DECIDE, S.NOTIFIE, S.RECOURS}
MODIFIABLES = frozenset({S.BROUILLON, S.INCOMPLET})
DEPOSES = frozenset(S) - {S.BROUILLON}
"""What the commission knows of."""

TONS: dict[StatutDossier, str] = {
    S.BROUILLON: "neutre",
    S.DEPOSE: "attente",
    S.INCOMPLET: "alerte",
    S.RECEVABLE: "info",
    S.INSCRIT: "info",
    S.EN_SEANCE: "attente",
    S.DECIDE: "succes",
    S.NOTIFIE: "succes",
    S.RECOURS: "alerte",
    S.CLOS: "neutre",
    S.RADIE: "neutre",
}
"""Colours that stand beside the words of a state."""

WORKFLOW: Workflow[StatutDossier] = Workflow(
    [
        Transition("deposer", N_("Déposer"), MODIFIABLES, S.DEPOSE, Permission.DOSSIERS_DEPOSER),
        Transition(
            "rendre",
            N_("Demander un complément"),
            frozenset({S.DEPOSE, S.RECEVABLE}),
            S.INCOMPLET,
            Permission.DOSSIERS_INSTRUIRE,
        ),
        Transition(
            "recevoir",
            N_("Déclarer recevable"),
            frozenset({S.DEPOSE, S.INCOMPLET}),
            S.RECEVABLE,
            Permission.DOSSIERS_INSTRUIRE,
        ),
        Transition(
            "inscrire",
            N_("Inscrire à une séance"),
            frozenset({S.RECEVABLE, S.INSCRIT}),
            S.INSCRIT,
            Permission.DOSSIERS_INSTRUIRE,
        ),
        Transition(
            "desinscrire",
            N_("Retirer de l’ordre du jour"),
            frozenset({S.INSCRIT}),
            S.RECEVABLE,
            Permission.DOSSIERS_INSTRUIRE,
        ),
        Transition(
            "retirer",
            N_("Retirer le dossier"),
            AVANT_LA_SEANCE - {S.BROUILLON},
            S.RADIE,
            Permission.DOSSIERS_DEPOSER,
        ),
        Transition(
            "radier", N_("Radier"), AVANT_LA_SEANCE - {S.BROUILLON}, S.RADIE, Permission.DOSSIERS_INSTRUIRE
        ),
    ]
)
