"""What the directory holds about someone, for « Mes données »."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.annuaire.enums import LIBELLES_ROLE
from portal.annuaire.indexation import fonction_de
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.comptes.donnees import Donnee, on_donnees
from portal.comptes.models import Personne
from portal.shared.messages import N_

ABSENCE = N_("Absence")
SIGNALEMENT = N_("Erreur signalée par vous")


@on_donnees
def fonctions_tenues(session: Session, personne: Personne) -> list[Donnee]:
    """Return the functions that someone holds or held, with their absences, the latest first.

    Theirs by the account, or by the address that was written before there was one.
    """
    rows = session.scalars(
        select(Titulaire)
        .where(or_(Titulaire.personne_id == personne.id, Titulaire.email == personne.email))
        .order_by(Titulaire.du.desc(), Titulaire.id.desc())
        .options(
            joinedload(Titulaire.absences),
            joinedload(Titulaire.referent).joinedload(Referent.organisation),
        )
    ).unique()
    found = []
    for row in rows:
        fonction = fonction_de(session, row.referent.fonction_code).libelle.fr
        titre = f"{fonction} – {row.referent.organisation.nom}"
        joindre = ", ".join(filter(None, (row.nom_complet, row.telephone, row.email)))
        found.append(Donnee(titre, LIBELLES_ROLE[row.role], joindre, row.du, row.au))
        found += [Donnee(titre, ABSENCE, "", one.du, one.au) for one in row.absences]
    return found


@on_donnees
def signalements_faits(session: Session, personne: Personne) -> list[Donnee]:
    """Return the errors that someone reported on entries, the latest first."""
    rows = session.scalars(
        select(Signalement)
        .where(Signalement.auteur_id == personne.id)
        .order_by(Signalement.created_at.desc(), Signalement.id.desc())
        .options(joinedload(Signalement.referent).joinedload(Referent.organisation))
    )
    found = []
    for row in rows:
        fonction = fonction_de(session, row.referent.fonction_code).libelle.fr
        titre = f"{fonction} – {row.referent.organisation.nom}"
        clos = row.updated_at.date() if row.statut not in OUVERTS else None
        found.append(Donnee(titre, SIGNALEMENT, row.texte, row.created_at.date(), clos))
    return found
