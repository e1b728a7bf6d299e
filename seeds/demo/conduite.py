"""A session of the demonstration that is being held today, in the 22: one dossier decided, one put off to the
next session."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from portal.commissions import invitations, seances
from portal.commissions.conduite import decisions
from portal.commissions.conduite import seance as conduite
from portal.commissions.conduite.saisie import SaisieDecision, SaisiePrescription
from portal.commissions.dossiers import ordre
from portal.commissions.enums import Presence
from portal.commissions.models_seances import Seance
from portal.commissions.seances import SaisieSeance
from portal.grilles.menages.saisie import SaisieAdulte
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import PARIS, Clock, FixedClock
from seeds.demo import dossiers, menages
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.commissions import SIAO
from seeds.demo.dossiers import DEPARTEMENT, Presente
from seeds.demo.menages import Foyer
from seeds.demo.scene import Scene

PREMIER_RANG = 40
COMMENCEE, DUREE = timedelta(minutes=30), 480
"""How long ago it began; how long it lasts, in minutes."""

MOTIF = "Le loyer visé et l’emploi à vingt minutes conviennent au projet de la famille."


@dataclass
class Tenue:
    """The session held today, once it is planned."""

    scene: Scene
    ref: str = ""

    @property
    def siao(self) -> Actor:
        """Who keeps the secretariat."""
        return self.scene.un(f"siao-{DEPARTEMENT}", *SIAO)

    @property
    def seance(self) -> Seance:
        """The session."""
        return self.scene.session.query(Seance).filter_by(ref=self.ref).one()


def prevoir_la_seance(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done for the session, before it and in it."""
    tenue = Tenue(scene)
    today = calendrier.aujourdhui
    malo = scene.un("phare-emeraude", Profil.TRAVAILLEUR_SOCIAL)

    def le(jours: int, minutes: int) -> object:
        return horloge(ouvre(today - timedelta(days=jours)), minutes)

    presentes = []
    noms = (("Gouache", "Ève", 1984), ("Estampe", "Rémi", 1991), ("Pastel", "Inès", 1988))
    motifs = ("SORTIE_HEBERGEMENT", "FIN_TIERS", "LOGEMENT_INADAPTE")
    scene.prevoir(le(22, 100), partial(_prevoir, tenue))  # type: ignore[arg-type]  # a FixedClock
    scene.prevoir(le(13, 100), partial(_convoquer, tenue))  # type: ignore[arg-type]  # the same
    for rang, ((nom, prenom, annee), motif) in enumerate(zip(noms, motifs, strict=True)):
        adulte = SaisieAdulte(nom=nom, prenom=prenom, naissance=date(annee, 3, 12))
        foyer = Foyer(scene, calendrier, malo, DEPARTEMENT, (adulte,), PREMIER_RANG + rang)
        foyer.le(60, menages._ouvrir)  # the same acts as any household of the demonstration
        foyer.le(45, menages._figer)
        foyer.le(35, partial(menages._demander, presentation=True), "")
        foyer.le(35, menages._repondre)
        presentes.append(Presente(foyer, motif))
    for dossier in presentes:
        dossier.le(25, dossiers._commencer)
        dossier.le(24, dossiers._deposer)
        dossier.le(21, dossiers._recevoir)
        dossier.le(19, partial(_inscrire, tenue))
    scene.prevoir(FixedClock(scene.maintenant), partial(_tenir, tenue, presentes))


def _prevoir(tenue: Tenue, clock: Clock) -> None:
    commission = dossiers._commission(tenue.scene)
    debut = (tenue.scene.maintenant - COMMENCEE).astimezone(ZoneInfo(PARIS))
    typed = SaisieSeance(
        jour=debut.date(),
        heure=time(debut.hour, debut.minute),
        duree_minutes=DUREE,
        lieu="Salle des Sept Clochers",
    )
    (made,) = seances.prevoir(tenue.scene.session, clock, tenue.siao, commission, [typed])
    tenue.ref = made.ref


def _convoquer(tenue: Tenue, clock: Clock) -> None:
    seance = tenue.seance
    invitations.convoquer(tenue.scene.session, clock, tenue.siao, seance, "", version=seance.version)


def _inscrire(tenue: Tenue, dossier: Presente, clock: Clock) -> None:
    vise = dossier.vise(tenue.siao)
    ordre.inscrire(tenue.scene.session, clock, tenue.siao, vise, tenue.ref, version=vise.dossier.version)


def _tenir(tenue: Tenue, presentes: list[Presente], clock: Clock) -> None:
    session, siao, seance = tenue.scene.session, tenue.siao, tenue.seance
    present = {one.ref: Presence.PRESENTE for one in seance.invitations}
    invitations.noter_presences(session, clock, siao, seance, present, version=seance.version)
    conduite.ouvrir(session, clock, siao, seance)
    decide, ajourne, discute = [one.vise(siao).dossier for one in presentes]
    porteur = tenue.scene.organisations["habitat-des-landes"].ref
    prescrit = SaisiePrescription(
        seance.commission.prescriptions[0], porteur, clock.today() + timedelta(days=60), "Six mois"
    )
    conduite.examiner(session, clock, siao, seance, decide)
    decisions.prendre(
        session, clock, siao, seance, decide,
        SaisieDecision(
            code="PARTENAIRE_MISSIONNE", motif=MOTIF, prescriptions=(prescrit,), consensus=True
        ),
        version=decisions.NOUVELLE,
    )  # fmt: skip
    conduite.examiner(session, clock, siao, seance, ajourne)
    decisions.prendre(
        session, clock, siao, seance, ajourne,
        SaisieDecision(code="AJOURNE", motif="La proposition du bailleur est attendue cette semaine."),
        version=decisions.NOUVELLE,
    )  # fmt: skip
    conduite.examiner(session, clock, siao, seance, discute)
    decisions.rediger(
        session, clock, siao, seance, discute,
        SaisieDecision(code="PARTENAIRE_MISSIONNE", motif="Un logement de plain-pied se libère en juin."),
        version=decisions.NOUVELLE,
    )  # fmt: skip
