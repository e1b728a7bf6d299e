"""The main navigation, per profile."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import gettext

from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.messages import N_
from portal.web.context import actor_or_none


@dataclass(frozen=True)
class Entree:
    """An entry of the navigation; it shows when the profile has the permission.

    `salles`: other blueprints whose pages stand under this entry.
    """

    endpoint: str
    label: str
    permission: Permission
    icone: str
    salles: tuple[str, ...] = ()


ENTREES = (
    Entree("accueil.a_faire", N_("À faire"), Permission.COMPTE_GERER_LE_SIEN, "a-faire"),
    Entree("conventions.liste", N_("Conventions"), Permission.CONVENTIONS_LIRE, "convention"),
    Entree("progression.index", N_("Progression"), Permission.CONVENTIONS_PROGRESSION, "progression"),
    Entree(
        "organisations.liste",
        N_("Organisations"),
        Permission.ORGANISATIONS_LIRE,
        "organisation",
        ("structures", "import_finess"),
    ),
    Entree("equipe.liste", N_("Équipe"), Permission.COMPTES_LIRE, "equipe"),
    Entree("travaux.liste", N_("Travaux"), Permission.TRAVAUX_LIRE, "horloge"),
    Entree("parametres.liste", N_("Paramètres"), Permission.PARAMETRES_MODIFIER, "reglages"),
    Entree("supervision.index", N_("Supervision"), Permission.TECHNIQUE_SUPERVISER, "supervision"),
)


@dataclass(frozen=True)
class Lien:
    """An entry as templates read it."""

    label: str
    href: str
    active: bool
    icone: str


def init(app: Flask) -> None:
    """Give templates their navigation."""

    app.context_processor(lambda: {"nav_items": items})


def items() -> list[Lien]:
    """Return the entries that the active profile may open."""
    actor = actor_or_none()
    if actor is None:
        return []
    blueprint = request.blueprint
    return [
        Lien(
            gettext(entry.label),
            url_for(entry.endpoint),
            blueprint in (entry.endpoint.split(".")[0], *entry.salles),
            entry.icone,
        )
        for entry in ENTREES
        if entry.endpoint in current_app.view_functions and can(actor, entry.permission)
    ]
