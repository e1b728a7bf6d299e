"""What follows sessions in the demonstration: a labelling held a month ago in the 92, its minutes sent,
prescriptions in each state, an appeal; the minutes of the next session, being read."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial

from sqlalchemy import select

from portal.commissions import invitations, seances
from portal.commissions.conduite import decisions
from portal.commissions.conduite import seance as conduite
from portal.commissions.conduite.saisie import SaisieDecision, SaisiePrescription
from portal.commissions.dossiers import instruction, ordre, queries, service
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.saisie import SaisieDossier
from portal.commissions.enums import Presence, StatutSeance
from portal.commissions.enums_dossiers import EtatPiece, StatutPrescription
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_seances import Seance
from portal.commissions.seances import SaisieSeance
from portal.commissions.suites_seance import notification, prescriptions, recours, releves
from portal.commissions.suites_seance.queries import decision_de
from portal.grilles.menages.saisie import SaisieAdulte
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock, FixedClock
from seeds.demo import menages
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.commissions import SIAO
from seeds.demo.dossiers import DEMANDE, SITUATION
from seeds.demo.menages import Foyer
from seeds.demo.scene import Scene

DEPARTEMENT = "92"
PREMIER_RANG = 30
TENUE = 35
"""Days ago: the session."""

EN_SEANCE, APRES = 385, 580
"""Minutes after which it is held (13:25 UTC), then over."""

MOTIF = "Le ménage est prêt à un logement autonome ; l’accompagnement prévu suffit."
REFUS = "Le projet décrit ne dit pas encore où ni comment la famille souhaite se loger."
POINTS = "Le calendrier du semestre est adopté. La prochaine séance commence à 14 heures."
APPEL = "La commission n’a pas eu connaissance de l’accord de l’employeur pour une mutation."
NOUVEAU = "L’accord écrit de l’employeur, daté de la semaine dernière, nomme la commune."

FOYERS = (
    ("Ardoise", "Lina", 1987, "AVDL", "habitat-des-coteaux", -5, StatutPrescription.A_FAIRE),
    ("Buvard", "Milo", 1979, "BAIL_GLISSANT", "habitat-des-coteaux", 20, StatutPrescription.FAIT),
    ("Carnet", "Éden", 1994, "NOUVELLE_EVALUATION", "boucle-verte", 10, StatutPrescription.REFUSE),
    ("Dessin", "Salomé", 1983, "ASLL", "departement-92", 15, StatutPrescription.SANS_NOUVELLES),
    ("Encre", "Jonas", 1990, "FSL", "departement-92", 25, StatutPrescription.ANNULE),
    ("Fusain", "Alma", 1976, "", "", 0, None),
)
"""Whose dossier: the prescription, its bearer, its day from today, what became of it; none: it is refused."""


@dataclass
class Recit:
    """The session of a month ago, and the dossiers decided there, once they are made."""

    scene: Scene
    calendrier: Calendrier
    ref: str = ""

    @property
    def siao(self) -> Actor:
        """Who keeps the secretariat."""
        return self.scene.un(f"siao-{DEPARTEMENT}", *SIAO)

    @property
    def pilote(self) -> Actor:
        """Who chairs."""
        return self.scene.un(self.scene.etat(DEPARTEMENT), Profil.ETAT_PILOTE)

    @property
    def commission(self) -> Commission:
        """The labelling commission."""
        return self.scene.session.scalars(
            select(Commission).where(
                Commission.departement_code == DEPARTEMENT, Commission.prereglage_code == "LABELLISATION"
            )
        ).one()

    @property
    def seance(self) -> Seance:
        """The session of a month ago."""
        return self.scene.session.scalars(select(Seance).where(Seance.ref == self.ref)).one()

    def precedente(self) -> Seance:
        """Return the last session held."""
        return self.scene.session.scalars(
            select(Seance)
            .where(
                Seance.commission_id == self.commission.id,
                Seance.fin < self.scene.maintenant,
                Seance.statut == StatutSeance.CONVOQUEE,
            )
            .order_by(Seance.debut.desc(), Seance.id)
            .limit(1)
        ).one()

    def le(self, jours: int, minutes: int = 0) -> FixedClock:
        """Return a clock some days ago, on a working day."""
        return horloge(ouvre(self.calendrier.aujourdhui - timedelta(days=jours)), minutes)


@dataclass
class Decide:
    """One dossier of that session: its household, its reference once it is begun."""

    recit: Recit
    foyer: Foyer
    code: str
    porteur: str
    dans: int
    suite: StatutPrescription | None
    ref: str = ""

    def vise(self, actor: Actor) -> Vise:
        """The dossier as someone sees it today."""
        clock = horloge(self.recit.calendrier.aujourdhui)
        return queries.vue(self.recit.scene.session, clock, actor, self.ref)


def prevoir_suites(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done for the session, in it and after it."""
    recit, prevoir = Recit(scene, calendrier), scene.prevoir
    worker = scene.un("boucle-verte", Profil.TRAVAILLEUR_SOCIAL)
    prevoir(recit.le(64, 20), partial(_prevoir, recit))
    prevoir(recit.le(48, 20), partial(_convoquer, recit))
    dossiers = []
    for rang, (nom, prenom, annee, code, porteur, dans, suite) in enumerate(FOYERS):
        adulte = SaisieAdulte(nom=nom, prenom=prenom, naissance=date(annee, 4, 9))
        foyer = Foyer(scene, calendrier, worker, DEPARTEMENT, (adulte,), PREMIER_RANG + rang)
        foyer.le(75, menages._ouvrir)  # the same acts as any household of the demonstration
        foyer.le(70, menages._figer)
        foyer.le(62, partial(menages._demander, presentation=True), "")
        foyer.le(62, menages._repondre)
        dossier = Decide(recit, foyer, code, porteur, dans, suite)
        dossiers.append(dossier)
        prevoir(recit.le(60, 100 + rang), partial(_deposer, dossier))
        prevoir(recit.le(55, 100 + rang), partial(_inscrire, dossier))
    prevoir(recit.le(TENUE, EN_SEANCE), partial(_tenir, recit, dossiers))
    prevoir(recit.le(TENUE, APRES), partial(_notifier, recit))
    for rang, dossier in enumerate(dossiers):
        if dossier.suite is None:
            prevoir(recit.le(20, 60), partial(_recourir, dossier))
        elif dossier.suite is not StatutPrescription.A_FAIRE:
            prevoir(recit.le(12 - rang, 60), partial(_suivre, dossier))
    prevoir(recit.le(34, 60), partial(_faire_relire, recit))
    prevoir(recit.le(28, 60), partial(_approuver, recit))
    prevoir(recit.le(27, 60), partial(_envoyer, recit))
    prevoir(recit.le(6, 60), partial(_relire_la_suivante, recit))


def _prevoir(recit: Recit, clock: Clock) -> None:
    jour = ouvre(recit.calendrier.aujourdhui - timedelta(days=TENUE))
    typed = SaisieSeance(
        jour=jour, heure=time(14), duree_minutes=180, lieu="Préfecture, Nanterre", message=POINTS
    )
    (made,) = seances.prevoir(recit.scene.session, clock, recit.siao, recit.commission, [typed])
    recit.ref = made.ref


def _convoquer(recit: Recit, clock: Clock) -> None:
    seance = recit.seance
    invitations.convoquer(recit.scene.session, clock, recit.siao, seance, "", version=seance.version)


def _deposer(d: Decide, clock: Clock) -> None:
    session, commission, actor = d.recit.scene.session, d.recit.commission, d.foyer.acteur
    typed = SaisieDossier(
        situation=SITUATION,
        demande=DEMANDE,
        motif_demande="SORTIE_HEBERGEMENT",
        pieces=dict.fromkeys(commission.pieces, EtatPiece.PRESENTE),
    )
    d.ref = service.ouvrir(session, clock, actor, d.foyer.vise, commission.ref, typed).ref
    vise = d.vise(actor)
    service.deposer(session, clock, actor, vise, version=vise.dossier.version)


def _inscrire(d: Decide, clock: Clock) -> None:
    session, siao = d.recit.scene.session, d.recit.siao
    vise = d.vise(siao)
    instruction.recevoir(session, clock, siao, vise, version=vise.dossier.version)
    ordre.inscrire(session, clock, siao, vise, d.recit.ref, version=vise.dossier.version)


def _tenir(recit: Recit, dossiers: list[Decide], clock: Clock) -> None:
    session, siao, seance = recit.scene.session, recit.siao, recit.seance
    noted = {
        one.ref: Presence.ABSENTE if rang == len(seance.invitations) - 1 else Presence.PRESENTE
        for rang, one in enumerate(seance.invitations)
    }
    invitations.noter_presences(session, clock, siao, seance, noted, version=seance.version)
    conduite.ouvrir(session, clock, siao, seance)
    for d in dossiers:
        dossier = d.vise(siao).dossier
        conduite.examiner(session, clock, siao, seance, dossier)
        typed = SaisieDecision(code="NON_LABELLISE", motif=REFUS, consensus=True)
        if d.code:
            jour = max(recit.calendrier.aujourdhui + timedelta(days=d.dans), clock.today())
            bearer = recit.scene.organisations[d.porteur].ref
            typed = SaisieDecision(
                code="LABELLISE",
                motif=MOTIF,
                prescriptions=(
                    SaisiePrescription(d.code, bearer, jour, "Prendre contact sous quinze jours."),
                ),
                consensus=True,
            )
        decisions.prendre(session, clock, siao, seance, dossier, typed, version=decisions.NOUVELLE)
    conduite.clore(session, clock, siao, seance)


def _notifier(recit: Recit, clock: Clock) -> None:
    for key in notification.a_notifier(recit.scene.session, clock):
        notification.notifier(recit.scene.session, clock, key)


def _decision(d: Decide) -> Decision:
    session = d.recit.scene.session
    dossier = d.vise(d.recit.siao).dossier
    key = session.scalars(select(Decision.id).where(Decision.dossier_id == dossier.id)).one()
    return decision_de(session, key)


def _suivre(d: Decide, clock: Clock) -> None:
    """Note what became of a prescription: by its bearer, or by the secretariat."""
    assert d.suite is not None
    profils = (Profil.BAILLEUR_REFERENT, Profil.OPERATEUR_DIRECTION)
    actor = d.recit.scene.acteur(d.porteur, profils) or d.recit.siao
    [held] = _decision(d).prescriptions
    assert isinstance(held, Prescription)
    prescriptions.noter(d.recit.scene.session, clock, actor, held, d.suite, version=held.version)


def _recourir(d: Decide, clock: Clock) -> None:
    recours.former(d.recit.scene.session, clock, d.foyer.acteur, _decision(d), APPEL, NOUVEAU)


def _faire_relire(recit: Recit, clock: Clock) -> None:
    _relire(recit, recit.seance, clock)


def _relire(recit: Recit, seance: Seance, clock: Clock) -> None:
    session, siao = recit.scene.session, recit.siao
    made = releves.rediger(session, clock, siao, seance)
    releves.ecrire_points(session, clock, siao, seance, POINTS, version=made.version)
    avant = clock.today() + timedelta(days=7)
    releves.faire_relire(session, clock, siao, seance, avant, version=made.version)


def _approuver(recit: Recit, clock: Clock) -> None:
    releve = releves.releve_de(recit.scene.session, recit.seance.id)
    assert releve is not None
    releves.approuver(recit.scene.session, clock, recit.pilote, recit.seance, version=releve.version)


def _envoyer(recit: Recit, clock: Clock) -> None:
    releve = releves.releve_de(recit.scene.session, recit.seance.id)
    assert releve is not None
    releves.envoyer(recit.scene.session, clock, recit.siao, recit.seance, version=releve.version)


def _relire_la_suivante(recit: Recit, clock: Clock) -> None:
    seance = recit.precedente()
    _relire(recit, seance, clock)
    releves.commenter(
        recit.scene.session, clock, recit.siao, seance, "L’heure de la prochaine séance est à vérifier."
    )
