"""The dossiers' share of the world that the walk visits: one on the agenda of a session, its papers open, an
opinion, a note, a guest. Written row by row: what the services refuse to write must not appear."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.commissions.enums_dossiers import EtatPiece, Marque, SensAvis, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, PassageSeance
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierNote, InviteDossier, InviteSeance
from portal.commissions.models_seances import Seance
from portal.comptes.models import Personne
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.models import Menage
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.security.tokens import token_hash
from tests.factories import INSTANT


@dataclass(frozen=True)
class Examen:
    """Where a dossier is examined: the session, who prescribes, who gives an opinion."""

    seance: Seance
    prescripteur: Personne
    membre: Personne
    organisme: Organisation


def meubler_un_dossier(
    session: Session, menage: Menage, autorisation: Autorisation, examen: Examen, mot: str
) -> tuple[Dossier, InviteSeance]:
    """Put a household's dossier on an agenda, with something written everywhere; every text begins with
    `mot`, encrypted."""
    vault, seance = coffre(session), examen.seance
    dossier = Dossier(
        departement_code=menage.departement_code,
        commission_id=seance.commission_id,
        menage_id=menage.id,
        organisation_id=menage.organisation_id,
        prescripteur_id=examen.prescripteur.id,
        autorisation_id=autorisation.id,
        grille_id=autorisation.grille_id,
        code=f"D-{menage.id:06d}",
        statut=StatutDossier.INSCRIT,
        motif_demande="EXPULSION",
        presentation=vault.fermer({"situation": f"{mot}situation", "demande": f"{mot}demande"}),
        pieces=dict.fromkeys(seance.commission.pieces, EtatPiece.PRESENTE.value),
        manques=vault.fermer(f"{mot}manques"),
        depose_le=INSTANT,
        seance=seance,
        rang=1,
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(dossier)
    session.flush()
    invite = InviteSeance(
        seance=seance,
        nom="Invité",
        email="invite@ailleurs.example",
        jeton_hash=token_hash(f"invite{dossier.ref}"),
        invite_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    invite.dossiers = [InviteDossier(dossier_id=dossier.id)]
    session.add_all(
        [
            invite,
            DossierAvis(
                dossier_id=dossier.id,
                seance_id=seance.id,
                organisation_id=examen.organisme.id,
                sens=SensAvis.RESERVE,
                motif=vault.fermer(f"{mot}avis"),
                le=INSTANT,
                par="Personne",
                personne_id=examen.membre.id,
            ),
            DossierNote(
                dossier_id=dossier.id,
                personne_id=examen.membre.id,
                marque=Marque.QUESTION,
                texte=vault.fermer(f"{mot}note"),
                le=INSTANT,
            ),
            PassageSeance(dossier_id=dossier.id, seance_id=seance.id, rang=1, inscrit_le=INSTANT, details={}),
            ConduiteSeance(seance_id=seance.id, etat=1, fige_le=INSTANT, papiers=[dossier.ref]),
        ]
    )
    session.flush()
    return dossier, invite
