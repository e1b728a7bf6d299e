"""What the screens of the directory share: labels of functions, publics, territories; the breadcrumb."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.annuaire import nomenclatures, queries, service
from portal.annuaire.indexation import fonction_de, noms_des_lieux
from portal.organisations.referentiel import Lieu
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import Forbidden
from portal.web.context import current_actor, db

Fil = list[tuple[str, str]]


def langue() -> str:
    """Return the language of the interface."""
    return str(get_locale())


def fonctions(codes: tuple[str, ...]) -> dict[str, str]:
    """Return the labels of the functions of some départements, by code."""
    known = service.fonctions_de(db(), *codes).values()
    return {one.code: one.libelle.en_langue(langue()) for one in known}


def libelles_de(lignes: Iterable[Any]) -> dict[str, str]:
    """Return the labels of the functions of some entries, by code: a statement only for those that their
    département added."""
    codes = {ligne.fonction_code: ligne.departement_code for ligne in lignes}
    ajoutees = {departement for code, departement in codes.items() if code not in nomenclatures.fonctions()}
    connues = service.fonctions_de(db(), *ajoutees) if ajoutees else nomenclatures.fonctions()
    return {code: connues[code].libelle.en_langue(langue()) if code in connues else code for code in codes}


def libelle_fonction(code: str) -> str:
    """Return the label of one function."""
    return fonction_de(db(), code).libelle.en_langue(langue())


def publics_choisis() -> list[tuple[str, str]]:
    """Return the publics to choose from."""
    return [(code, label.en_langue(langue())) for code, label in nomenclatures.publics().items()]


def fil_de(referent: Any, act: str = "") -> Fil:
    """Return the breadcrumb of an entry, and of what is done to it."""
    steps = [
        (_("Annuaire"), url_for("annuaire.liste")),
        (libelle_fonction(referent.fonction_code), url_for("annuaire.detail", referent_ref=referent.ref)),
    ]
    return [*steps, (act, "")] if act else steps


def a_modifier(referent_ref: str) -> Any:
    """Return an entry that the actor may change; raises NotVisible, Forbidden."""
    actor = current_actor()
    referent = queries.referent(db(), actor, referent_ref)
    if not can(actor, Permission.ANNUAIRE_MODIFIER, referent):
        raise Forbidden(Permission.ANNUAIRE_MODIFIER.value)
    return referent


def territoires(referent: Any) -> list[str]:
    """Return the names of the territories of an entry, widest first; none for its whole département."""
    return noms_des_lieux(db(), [Lieu(row.maille, row.code) for row in referent.territoires])[0]
