"""Bilans of the demonstration: asked for month after month, most of them given, a few late or half told."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal.conventions.bilans import demandes, service
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.models import Convention
from portal.security.permissions import Profil
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from seeds.demo.calendrier import OUVERTURE, Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

PASSAGE = 10 * 60
"""Minutes after the morning: what a day brings is done before bilans are asked for."""

REPONSE_JOURS = 21
"""Days between the asking and the answer."""

ENGAGEMENTS = (
    "Le SIAO oriente dans le délai prévu, sauf pendant l’été.\n"
    "La revue de la file active s’est tenue à chaque trimestre.\n"
    "Les refus ont tous été motivés par écrit.",
    "Les places prévues ont été ouvertes à l’orientation.\n"
    "L’évaluation des ménages est à jour pour la plupart des situations.\n"
    "Le référent désigné participe aux réunions.",
)
DIFFICULTES = (
    "Deux postes sont restés vacants, ce qui a retardé les évaluations.",
    "Les vacances de places sont signalées trop tard en fin de semaine.",
)


def prevoir_bilans(scene: Scene, calendrier: Calendrier) -> None:
    """Note the passages of the worker, one a month and one today, and the answers that follow each."""
    departements = sorted({one.departement for one in scene.donnees.organisations if one.departement})
    jours = []
    jour = OUVERTURE + timedelta(days=30)
    while jour < calendrier.aujourdhui:
        jours.append(jour)
        jour = plus_mois(jour, 1)
    for rang, jour in enumerate(jours):
        reponse = ouvre(jour + timedelta(days=REPONSE_JOURS))
        if reponse < calendrier.aujourdhui:
            scene.prevoir(horloge(reponse, PASSAGE + rang), partial(_repondre, scene))
        for code in departements:
            scene.prevoir(horloge(jour, PASSAGE), partial(_demander, scene, code))


def _demander(scene: Scene, code: str, clock: Clock) -> None:
    demandes.demander(scene.session, clock, code, clock.today())


def _repondre(scene: Scene, clock: Clock) -> None:
    """Answer what is asked for: out of six, four are given, one is left half written, one has no answer."""
    rows = scene.session.execute(
        select(Bilan, Convention)
        .join(Convention, Convention.id == Bilan.convention_id)
        .where(Bilan.statut == StatutBilan.DEMANDE, Bilan.demande_le <= clock.today())
        .order_by(Bilan.id)
    ).all()
    cles = {organisation.id: cle for cle, organisation in scene.organisations.items()}
    for bilan, ligne in rows:
        if bilan.id % 6 == 3:
            continue
        actor = scene.acteur(cles[ligne.operateur_id], [Profil.OPERATEUR_DIRECTION]) or scene.un(
            cles[ligne.siao_id], Profil.SIAO_REGULATEUR, Profil.SIAO_DIRECTION
        )
        service.rediger(
            scene.session,
            clock,
            actor,
            ligne.ref,
            bilan.ref,
            bilan.version,
            engagements=ENGAGEMENTS[bilan.id % 2],
            difficultes=DIFFICULTES[bilan.id % 2],
            rendre=bilan.id % 6 != 0,
        )
