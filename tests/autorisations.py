"""A household with a frozen grid, asked for authorisations: shared by the rooms that need one in force."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.commissions import service as commissions
from portal.commissions.enums import PresenceMenage, StatutCommission
from portal.commissions.models import Commission
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import du_prereglage
from portal.grilles.autorisations import queries, service
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import DecisionAdulte, Finalite, Lecture, Mode, ObjetAutorisation
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.menages.models import Menage
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.menages import Scene, vue

TRACE = "M10 10L60 40L120 30L200 90"
TOUTES = ("A", "B", "C", "D", "E", "F")
Demander = Callable[..., Autorisation]


def commission(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    *,
    menage: PresenceMenage = PresenceMenage.INVITE,
    code: str = "CUO",
    nom: str = "",
) -> Commission:
    """Return a commission of the 22, in service."""
    preregle = prereglages()[code]
    saisie = du_prereglage(preregle, lieu="Maison des associations", visio="")
    faite = commissions.ouvrir(session, clock, scene.siao_direction, code, "22", scene.siao, saisie)
    faite.statut, faite.menage = StatutCommission.OUVERTE, menage
    if nom:
        faite.nom = faite.tri = nom
    session.flush()
    return faite


def demander(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    *,
    a: Organisation | Commission | None = None,
    menage: Menage | None = None,
    acteur: Actor | None = None,
    informer: bool = True,
    **champs: Any,
) -> Autorisation:
    """Return a request (of transmission to the scene's landlord by default), its notice given."""
    acteur = acteur or scene.travailleur
    vise = vue(session, clock, acteur, menage or scene.menage)
    a = a or scene.bailleur
    presentation = isinstance(a, Commission)
    objet = ObjetAutorisation.PRESENTATION if presentation else ObjetAutorisation.TRANSMISSION
    jour = queries.jour_de(clock, vise.menage)
    saisie: dict[str, Any] = {
        "objet": objet,
        "destinataire": a.ref,
        "finalite": Finalite.EXAMEN if presentation else Finalite.LOGEMENT,
        "sections": TOUTES,
        "du": jour,
        "au": service.duree_proposee(session, vise.menage, jour),
    }
    faite = service.demander(session, clock, acteur, vise, SaisieDemande(**(saisie | champs)))
    if informer:
        service.informer(
            session, clock, acteur, vise, faite.ref, langue="fr", lecture=Lecture.LUE, version=faite.version
        )
    return faite


def repondre(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    autorisation: Autorisation,
    rang: int = 1,
    *,
    decision: DecisionAdulte = DecisionAdulte.ACCORDE,
    acteur: Actor | None = None,
    **champs: Any,
) -> AccordAdulte:
    """Let the adult of this rank answer, by a drawing on the screen unless told otherwise."""
    acteur = acteur or scene.travailleur
    vise = vue(session, clock, acteur, autorisation.menage)
    adulte = next(one for one in queries.presents(session, vise.menage) if one.rang == rang)
    saisie: dict[str, Any] = {
        "mode": Mode.ECRAN,
        "trace": TRACE,
        "empreinte": apercu(session, autorisation).empreinte,
    }
    return service.repondre(
        session,
        clock,
        acteur,
        vise,
        autorisation.ref,
        adulte.ref,
        SaisieReponse(decision=decision, **(saisie | champs)),
    )


def accorder(
    session: Session, clock: FixedClock, scene: Scene, autorisation: Autorisation | None = None, **champs: Any
) -> Autorisation:
    """Return an authorisation that both adults of the scene agreed to."""
    une = autorisation or demander(session, clock, scene, **champs)
    for adulte in queries.presents(session, une.menage):
        repondre(session, clock, scene, une, adulte.rang)
    return une


def jour(texte: str) -> date:
    """Return a day written « 2026-03-02 »."""
    return date.fromisoformat(texte)
