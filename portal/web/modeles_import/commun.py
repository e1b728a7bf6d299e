"""What every page of the import of a Word model shares."""

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from portal.conventions.modeles.enums import StatutImport
from portal.conventions.modeles.import_brouillon import Dossier
from portal.web.modeles_import.forms import GABARITS
from portal.web.organisations import nomenclatures

bp = Blueprint("modeles_import", __name__, url_prefix="/modele/import")


def contexte(dossier: Dossier, page: str = "") -> dict[str, Any]:
    """Return what every page of an import is given."""
    entete = dossier.entete
    adresse = url_for(".detail", import_ref=entete.ref)
    fil = [
        (_("Modèle"), url_for("modeles.index")),
        (_("Importer un modèle Word"), url_for(".deposer")),
        (entete.libelle, adresse if page else ""),
    ]
    return {
        "fil": [*fil, (page, "")] if page else fil,
        "entete": entete,
        "adresse": adresse,
        "relisible": entete.statut is StatutImport.RELECTURE,
        "gabarit": _(GABARITS[entete.gabarit.value]),
        "nom": nomenclatures.departements().get(entete.departement_code, entete.departement_code),
    }
