"""What households and commissions of the demonstration lack for each of their pages to be shown once.

Everything through the services, each act on a day when it could be done.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import invitations
from portal.commissions.conduite import consultation, decisions
from portal.commissions.conduite import seance as conduite
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.dossiers import instruction, invites, ordre
from portal.commissions.dossiers import queries as dossiers
from portal.commissions.dossiers import service as service_dossiers
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.dossiers.saisie import SaisieDossier
from portal.commissions.enums import Presence, PresenceMenage, StatutSeance
from portal.commissions.enums_dossiers import EtatPiece, StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ConduiteSeance, Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.nomenclatures import defavorables
from portal.commissions.suites_seance import notification, recours
from portal.commissions.suites_seance.queries import decision_de
from portal.grilles.autorisations import queries as autorisations
from portal.grilles.autorisations import recus
from portal.grilles.autorisations import service as service_autorisations
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import DecisionAdulte, Finalite, Lecture, Mode, ObjetAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.fin_de_vie import conservation, demandes
from portal.grilles.fin_de_vie.enums import GenreDemande
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages import queries as menages
from portal.grilles.menages import recherche
from portal.grilles.menages import service as service_menages
from portal.grilles.menages.models import Menage
from portal.grilles.menages.recherche import Criteres
from portal.grilles.menages.saisie import SaisieAdulte, SaisieMenage
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.grilles_remplies import figer, remplir

DEPARTEMENT = "22"
PIN = "481592"


@dataclass
class Meubles:
    """What was made: `adresses` that pages give (or e-mails), `jetons` by route, and the `cookies` (name,
    value, path) of whoever gave their code."""

    adresses: list[str] = field(default_factory=list)
    jetons: dict[str, list[str]] = field(default_factory=dict)
    cookies: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Atelier:
    """Where it is made: the transaction, today; who accompanies households, who keeps the secretariat,
    and who at the SIAO accompanies some too."""

    session: Session
    clock: FixedClock
    worker: Actor
    siao: Actor
    mission: Actor
    faits: Meubles = field(default_factory=Meubles)

    def il_y_a(self, jours: int) -> FixedClock:
        """Return the clock of some days ago."""
        return FixedClock(self.clock.now() - timedelta(days=jours))


def meubler(a: Atelier) -> Meubles:
    """Add the households, their authorisations and requests, then the dossiers and sessions."""
    _autorisations(a)
    _recus(a)
    _fin_de_vie(a)
    _acces(a)
    _consultation(a)
    _invites(a)
    _recours(a)
    return a.faits


def _menage(a: Atelier, nom: str, *prenoms: str, jours: int = 1) -> Menage:
    """Open a household some days ago, its grid frozen."""
    clock = a.il_y_a(jours)
    adultes = tuple(SaisieAdulte(nom=nom, prenom=one, naissance=date(1988, 5, 17)) for one in prenoms)
    made = service_menages.ouvrir(
        a.session, clock, a.worker, SaisieMenage(departement_code=DEPARTEMENT, adultes=adultes)
    )
    vise = menages.vue(a.session, clock, a.worker, made.ref)
    remplir(a.session, clock, a.worker, vise)
    figer(a.session, clock, a.worker, vise)
    return made


def _demander(a: Atelier, menage: Menage, *, jours: int = 1, presentation: bool = False) -> Autorisation:
    """Ask a household to transmit its grid to a landlord, or to present it to the platform."""
    clock, session = a.il_y_a(jours), a.session
    objet = ObjetAutorisation.PRESENTATION if presentation else ObjetAutorisation.TRANSMISSION
    bailleurs = (
        ref
        for ref, _nom, kind in autorisations.destinataires(session, menage)
        if kind is TypeOrganisation.BAILLEUR
    )
    jour = autorisations.jour_de(clock, menage)
    typed = SaisieDemande(
        objet=objet,
        destinataire=_plateforme(a).ref if presentation else next(bailleurs),
        finalite=Finalite.EXAMEN if presentation else Finalite.LOGEMENT,
        sections=tuple("ABCDEF"),
        du=jour,
        au=service_autorisations.duree_proposee(session, menage, jour),
    )
    vise = menages.vue(session, clock, a.worker, menage.ref)
    return service_autorisations.demander(session, clock, a.worker, vise, typed)


def _informer(a: Atelier, menage: Menage, une: Autorisation, *, jours: int = 1) -> None:
    clock = a.il_y_a(jours)
    vise = menages.vue(a.session, clock, a.worker, menage.ref)
    service_autorisations.informer(
        a.session, clock, a.worker, vise, une.ref, langue="fr", lecture=Lecture.LUE, version=une.version
    )


def _accorder(a: Atelier, menage: Menage, une: Autorisation, *adultes: str, jours: int = 1) -> None:
    """Have adults agree on the screen; everyone when none is named."""
    clock = a.il_y_a(jours)
    for ref in adultes or [one.ref for one in autorisations.presents(a.session, menage)]:
        typed = SaisieReponse(
            decision=DecisionAdulte.ACCORDE,
            mode=Mode.ECRAN,
            nom="Qui signe",
            confirme=True,
            empreinte=apercu(a.session, une).empreinte,
        )
        vise = menages.vue(a.session, clock, a.worker, menage.ref)
        service_autorisations.repondre(a.session, clock, a.worker, vise, une.ref, ref, typed)


def _accordee(a: Atelier, menage: Menage, *, jours: int = 1, presentation: bool = False) -> Autorisation:
    une = _demander(a, menage, jours=jours, presentation=presentation)
    _informer(a, menage, une, jours=jours)
    _accorder(a, menage, une, jours=jours)
    return une


def _autorisations(a: Atelier) -> None:
    """Leave an authorisation without its notice, one half answered, one agreed that was not used."""
    _demander(a, _menage(a, "Sans-Notice", "Lise"))
    foyer = _menage(a, "À-Demi", "Anna", "Yann")
    une = _demander(a, foyer)
    _informer(a, foyer, une)
    adulte = autorisations.presents(a.session, foyer)[0].ref
    _accorder(a, foyer, une, adulte)
    a.faits.adresses.append(f"/menages/{foyer.ref}/autorisations/{une.ref}/adultes/{adulte}/merci")
    _accordee(a, _menage(a, "À-Transmettre", "Zoé"))


def _recus(a: Atelier) -> None:
    """Give two adults their receipt: the PIN of the first was given, that of the second is asked for."""
    foyer = _menage(a, "Au-Reçu", "Inès", "Karim")
    une = _accordee(a, foyer)
    jetons = []
    for adulte in autorisations.presents(a.session, foyer):
        vise = menages.vue(a.session, a.clock, a.worker, foyer.ref)
        recu = recus.creer(a.session, a.clock, a.worker, vise, adulte.ref, PIN, PIN)
        jetons.append(recus.jeton(a.session, recu))
    a.faits.jetons["recus.page"] = jetons
    a.faits.adresses.append(f"/r/{jetons[0]}/{une.ref}")


def _fin_de_vie(a: Atelier) -> None:
    """Have the copy that a household asked for made, and another one's data past their term."""
    demande = a.session.scalars(
        select(DemandeMenage)
        .join(Menage, Menage.id == DemandeMenage.menage_id)
        .where(Menage.departement_code == DEPARTEMENT, DemandeMenage.genre == GenreDemande.ACCES)
        .order_by(DemandeMenage.id)
    ).first()
    assert demande is not None
    demandes.preparer_copie(a.session, a.clock, a.worker, demande, version=demande.version)
    vieux = _menage(a, "À-Effacer", "Noé", jours=2 * 366 + 120)
    quand = a.il_y_a(100)
    dues = conservation.echeances(a.session, quand, menage_id=vieux.id)
    conservation.prevenir(a.session, quand, dues)


def _acces(a: Atelier) -> None:
    """Find by its code a household of the SIAO: the key that the search gives asks for access."""
    adulte = SaisieAdulte(nom="D’un-Autre", prenom="Sacha", naissance=date(1988, 5, 17))
    typed = SaisieMenage(departement_code=DEPARTEMENT, adultes=(adulte,))
    autre = service_menages.ouvrir(a.session, a.clock, a.mission, typed)
    found = recherche.chercher(a.session, a.clock, a.worker, Criteres(repere=autre.code))
    a.faits.jetons["menages.demander"] = [one.jeton for one in found.ailleurs]


def _plateforme(a: Atelier) -> Commission:
    return a.session.scalars(
        select(Commission)
        .where(Commission.departement_code == DEPARTEMENT, Commission.prereglage_code == "PLATEFORME")
        .order_by(Commission.id)
    ).one()


def _seance(a: Atelier, *, passee: bool) -> Seance:
    """Return the session convened next, or the last one that was over yesterday, never held."""
    tri = Seance.debut.desc() if passee else Seance.debut.asc()
    hier = a.clock.now() - timedelta(days=1)
    found = a.session.scalars(
        select(Seance)
        .where(
            Seance.commission_id == _plateforme(a).id,
            Seance.statut == StatutSeance.CONVOQUEE,
            Seance.fin < hier if passee else Seance.debut > a.clock.now(),
        )
        .order_by(tri, Seance.id)
    ).first()
    assert found is not None
    return found


def _inscrits(a: Atelier, seance: Seance) -> list[Dossier]:
    return list(
        a.session.scalars(
            select(Dossier)
            .where(Dossier.seance_id == seance.id, Dossier.statut == StatutDossier.INSCRIT)
            .order_by(Dossier.rang, Dossier.id)
        )
    )


def _consultation(a: Atelier) -> None:
    """Consult the members in writing about the urgent case of the next session; let households in."""
    seance = _seance(a, passee=False)
    urgent = next(one for one in _inscrits(a, seance) if one.urgent)
    consultation.consulter(a.session, a.clock, a.siao, seance, urgent)
    racine = f"/seances/{seance.ref}/conduite"
    a.faits.adresses.append(f"{racine}/dossiers/{urgent.ref}/consultation")
    _plateforme(a).menage = PresenceMenage.INVITE
    tenue = a.session.scalars(
        select(Seance)
        .join(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
        .where(
            Seance.departement_code == DEPARTEMENT,
            ConduiteSeance.ouverte_le.is_not(None),
            ConduiteSeance.close_le.is_(None),
        )
    ).one()
    a.faits.adresses += [f"/seances/{tenue.ref}/conduite/menage", f"/seances/{tenue.ref}/conduite/points"]


def _invites(a: Atelier) -> None:
    """Invite three people without an account: one has no code yet, one the texts to accept, one reads."""
    seance = _seance(a, passee=False)
    nommes = tuple(one.ref for one in _inscrits(a, seance) if not one.menage.protege)[:2]
    jetons = []
    for rang in range(3):
        typed = SaisieInvite(
            nom=f"Dominique Invité-{rang}",
            email=f"invite-{rang}@exemple.example",
            organisme="Bailleur de la commune, fictif",
            dossiers=nommes,
        )
        invite = invites.inviter(a.session, a.clock, a.siao, seance, typed)
        jeton = _lu(a, invite.email, r"/dossiers/invitation/([\w-]+)")
        jetons.append(jeton)
        if rang == 0:
            continue
        invites.envoyer_code(a.session, a.clock, jeton)
        lecture, refus = invites.verifier(a.session, a.clock, jeton, _lu(a, invite.email, r"\b(\d{6})\b"))
        assert refus is None
        a.faits.cookies.append(("invite", lecture, f"/dossiers/invitation/{jeton}"))
        if rang == 2:
            invites.accepter(a.session, a.clock, invite)
            a.faits.adresses += [f"/dossiers/invitation/{jeton}/dossiers/{ref}" for ref in nommes]
    a.faits.jetons["invitations.accueil"] = jetons


def _lu(a: Atelier, email: str, motif: str) -> str:
    """Return what the last e-mail to someone says."""
    corps = a.session.scalars(
        select(MessageSortant.corps)
        .where(MessageSortant.destinataire == email)
        .order_by(MessageSortant.id.desc())
    ).first()
    found = re.search(motif, corps or "")
    assert found is not None, corps
    return found[1]


def _recours(a: Atelier) -> None:
    """Hold the last session: it refuses two dossiers, an appeal is formed against the first refusal."""
    commission, seance = _plateforme(a), _seance(a, passee=True)
    refus = sorted(defavorables())[0]
    commission.recours = True
    commission.decisions = [*commission.decisions, refus]
    jours = (a.clock.now() - seance.debut).days
    faits = []
    for nom in ("Au-Recours", "Au-Délai"):
        foyer = _menage(a, nom, "Lou", jours=jours + 30)
        _accordee(a, foyer, jours=jours + 29, presentation=True)
        faits.append(_inscrit(a, foyer, seance, jours + 20))
    debut = FixedClock(seance.debut + timedelta(minutes=5))
    present = {one.ref: Presence.PRESENTE for one in seance.invitations}
    invitations.noter_presences(a.session, debut, a.siao, seance, present, version=seance.version)
    conduite.ouvrir(a.session, debut, a.siao, seance)
    for dossier in faits:
        conduite.examiner(a.session, debut, a.siao, seance, dossier)
        typed = SaisieDecision(code=refus, motif="Le projet reste à préciser.", consensus=True)
        decisions.prendre(a.session, debut, a.siao, seance, dossier, typed, version=decisions.NOUVELLE)
    conduite.clore(a.session, debut, a.siao, seance)
    for key in notification.a_notifier(a.session, a.il_y_a(3)):
        notification.notifier(a.session, a.il_y_a(3), key)
    contestee, autre = [
        decision_de(
            a.session, a.session.scalars(select(Decision.id).where(Decision.dossier_id == one.id)).one()
        )
        for one in faits
    ]
    recours.former(a.session, a.clock, a.worker, contestee, "Un emploi est trouvé.", "")
    a.faits.adresses.append(f"/decisions/{autre.ref}/recours")


def _inscrit(a: Atelier, foyer: Menage, seance: Seance, jours: int) -> Dossier:
    """Prepare, deposit and put on the agenda the dossier of a household."""
    session, clock, commission = a.session, a.il_y_a(jours), _plateforme(a)
    typed = SaisieDossier(
        situation="Hébergée depuis un an, la famille a un emploi stable.",
        demande="Chercher ensemble un logement de trois pièces.",
        motif_demande="SORTIE_HEBERGEMENT",
        pieces=dict.fromkeys(commission.pieces, EtatPiece.PRESENTE),
    )
    vise = menages.vue(session, clock, a.worker, foyer.ref)
    made = service_dossiers.ouvrir(session, clock, a.worker, vise, commission.ref, typed)
    service_dossiers.deposer(
        session, clock, a.worker, dossiers.vue(session, clock, a.worker, made.ref), version=made.version
    )
    lu = dossiers.vue(session, clock, a.siao, made.ref)
    instruction.recevoir(session, clock, a.siao, lu, version=lu.dossier.version)
    ordre.inscrire(session, clock, a.siao, lu, seance.ref, version=lu.dossier.version)
    return lu.dossier
