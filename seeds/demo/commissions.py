"""Commissions of the demonstration: a CUO in 37, a labelling and the blocked cases in 92, two in 69, a
platform and a COSI in 22.

Each is composed of functions of the directory, put into service by the State, and holds its sessions on a
Tuesday of its rhythm: the past ones with their answers and who was there, one convened, one still to convene.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial

from portal.annuaire import service as annuaire
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.commissions import composition, invitations, seances, service, textes
from portal.commissions.enums import Canal, GenreTexte, Presence, Qualite, Reponse
from portal.commissions.feries import ouvre_suivant
from portal.commissions.models import Commission
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import du_prereglage
from portal.commissions.seances import SaisieSeance
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock, FixedClock
from portal.shared.text import normalise
from seeds.demo import identifiants
from seeds.demo.calendrier import OUVERTURE, Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

SIAO = (Profil.SIAO_DIRECTION, Profil.SIAO_REGULATEUR)
OUVERTE, VALIDEE, PREVUES = 150, 140, 130
"""Days ago: the commission was opened, put into service, its sessions were planned."""

PREMIERE = 100
"""No session was held so many days ago or more."""

PASSEES, A_VENIR = 3, 2
MARDI = 1
PREFIXE = "06 39 98"
REPONSES = (
    (Reponse.ACCEPTEE, "", ""),
    (Reponse.ACCEPTEE, "", "J’arriverai avec dix minutes de retard."),
    (Reponse.SUPPLEANT, "Dominique Relais", ""),
    (Reponse.DECLINEE, "", "En formation ce jour-là."),
    (None, "", ""),
)
"""What those invited answer, in turn; None: nothing yet."""

PIECES = ("Avis d’imposition", "Ressources des trois derniers mois", "Demande de logement social à jour")

REGLEMENT = (
    "Article 1. La commission se réunit sur convocation de son secrétariat.\n"
    "Article 2. Chaque organisme désigne une fonction qui siège ; son titulaire peut se faire remplacer.\n"
    "Article 3. La décision se prend par consensus constaté ; à défaut, le dossier est reporté.\n"
    "Article 4. Un membre dont l’organisme est partie à un dossier le dit et n’en décide pas."
)
CONFIDENTIALITE = (
    "Je garde pour moi ce que j’apprends des ménages en commission et avant elle. "
    "Je ne copie ni ne transmets aucun document."
)


@dataclass(frozen=True)
class Place:
    """A seat: whose, in which college (its rank; None outside of them), as what, held by which account."""

    cle: str
    college: int | None = None
    qualite: Qualite = Qualite.MEMBRE
    compte: str = ""
    mention: str = ""


@dataclass
class Recit:
    """The story of one commission; `decalage`: days before its first session to come."""

    scene: Scene
    calendrier: Calendrier
    departement: str
    prereglage: str
    places: Sequence[Place]
    lieu: str
    rang: int
    semaines: int = 3
    decalage: int = 7
    en_service: bool = True
    visio: str = ""
    ref: str = ""

    @property
    def siao(self) -> Actor:
        """Who keeps the secretariat."""
        return self.scene.un(f"siao-{self.departement}", *SIAO)

    @property
    def commission(self) -> Commission:
        """The commission, once it is open."""
        return self.scene.session.query(Commission).filter_by(ref=self.ref).one()

    def jours(self) -> list[date]:
        """Return the days of the sessions: working Tuesdays, or the working day after a holiday."""
        first = self.calendrier.aujourdhui + timedelta(days=self.decalage)
        first += timedelta(days=(MARDI - first.weekday()) % 7)
        found = [
            ouvre_suivant(first + timedelta(weeks=self.semaines * rang), self.departement)
            for rang in range(-PASSEES, A_VENIR)
        ]
        return [jour for jour in found if (self.calendrier.aujourdhui - jour).days < PREMIERE]

    def le(self, jours: int, minutes: int = 0) -> FixedClock:
        """Return a clock some days ago, on a working day."""
        return horloge(ouvre(self.calendrier.aujourdhui - timedelta(days=jours)), 700 + self.rang + minutes)


def prevoir_commissions(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done for each commission."""
    for rang, recit in enumerate(_recits(scene, calendrier)):
        recit.rang = rang * 5
        _noter(recit)


def _recits(scene: Scene, calendrier: Calendrier) -> list[Recit]:
    pilote = Qualite.PRESIDENCE
    cuo = (
        Place("ddets-37", None, pilote, "pilote@ddets-37.example"),
        Place("departement-37", None, pilote),
        Place("siao-37", None, Qualite.SECRETARIAT, "regulation@siao-37.example"),
        Place("maison-ligerienne", 0, compte="direction@maison-ligerienne.example"),
        Place("la-gabare", 0),
        Place("les-tuffeaux", 0, compte="direction@les-tuffeaux.example"),
        Place("departement-37", 1, mention="Pour les CCAS du département"),
        Place("habitat-du-val-clair", 2),
    )
    labellisation = (
        Place("drihl-92", 0, pilote, "pilote@drihl-92.example"),
        Place("departement-92", 1),
        Place("siao-92", 2, compte="regulation@siao-92.example"),
        Place("boucle-verte", 3, compte="direction@boucle-verte.example"),
        Place("toits-d-ouest", 3),
        Place("habitat-des-coteaux", 4),
        Place("logis-salarie-ouest", 5),
    )
    recevabilite = (
        Place("siao-69", 0, pilote, "regulation@siao-69.example"),
        Place("traboule-solidaire", 1, compte="direction@traboule-solidaire.example"),
        Place("canuts-d-avenir", 1),
        Place("soie-bleue", 1),
    )
    bloquees = (
        Place("ddets-69", 0, pilote, "pilote@ddets-69.example", "Situations bloquées"),
        Place("siao-69", 1, compte="direction@siao-69.example", mention="Situations bloquées"),
        Place("saone-et-soleil", 2),
        Place("sante-nomade", 3),
    )
    plateforme = (
        Place("ccas-des-sept-clochers", 0, pilote),
        Place("habitat-des-landes", 1, compte="referent@habitat-des-landes.example"),
        Place("toits-de-la-baie", 1),
        Place("ddets-22", 2, pilote, "pilote@ddets-22.example"),
        Place("departement-22", 2, compte="logement@departement-22.example"),
        Place("caf-armor", 2, compte="commission@caf-armor.example"),
        Place("phare-emeraude", 3, compte="direction@phare-emeraude.example"),
        Place("trois-pommiers", 3),
        Place("equipe-mobile-embruns", 4),
        Place("siao-22", None, Qualite.SECRETARIAT, "direction@siao-22.example"),
    )
    recours = (
        Place("drihl-92", 0, pilote, "pilote@drihl-92.example", "Situations bloquées"),
        Place("siao-92", 1, compte="direction@siao-92.example", mention="Situations bloquées"),
        Place("boucle-verte", 2, compte="direction@boucle-verte.example", mention="Situations bloquées"),
        Place("equipe-mobile-peupliers", 3),
    )
    cosi = (Place("ddets-22", 0, pilote, mention="Comités de suivi"), Place("departement-22", 1))
    lu = partial(Recit, scene, calendrier)
    return [
        lu("37", "CUO", cuo, "Maison des associations, Tours", 0),
        lu(
            "92", "LABELLISATION", labellisation, "Préfecture, Nanterre", 0, semaines=4, decalage=10,
            visio="https://visio.example/labellisation",
        ),
        lu("69", "RECEVABILITE", recevabilite, "Métropole, Lyon", 0, semaines=4, decalage=5),
        lu("69", "SITUATIONS_BLOQUEES", bloquees, "DDETS, Lyon", 0, semaines=4, decalage=12),
        lu("22", "PLATEFORME", plateforme, "Salle des Sept Clochers", 0, semaines=8, decalage=9),
        lu("22", "COSI", cosi, "DDETS, Saint-Brieuc", 0, en_service=False),
        lu("92", "SITUATIONS_BLOQUEES", recours, "DRIHL, Nanterre", 0, semaines=4, decalage=16),
    ]  # fmt: skip


def _noter(recit: Recit) -> None:
    prevoir = recit.scene.prevoir
    prevoir(recit.le(OUVERTE), partial(_ouvrir, recit))
    if not recit.en_service:
        return
    prevoir(recit.le(VALIDEE), partial(_valider, recit))
    jours = recit.jours()
    for jour in jours:
        planned = min(PREVUES, (recit.calendrier.aujourdhui - jour).days + 40)
        prevoir(recit.le(max(planned, 20)), partial(_planifier, recit, jour))
    for jour in jours[: 1 - A_VENIR]:
        _noter_la_seance(recit, jour)


def _noter_la_seance(recit: Recit, jour: date) -> None:
    """Convene, answer, and for a past one say who was there."""
    today, prevoir = recit.calendrier.aujourdhui, recit.scene.prevoir
    convened = ouvre(min(jour - timedelta(days=12), today - timedelta(days=4)))
    answered = min(ouvre(jour - timedelta(days=6)), ouvre(today - timedelta(days=1)))
    prevoir(horloge(convened, 720 + recit.rang), partial(_convoquer, recit, jour))
    prevoir(horloge(answered, 740 + recit.rang), partial(_repondre, recit, jour, passee=jour < today))
    if jour < today:
        prevoir(horloge(jour, 600 + recit.rang), partial(_presences, recit, jour))


def _ouvrir(recit: Recit, clock: Clock) -> None:
    session, siao = recit.scene.session, recit.siao
    made = service.ouvrir(
        session,
        clock,
        siao,
        recit.prereglage,
        recit.departement,
        recit.scene.organisations[f"siao-{recit.departement}"],
        du_prereglage(
            prereglages()[recit.prereglage], lieu=recit.lieu, visio=recit.visio, heure=time(14), pieces=PIECES
        ),
    )
    recit.ref = made.ref
    for rang, place in enumerate(recit.places):
        college = made.colleges[place.college] if place.college is not None else None
        referent = _fonction(recit, clock, place, rang)
        composition.donner_siege(
            session, clock, siao, made, referent.ref, place.qualite, college, version=made.version
        )
    for genre, texte in ((GenreTexte.REGLEMENT, REGLEMENT), (GenreTexte.CONFIDENTIALITE, CONFIDENTIALITE)):
        textes.publier(session, clock, siao, made, genre, texte, version=made.version)


def _fonction(recit: Recit, clock: Clock, place: Place, rang: int) -> Referent:
    """Open the function that sits, held by an account of the demonstration or by someone fictitious."""
    scene, organisation = recit.scene, recit.scene.organisations[place.cle]
    compte = scene.personnes.get(place.compte)
    prenom, _blanc, nom = scene.donnees.noms.personne(recit.rang * 11 + rang + 60).partition(" ")
    adresse = f"{normalise(f'{prenom} {nom}').replace(' ', '.')}@{place.cle}.example"
    titulaire = SaisieTitulaire(
        prenom=compte.prenom if compte else prenom,
        nom=compte.nom if compte else nom,
        email=compte.email if compte else adresse,
        telephone=identifiants.telephone(PREFIXE, 700 + recit.rang * 11 + rang),
        du=max(OUVERTURE, organisation.created_at.date()),
    )
    saisie = SaisieReferent(
        fonction_code="referent_commission", departement_code=recit.departement, mention=place.mention
    )
    return annuaire.ouvrir(scene.session, clock, recit.siao, organisation, saisie, titulaire)


def _valider(recit: Recit, clock: Clock) -> None:
    pilote = recit.scene.un(recit.scene.etat(recit.departement), Profil.ETAT_PILOTE)
    made = recit.commission
    service.mettre_en_service(recit.scene.session, clock, pilote, made, version=made.version)
    textes_lus = textes.en_vigueur(recit.scene.session, recit.siao, made.id)
    for lu in textes_lus:
        textes.accepter(recit.scene.session, clock, recit.siao, made, lu.ref)


def _planifier(recit: Recit, jour: date, clock: Clock) -> None:
    typed = SaisieSeance(
        jour=jour, heure=time(14), duree_minutes=180, lieu=recit.lieu, visio=recit.visio,
        message="Accueil, puis examen des situations dans l’ordre du jour.",
    )  # fmt: skip
    seances.prevoir(recit.scene.session, clock, recit.siao, recit.commission, [typed])


def _seance(recit: Recit, jour: date) -> Seance:
    found = recit.scene.session.query(Seance).filter_by(commission_id=recit.commission.id)
    return next(one for one in found.order_by(Seance.debut) if one.debut.date() == jour)


def _convoquer(recit: Recit, jour: date, clock: Clock) -> None:
    seance = _seance(recit, jour)
    invitations.convoquer(
        recit.scene.session, clock, recit.siao, seance, "Ordre du jour chargé.", version=seance.version
    )


def _repondre(recit: Recit, jour: date, clock: Clock, *, passee: bool) -> None:
    for rang, invitation in enumerate(_seance(recit, jour).invitations):
        reponse, remplacant, mot = REPONSES[(rang + recit.rang) % len(REPONSES)]
        if passee and reponse is None:
            reponse = Reponse.ACCEPTEE
        if reponse is not None and (passee or not _du_compte(invitation, recit)):
            courriel = f"{normalise(remplacant).replace(' ', '.')}@{invitation.email.partition('@')[2]}"
            invitations.repondre(
                recit.scene.session, clock, None, invitation, reponse, Canal.LIEN,
                remplacant=remplacant, courriel=courriel, mot=mot,
            )  # fmt: skip


def _du_compte(invitation: InvitationSeance, recit: Recit) -> bool:
    """Tell whether it is for an account of the demonstration: its answer is left to give."""
    return invitation.email in recit.scene.personnes


def _presences(recit: Recit, jour: date, clock: Clock) -> None:
    seance = _seance(recit, jour)
    noted = {
        one.ref: Presence.ABSENTE if one.statut is Reponse.DECLINEE else Presence.PRESENTE
        for one in seance.invitations
    }
    invitations.noter_presences(recit.scene.session, clock, recit.siao, seance, noted, version=seance.version)
