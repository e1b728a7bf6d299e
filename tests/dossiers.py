"""A dossier before a commission of the 22 and who is around it: shared by the rooms that need one.

`from tests.dossiers import monter_seance` after `scene` (tests.menages) and a frozen grid.
"""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.commissions.dossiers import instruction, ordre, queries, service
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.saisie import SaisieDossier
from portal.commissions.enums import Qualite, Reponse, StatutSeance
from portal.commissions.enums_dossiers import EtatPiece
from portal.commissions.models import Commission, Siege
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.grilles.menages.models import Menage
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.autorisations import accorder, commission, demander
from tests.menages import Scene, vue

SITUATION = "Une famille hébergée depuis deux ans attend un logement stable."
DEMANDE = "Valider une orientation vers un logement accompagné."


@dataclass
class Place:
    """A commission of the 22 in service, and a session of it two weeks ahead, convened."""

    scene: Scene
    commission: Commission
    seance: Seance


def monter(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    *,
    jours: int = 14,
    code: str = "CUO",
    nom: str = "",
) -> Place:
    """Return a commission whose secretariat is the SIAO of the scene, with a convened session."""
    faite = commission(session, clock, scene, code=code, nom=nom)
    return Place(scene, faite, seance(session, clock, faite, jours))


def seance(session: Session, clock: FixedClock, commission: Commission, jours: int = 14) -> Seance:
    """Return a convened session of three hours, some days ahead."""
    debut = clock.now() + timedelta(days=jours)
    faite = Seance(
        commission=commission,
        departement_code=commission.departement_code,
        statut=StatutSeance.CONVOQUEE,
        debut=debut,
        fin=debut + timedelta(hours=3),
        lieu="Maison des associations",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(faite)
    session.flush()
    return faite


def asseoir(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    place: Place,
    organisation: Organisation,
    actor: Actor,
    *,
    qualite: Qualite = Qualite.MEMBRE,
    ajoutee: bool = False,
) -> InvitationSeance:
    """Give someone a seat in the commission and an invitation to its session, by their account."""
    referent = Referent(
        organisation=organisation,
        departement_code="22",
        fonction_code="referent_commission",
        tri="referent_commission",
        texte_recherche="",
        poids_recherche="",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(referent)
    college = place.commission.colleges[0] if qualite is Qualite.MEMBRE else None
    if not ajoutee:
        session.add(
            Siege(
                commission_id=place.commission.id,
                college=college,
                referent=referent,
                qualite=qualite,
                du=clock.today(),
                created_at=clock.now(),
            )
        )
    invitation = InvitationSeance(
        seance=place.seance,
        referent=referent,
        college=college,
        qualite=qualite,
        nom=actor.nom,
        email=actor.email,
        personne_id=actor.personne_id,
        statut=Reponse.ACCEPTEE,
        ajoutee_le=clock.now() if ajoutee else None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(invitation)
    session.flush()
    return invitation


def vise(session: Session, clock: FixedClock, actor: Actor, dossier: Dossier) -> Vise:
    """Return a dossier as an actor sees it."""
    return queries.vue(session, clock, actor, dossier.ref)


def saisie(commission: Commission, **champs: Any) -> SaisieDossier:
    """Return a whole dossier as typed."""
    return SaisieDossier(
        **{
            "situation": SITUATION,
            "demande": DEMANDE,
            "motif_demande": "SORTIE_HEBERGEMENT",
            "pieces": dict.fromkeys(commission.pieces, EtatPiece.PRESENTE),
        }
        | champs
    )


def brouillon(
    session: Session,
    clock: FixedClock,
    place: Place,
    *,
    menage: Menage | None = None,
    acteur: Actor | None = None,
    **champs: Any,
) -> Dossier:
    """Return a draft, by the worker of the scene unless told otherwise."""
    acteur = acteur or place.scene.travailleur
    held = vue(session, clock, acteur, menage or place.scene.menage)
    return service.ouvrir(
        session, clock, acteur, held, place.commission.ref, saisie(place.commission, **champs)
    )


def depose(
    session: Session,
    clock: FixedClock,
    place: Place,
    *,
    menage: Menage | None = None,
    acteur: Actor | None = None,
    **champs: Any,
) -> Dossier:
    """Return a deposited dossier, the household having authorised its presentation (its grid is frozen)."""
    acteur = acteur or place.scene.travailleur
    dossier = brouillon(session, clock, place, menage=menage, acteur=acteur, **champs)
    demande = demander(session, clock, place.scene, a=place.commission, menage=menage, acteur=acteur)
    accorder(session, clock, place.scene, demande)
    lu = vise(session, clock, acteur, dossier)
    return service.deposer(session, clock, acteur, lu, version=dossier.version)


def inscrit(session: Session, clock: FixedClock, place: Place, **champs: Any) -> Dossier:
    """Return a dossier on the agenda of the session."""
    dossier = depose(session, clock, place, **champs)
    secretaire = place.scene.siao_direction
    lu = vise(session, clock, secretaire, dossier)
    instruction.recevoir(session, clock, secretaire, lu, version=dossier.version)
    return ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=dossier.version)


def figer(session: Session, clock: FixedClock, place: Place) -> None:
    """Open the papers of the session."""
    ordre.figer(session, clock, place.scene.siao_direction, place.seance)
