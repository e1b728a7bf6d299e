"""The directory's share of the world that the walk visits: a function, its holder, its deputy, an absence."""

from datetime import date

from sqlalchemy.orm import Session

from portal.annuaire.enums import MotifSignalement, Role
from portal.annuaire.indexation import indexer
from portal.annuaire.models import Absence, Referent, ReferentNature, Titulaire
from portal.annuaire.models_vie import Signalement
from portal.comptes.models import Personne
from portal.organisations.models import Organisation
from portal.shared.clock import FixedClock
from tests.factories import INSTANT


def meubler_un_annuaire(
    session: Session, organisation: Organisation, departement_code: str
) -> tuple[Referent, list[Titulaire], Absence]:
    """Open a function of an organisation, with something written everywhere that people write."""
    referent = Referent(
        organisation=organisation,
        departement_code=departement_code,
        fonction_code="signataire",
        mention="Mention",
        publics=["familles"],
        horaires="Horaires",
        telephone="02 61 91 00 01",
        email="fonction@partenaire.example",
        verifie_le=INSTANT.date(),
        verifie_par="Personne",
        tri="signataire",
        texte_recherche="",
        poids_recherche="",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    referent.natures = [ReferentNature(nature_code="CHU")]
    people = [
        Titulaire(
            role=role,
            prenom="Prénom",
            nom="Nom",
            telephone="02 61 91 00 02",
            email="titulaire@partenaire.example",
            du=date(2025, 1, 1),
            created_at=INSTANT,
        )
        for role in Role
    ]
    absence = Absence(du=date(2026, 1, 1), au=date(2026, 12, 31))
    people[0].absences = [absence]
    referent.titulaires = people
    session.add(referent)
    session.flush()
    indexer(session, FixedClock(INSTANT), referent)
    session.flush()
    return referent, people, absence


def signaler_une_erreur(session: Session, referent: Referent, auteur: Personne) -> Signalement:
    """Report an error on an entry: whoever may not correct it reads nothing of it."""
    made = Signalement(
        departement_code=referent.departement_code,
        motif=MotifSignalement.AUTRE,
        texte="Texte",
        auteur_organisation="Organisation",
        suivi_par="Suivi",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    made.referent, made.auteur = referent, auteur
    session.add(made)
    session.flush()
    return made
