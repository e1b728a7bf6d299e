"""Loading the demonstration: organisations, accounts, and lines whose history begins in January 2025.

Everything goes through the services, on the day it is told to have happened, so that journal, histories and
figures are those of a portal in use. Nothing is committed, and no e-mail of the past is sent.
"""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.config import Settings
from portal.conventions.modeles.chargement import load_models
from portal.conventions.models import Convention
from portal.grilles.chargement import load_grid
from portal.notifications.models import MessageSortant, StatutMessage
from portal.organisations.enums import TypeOrganisation
from portal.security.passwords import hash_password
from portal.shared.clock import Clock
from seeds.demo import (
    annuaire,
    avenants,
    bilans,
    commissions,
    comptes,
    conduite,
    donnees,
    dossiers,
    grilles,
    lignes,
    menages,
    modeles,
    organisations,
    signatures,
    suites,
    textes,
    tours,
    volume,
)
from seeds.demo.calendrier import OUVERTURE, Calendrier, horloge
from seeds.demo.scene import Scene


class DemonstrationRefusee(ValueError):
    """This portal is no place for the demonstration."""


def load(session: Session, clock: Clock, settings: Settings, scale: int = 1) -> None:
    """Load the demonstration in the caller's transaction; `scale`: how many times the lines, to measure.

    On a database that has it already, only multiplies the lines. Raises `organisations.ReferenceAbsente` when
    the whole reference data are not there, DemonstrationRefusee in production (the accounts share a public
    password) and beside other conventions.
    """
    if settings.environnement == "production":
        raise DemonstrationRefusee("La démonstration n’est jamais chargée en production.")
    contenu = donnees.read()
    if not _deja_la(session, contenu):
        if session.scalar(select(Convention.id).limit(1)) is not None:
            raise DemonstrationRefusee(
                "La base a déjà ses conventions : la démonstration n’y est pas chargée."
            )
        _raconter(session, clock, settings, contenu)
    if scale > 1:
        volume.multiply(session, clock.now(), scale)


def _deja_la(session: Session, contenu: donnees.Donnees) -> bool:
    premiere = contenu.personnes[0].email
    return session.scalar(select(Personne.id).where(Personne.email == premiere)) is not None


def _raconter(session: Session, clock: Clock, settings: Settings, contenu: donnees.Donnees) -> None:
    dernier_message = session.scalar(select(func.max(MessageSortant.id))) or 0
    scene = Scene(session, settings, clock.now(), contenu)
    calendrier = Calendrier(clock.today())
    load_models(session, horloge(OUVERTURE))
    load_grid(session, horloge(OUVERTURE))
    _ouvrir(scene, hash_password(settings.demo_password))
    comptes.prevoir_revue(scene, calendrier)
    comptes.prevoir_invitation(scene, calendrier)
    modeles.prevoir_versions(scene, calendrier)
    grilles.prevoir_grilles(scene, calendrier)
    lignes.prevoir_lignes(scene, calendrier)
    textes.prevoir_textes(scene, calendrier)
    signatures.prevoir_signatures(scene, calendrier)
    avenants.prevoir_avenants(scene, calendrier)
    tours.prevoir_tours(scene, calendrier)
    bilans.prevoir_bilans(scene, calendrier)
    annuaire.prevoir_annuaire(scene, calendrier)
    commissions.prevoir_commissions(scene, calendrier)
    menages.prevoir_menages(scene, calendrier)
    dossiers.prevoir_dossiers(scene, calendrier)
    conduite.prevoir_la_seance(scene, calendrier)
    suites.prevoir_suites(scene, calendrier)
    scene.jouer()
    _tenir_pour_envoyes(session, dernier_message)


def _ouvrir(scene: Scene, mot_de_passe: str) -> None:
    """Open, day after day, what each needs of the others: the State's services, their partners, accounts."""
    etats = {one.cle for one in scene.donnees.organisations if one.type is TypeOrganisation.ETAT}
    premiers = {organisations.PORTAIL}
    jours = [OUVERTURE + timedelta(days=jour) for jour in range(4)]
    organisations.ouvrir_portail(scene, jours[0])
    comptes.ouvrir_comptes(scene, premiers, jours[0], mot_de_passe)
    organisations.ouvrir_etats(scene, jours[0])
    comptes.ouvrir_comptes(scene, premiers | etats, jours[1], mot_de_passe)
    organisations.ouvrir_partenaires(scene, jours[2])
    comptes.ouvrir_comptes(scene, scene.organisations, jours[3], mot_de_passe)


def _tenir_pour_envoyes(session: Session, dernier_message: int) -> None:
    """Mark the e-mails that these acts caused as sent in their time: nobody is to receive them now."""
    session.execute(
        update(MessageSortant)
        .where(MessageSortant.id > dernier_message)
        .values(statut=StatutMessage.ENVOYE, essais=1, envoye_le=MessageSortant.created_at)
    )
