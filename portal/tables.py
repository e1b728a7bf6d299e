"""Every table of the portal, imported in one place for migrations and tests."""

from sqlalchemy import Table

import portal.annuaire.models
import portal.annuaire.models_echanges
import portal.annuaire.models_vie
import portal.audit.models
import portal.commissions.models
import portal.commissions.models_decisions
import portal.commissions.models_dossiers
import portal.commissions.models_seances
import portal.comptes.models
import portal.conventions.avenants.models
import portal.conventions.bilans.models
import portal.conventions.modeles.models
import portal.conventions.models
import portal.conventions.redaction.models
import portal.conventions.signature.models
import portal.conventions.tours.models
import portal.documents.models
import portal.grilles.autorisations.models
import portal.grilles.fin_de_vie.models
import portal.grilles.menages.models
import portal.grilles.models
import portal.grilles.remplissage.models
import portal.grilles.transmissions.models
import portal.jobs.models
import portal.notifications.models
import portal.organisations.models  # noqa: F401  (imported for its tables)
from portal.shared.db import Base

metadata = Base.metadata

CHIFFREES: dict[str, tuple[str, ...]] = {
    "personne": ("totp_secret",),
    "menage": ("si_siao", "numero_unique", "composition"),
    "menage_adulte": ("identite",),
    "menage_acces": ("motif",),
    "grille_section": ("reponses",),
    "autorisation_adulte": ("signature",),
    "menage_remarque": ("texte",),
    "transmission": ("contenu",),
    "transmission_suite": ("detail",),
    "menage_demande": ("detail", "reponse"),
    "dossier": ("presentation", "manques"),
    "dossier_avis": ("motif",),
    "dossier_note": ("texte",),
    "seance_conduite": ("points",),
    "decision": ("motif", "conditions", "expression", "votes"),
    "decision_prescription": ("precision",),
    "decision_recours": ("motif", "elements", "reponse"),
    "seance_releve": ("contenu",),
    "seance_releve_commentaire": ("texte",),
}
"""The encrypted columns of each table: what `chiffrement tourner` encrypts again with a newer key."""


def colonnes_chiffrees() -> dict[Table, tuple[str, ...]]:
    """Return the encrypted columns of each table."""
    return {metadata.tables[name]: columns for name, columns in CHIFFREES.items()}
