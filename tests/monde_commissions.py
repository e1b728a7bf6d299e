"""The commissions' share of the world that the walk visits: one that sits, its texts, a session."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.commissions.enums import GenreTexte, Qualite, Reponse, StatutCommission, StatutSeance, Voix
from portal.commissions.models import College, Commission, Siege, TexteCommission
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import commission_values, du_prereglage
from portal.organisations.models import Organisation
from tests.factories import INSTANT


def meubler_une_commission(
    session: Session, secretariat: Organisation, referent: Referent, nom: str
) -> tuple[Commission, College, Siege, TexteCommission, Seance, InvitationSeance]:
    """Open a commission where one function sits, with something written everywhere that people write."""
    values = commission_values(
        du_prereglage(
            prereglages()["PLATEFORME"],
            nom=nom,
            fondement="Fondement",
            territoire="Territoire",
            lieu="Lieu habituel",
            visio="https://visio.example/habituelle",
        )
    )
    commission = Commission(
        departement_code=referent.departement_code,
        organisation_id=secretariat.id,
        secretariat=secretariat,
        prereglage_code="PLATEFORME",
        statut=StatutCommission.OUVERTE,
        created_at=INSTANT,
        updated_at=INSTANT,
        **values,
    )
    college = College(nom="Collège", tri="college", rang=1, voix=Voix.DELIBERATIVE, types=[])
    siege = Siege(
        college=college,
        referent=referent,
        qualite=Qualite.PRESIDENCE,
        du=date(2025, 1, 1),
        created_at=INSTANT,
    )
    commission.colleges, commission.sieges = [college], [siege]
    session.add(commission)
    session.flush()
    texte = TexteCommission(
        commission_id=commission.id,
        genre=GenreTexte.REGLEMENT,
        numero=1,
        texte="Règlement",
        sha256="0" * 64,
        publie_le=INSTANT,
        publie_par="Personne",
    )
    seance = Seance(
        commission=commission,
        departement_code=commission.departement_code,
        statut=StatutSeance.CONVOQUEE,
        debut=INSTANT + timedelta(days=14),
        fin=INSTANT + timedelta(days=14, hours=3),
        lieu="Lieu",
        visio="https://visio.example/salle",
        message="Message",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    invitation = InvitationSeance(
        referent=referent,
        college=college,
        qualite=Qualite.PRESIDENCE,
        nom="Nom",
        email="invite@partenaire.example",
        statut=Reponse.SUPPLEANT,
        remplacant="Remplaçant",
        mot="Mot",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    seance.invitations = [invitation]
    session.add_all([texte, seance])
    session.flush()
    return commission, college, siege, texte, seance, invitation
