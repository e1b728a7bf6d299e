"""Dossiers of the demonstration, before the platform of the 22: one in each state before the session, papers
of the next one open, opinions that diverge, an authorisation withdrawn, a guest.

Everything through the services, each act on its own day; their names are those of no one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from portal.commissions import textes
from portal.commissions.dossiers import avis, instruction, invites, ordre, queries, service
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.saisie import SaisieDossier
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import EtatPiece, SensAvis
from portal.commissions.models import Commission
from portal.commissions.models_seances import Seance
from portal.grilles.menages.saisie import SaisieAdulte
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo import menages
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.commissions import SIAO
from seeds.demo.menages import Foyer
from seeds.demo.scene import Scene

DEPARTEMENT = "22"
PREMIER_RANG = 20  # after the households of `seeds.demo.menages`

SITUATION = (
    "Hébergée depuis dix-huit mois, la famille a un emploi stable et un dossier de logement social à jour. "
    "Deux demandes n’ont pas abouti faute de logement de cette taille."
)
DEMANDE = "Chercher ensemble un logement de trois pièces, avec un accompagnement à l’entrée dans les lieux."


@dataclass
class Presente:
    """The story of one dossier: its household, and its reference once it is begun."""

    foyer: Foyer
    motif: str
    demande: str = DEMANDE
    urgent: bool = False
    ref: str = ""

    @property
    def siao(self) -> Actor:
        """Who keeps the secretariat."""
        return self.foyer.scene.un(f"siao-{DEPARTEMENT}", *SIAO)

    def vise(self, actor: Actor) -> Vise:
        """The dossier as someone sees it today."""
        clock = horloge(self.foyer.calendrier.aujourdhui)
        return queries.vue(self.foyer.scene.session, clock, actor, self.ref)

    def le(self, jours: int, acte: Callable[..., object], *arguments: object) -> None:
        """Note an act some days ago."""
        self.foyer.le(jours, _jouer, acte, self, arguments)


def _jouer(
    _foyer: Foyer, clock: Clock, acte: Callable[..., object], dossier: Presente, arguments: Sequence[object]
) -> object:
    return acte(dossier, clock, *arguments)


def prevoir_dossiers(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done for each dossier, and for the session where some are."""
    malo = scene.un("phare-emeraude", Profil.TRAVAILLEUR_SOCIAL)
    rang = iter(range(PREMIER_RANG, PREMIER_RANG + 20))

    def presente(motif: str, *adultes: tuple[str, str, int], urgent: bool = False) -> Presente:
        noms = tuple(
            SaisieAdulte(nom=nom, prenom=prenom, naissance=date(annee, 1 + annee % 12, 1 + annee % 27))
            for nom, prenom, annee in adultes
        )
        foyer = Foyer(scene, calendrier, malo, DEPARTEMENT, noms, next(rang))
        foyer.le(60, menages._ouvrir)  # the same acts as any household of the demonstration
        foyer.le(45, menages._figer)
        foyer.le(30, partial(menages._demander, presentation=True), "")
        foyer.le(30, menages._repondre)
        return Presente(foyer, motif, urgent=urgent)

    inscrits = [
        presente("SORTIE_HEBERGEMENT", ("Croquis", "Anaïs", 1990), ("Croquis", "Tomé", 1986)),
        presente("EXPULSION", ("Pochoir", "Jules", 1978)),
        presente("LOGEMENT_INADAPTE", ("Calque", "Mina", 1993), urgent=True),
        presente("SEPARATION", ("Patron", "Swann", 1989)),
    ]
    for dossier in inscrits:
        dossier.le(25, _commencer)
        dossier.le(24, _deposer)
        dossier.le(20, _recevoir)
        dossier.le(15, _inscrire)
    inscrits[3].foyer.le(2, menages._retirer)  # withdrawn between agenda and session
    _preparer(scene, calendrier, inscrits)
    recevable = presente("RISQUE_EXPULSION", ("Tracé", "Ilan", 1982))
    recevable.le(12, _commencer)
    recevable.le(11, _deposer)
    recevable.le(8, _recevoir)
    depose = presente("FIN_TIERS", ("Aperçu", "Nour", 1997))
    depose.le(6, _commencer)
    depose.le(3, _deposer)
    incomplet = presente("LOGEMENT_INDIGNE", ("Épreuve", "Gaël", 1975))
    incomplet.le(10, _commencer)
    incomplet.le(9, _deposer)
    incomplet.le(
        5, _rendre, "L’avis d’imposition est attendu, et la date de fin d’hébergement n’est pas dite."
    )
    brouillon = presente("TRAVAIL", ("Modelage", "Zoé", 1995))
    brouillon.le(2, _commencer)


def _preparer(scene: Scene, calendrier: Calendrier, inscrits: Sequence[Presente]) -> None:
    """Note what comes before the session: its papers open, opinions, a guest."""
    hier = ouvre(calendrier.aujourdhui - timedelta(days=1))  # the portal may open before the morning
    bailleur = scene.un("habitat-des-landes", Profil.BAILLEUR_REFERENT)
    conseil = scene.un("departement-22", Profil.COLLECTIVITE)

    def le(minute: int, acte: Callable[[Clock], object]) -> None:
        scene.prevoir(
            min(horloge(hier, minute), horloge(calendrier.aujourdhui), key=lambda c: c.instant), acte
        )

    le(100, partial(_figer, inscrits[0]))
    for actor in (bailleur, conseil):
        le(101, partial(_accepter, inscrits[0], actor))
    le(
        102,
        partial(
            _aviser,
            inscrits[0],
            conseil,
            SensAvis.FAVORABLE,
            "Un travailleur social du secteur suivra l’entrée.",
        ),
    )
    le(
        103,
        partial(
            _aviser, inscrits[0], bailleur, SensAvis.RESERVE, "Aucun trois-pièces libre avant deux mois."
        ),
    )
    le(104, partial(_aviser, inscrits[1], conseil, SensAvis.FAVORABLE, ""))
    le(105, partial(_inviter, inscrits[1]))


def _commencer(d: Presente, clock: Clock) -> None:
    commission = _commission(d.foyer.scene)
    states = (EtatPiece.PRESENTE, EtatPiece.ATTENDUE, EtatPiece.SANS_OBJET)
    pieces: Mapping[str, EtatPiece] = {
        nom: states[(d.foyer.rang + rang) % 5 % 3] for rang, nom in enumerate(commission.pieces)
    }
    typed = SaisieDossier(
        situation=SITUATION,
        demande=d.demande,
        motif_demande=d.motif,
        pieces=pieces,
        urgent=d.urgent,
    )
    made = service.ouvrir(d.foyer.scene.session, clock, d.foyer.acteur, d.foyer.vise, commission.ref, typed)
    d.ref = made.ref


def _commission(scene: Scene) -> Commission:
    return scene.session.scalars(
        select(Commission)
        .where(Commission.departement_code == DEPARTEMENT, Commission.prereglage_code == "PLATEFORME")
        .order_by(Commission.id)
    ).one()


def _seance(scene: Scene) -> Seance:
    """Return the session to come that was convened, else the next one."""
    rows = scene.session.scalars(
        select(Seance)
        .where(Seance.commission_id == _commission(scene).id, Seance.debut > scene.maintenant)
        .order_by(Seance.debut, Seance.id)
    ).all()
    convened = [one for one in rows if one.statut is StatutSeance.CONVOQUEE]
    return (convened or list(rows))[0]


def _deposer(d: Presente, clock: Clock) -> None:
    vise = d.vise(d.foyer.acteur)
    service.deposer(d.foyer.scene.session, clock, d.foyer.acteur, vise, version=vise.dossier.version)


def _rendre(d: Presente, clock: Clock, manques: str) -> None:
    vise = d.vise(d.siao)
    instruction.rendre(d.foyer.scene.session, clock, d.siao, vise, manques, version=vise.dossier.version)


def _recevoir(d: Presente, clock: Clock) -> None:
    vise = d.vise(d.siao)
    instruction.recevoir(d.foyer.scene.session, clock, d.siao, vise, version=vise.dossier.version)


def _inscrire(d: Presente, clock: Clock) -> None:
    vise, seance = d.vise(d.siao), _seance(d.foyer.scene)
    ordre.inscrire(d.foyer.scene.session, clock, d.siao, vise, seance.ref, version=vise.dossier.version)


def _figer(d: Presente, clock: Clock) -> None:
    ordre.figer(d.foyer.scene.session, clock, d.siao, _seance(d.foyer.scene))


def _accepter(d: Presente, actor: Actor, clock: Clock) -> None:
    session, commission = d.foyer.scene.session, _commission(d.foyer.scene)
    for lu in textes.en_vigueur(session, actor, commission.id):
        textes.accepter(session, clock, actor, commission, lu.ref)


def _aviser(d: Presente, actor: Actor, sens: SensAvis, motif: str, clock: Clock) -> None:
    avis.donner(d.foyer.scene.session, clock, actor, d.vise(actor), sens, motif)


def _inviter(d: Presente, clock: Clock) -> None:
    typed = SaisieInvite(
        nom="Dominique Croquis-Fictif",
        email="invite@autre-bailleur.example",
        organisme="Bailleur de la commune, fictif",
        dossiers=(d.ref,),
    )
    invites.inviter(d.foyer.scene.session, clock, d.siao, _seance(d.foyer.scene), typed)
