"""What the models await of the actor's party: drafts to validate, imported models to agree to."""

from sqlalchemy import select

from portal.conventions.enums import Partie
from portal.conventions.modeles.enums import StatutImport, StatutVersion
from portal.conventions.modeles.models import (
    ModeleImport,
    ModeleImportAccord,
    VersionDepartementale,
    VersionDepartementaleValidation,
)
from portal.conventions.modeles.policies import departements_lus, partie_pilote
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.db import AnySelect

VERSION, IMPORT = "modele_version", "modele_import"


def attentes(actor: Actor) -> list[AnySelect]:
    """Return what to look for: what the actor's party has not said yes to yet.

    VERSION: drafts of a département (`ref`, `nombre`: its number). IMPORT: models (`ref`, `libelle`).
    """
    if not can(actor, Permission.MODELES_ENGAGER):
        return []
    partie, codes = partie_pilote(actor), departements_lus(actor)
    validees = select(VersionDepartementaleValidation.id).where(
        VersionDepartementaleValidation.version_id == VersionDepartementale.id,
        VersionDepartementaleValidation.partie == partie,
    )
    accordes = select(ModeleImportAccord.id).where(
        ModeleImportAccord.import_id == ModeleImport.id, ModeleImportAccord.partie == partie
    )
    if partie is Partie.SIAO:  # each SIAO of a département speaks for itself
        validees = validees.where(VersionDepartementaleValidation.organisation_id == actor.organisation_id)
        accordes = accordes.where(ModeleImportAccord.organisation_id == actor.organisation_id)
    return [
        attente(VERSION, ref=VersionDepartementale.ref, nombre=VersionDepartementale.numero).where(
            VersionDepartementale.departement_code.in_(codes),
            VersionDepartementale.statut == StatutVersion.BROUILLON,
            ~validees.exists(),
        ),
        attente(IMPORT, ref=ModeleImport.ref, libelle=ModeleImport.libelle).where(
            ModeleImport.departement_code.in_(codes),
            ModeleImport.statut == StatutImport.PROPOSE,
            ~accordes.exists(),
        ),
    ]
