"""The blueprints of the portal, one per room."""

from flask import Flask

from portal.web.accueil.routes import bp as accueil
from portal.web.agenda.routes import bp as agenda
from portal.web.annuaire.routes import bp as annuaire
from portal.web.autorisations.routes import bp as autorisations
from portal.web.avenants.groupes import bp as avenants_groupes
from portal.web.avenants.routes import bp as avenants
from portal.web.bilans.routes import bp as bilans
from portal.web.commissions.reponse import bp as convocations
from portal.web.commissions.routes import bp as commissions
from portal.web.comptes import BLUEPRINTS as COMPTES
from portal.web.conduite.routes import bp as conduite
from portal.web.conventions.routes import bp as conventions
from portal.web.dossiers.routes import BLUEPRINTS as DOSSIERS
from portal.web.fin_de_vie.routes import bp as fin_de_vie
from portal.web.grilles.routes import bp as grilles
from portal.web.menages.routes import bp as menages
from portal.web.modeles.routes import bp as modeles
from portal.web.modeles_import.routes import bp as modeles_import
from portal.web.organisations.fusion import bp as organisations
from portal.web.organisations.import_finess import bp as import_finess
from portal.web.organisations.structures import bp as structures
from portal.web.pages.routes import bp as pages
from portal.web.parametres.routes import bp as parametres
from portal.web.progression.routes import bp as progression
from portal.web.recus.routes import bp as recus
from portal.web.redaction.routes import bp as redaction
from portal.web.releves.routes import BLUEPRINTS as SUITES
from portal.web.remplissage.routes import bp as remplissage
from portal.web.sante.routes import bp as sante
from portal.web.signature.routes import bp as signature
from portal.web.supervision.routes import bp as supervision
from portal.web.tours.routes import bp as tours
from portal.web.transmissions.routes import BLUEPRINTS as TRANSMISSIONS
from portal.web.travaux.routes import bp as travaux

BLUEPRINTS = (
    sante,
    pages,
    accueil,
    *COMPTES,
    agenda,
    conventions,
    redaction,
    tours,
    signature,
    avenants,
    avenants_groupes,
    bilans,
    modeles,
    modeles_import,
    grilles,
    remplissage,
    autorisations,
    recus,
    menages,
    fin_de_vie,
    *TRANSMISSIONS,
    progression,
    annuaire,
    commissions,
    convocations,
    conduite,
    *SUITES,
    *DOSSIERS,
    organisations,
    import_finess,
    structures,
    travaux,
    parametres,
    supervision,
)


def register(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
