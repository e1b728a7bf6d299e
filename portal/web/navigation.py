"""The main navigation, per profile."""

from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale, gettext

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
    Entree("modeles.index", N_("Modèle"), Permission.MODELES_LIRE, "grille"),
    Entree("tours.liste", N_("Tours collectifs"), Permission.TOURS_LIRE, "echange"),
    Entree("bilans.recueil", N_("Bilans"), Permission.BILANS_SUIVRE, "journal"),
    Entree("grilles.index", N_("Grille d’accès"), Permission.GRILLES_LIRE, "accueil"),
    Entree(
        "menages.liste",
        N_("Ménages"),
        Permission.MENAGES_LIRE,
        "personne",
        ("remplissage", "autorisations", "transmissions", "fin_de_vie"),
    ),
    Entree("grilles_recues.liste", N_("Grilles reçues"), Permission.TRANSMISSIONS_LIRE, "grille"),
    Entree("menages.relais_page", N_("Absences et relais"), Permission.MENAGES_CONFIER, "calendrier"),
    Entree("annuaire.liste", N_("Annuaire"), Permission.ANNUAIRE_LIRE, "annuaire"),
    Entree(
        "commissions.liste",
        N_("Commissions"),
        Permission.COMMISSIONS_LIRE,
        "commission",
        ("conduite", "releves"),
    ),
    Entree("dossiers.liste", N_("Dossiers"), Permission.DOSSIERS_LIRE, "fichier"),
    Entree("suites.prescriptions", N_("Prescriptions"), Permission.PRESCRIPTIONS_LIRE, "journal"),
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
    """An entry as templates read it. `courant`: its `aria-current`, empty when the page is elsewhere."""

    label: str
    href: str
    courant: str
    icone: str


def init(app: Flask) -> None:
    """Give templates their navigation."""

    app.context_processor(lambda: {"nav_items": items})


def items() -> tuple[Lien, ...]:
    """Return the entries that the active profile may open."""
    actor = actor_or_none()
    if actor is None:
        return ()
    return _liens(
        tuple(entree for entree in ENTREES if can(actor, entree.permission)),
        str(get_locale()),
        request.endpoint or "",
    )


@lru_cache(maxsize=1000)
def _liens(entrees: tuple[Entree, ...], _langue: str, endpoint: str) -> tuple[Lien, ...]:
    return tuple(
        Lien(gettext(entree.label), url_for(entree.endpoint), _courant(entree, endpoint), entree.icone)
        for entree in entrees
        if entree.endpoint in current_app.view_functions
    )


def _courant(entree: Entree, endpoint: str) -> str:
    if endpoint == entree.endpoint:
        return "page"
    salles = (entree.endpoint.split(".")[0], *entree.salles)
    return "true" if endpoint.split(".")[0] in salles else ""
