"""Households of the demonstration, plainly fictitious, in each state: drafts, frozen grids, authorisations
agreed, refused, withdrawn, ended, grids transmitted and answered, a protected circuit, requests about data.

Everything through the services, each act on its own day; their names are those of no one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from portal.commissions.models import Commission
from portal.comptes import acteurs
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations import service as autorisations
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import DecisionAdulte, Finalite, Lecture, Mode, ObjetAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.fin_de_vie import demandes
from portal.grilles.fin_de_vie.enums import GenreDemande
from portal.grilles.menages import acces, queries, relais, service
from portal.grilles.menages.identites import presents
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.saisie import SaisieAdulte, SaisieMenage
from portal.grilles.remplissage import queries as grilles
from portal.grilles.remplissage import service as remplissage
from portal.grilles.transmissions import queries as recues
from portal.grilles.transmissions import service as transmissions
from portal.grilles.transmissions import suites
from portal.grilles.transmissions.enums import Issue
from portal.grilles.transmissions.enums import StatutTransmission as Suite
from portal.grilles.transmissions.saisie import SaisieSuite
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

Reponses = Mapping[str, Mapping[str, Sequence[str]]]

REPONSES: Reponses = {
    "A": {
        "A2__reponse": ["oui"],
        "A6__reponse": ["syplo"],
        "A8__communes": ["Saint-Brieuc, puis les communes desservies par le bus"],
    },
    "B": {
        "B1__total": ["1650"],
        "B1__activite": ["1200"],
        "B2__stables": ["oui"],
        "B4__reponse": ["420"],
        "B6__loyer": ["480"],
        "B6__charges": ["60"],
        "B6__aides": ["210"],
        "B10__reponse": ["autonome"],
    },
    "C": {"C1__situation": ["insertion"], "C1__depuis": ["01/09/2025"]},
    "D": {"D1__reponse": ["autonome"], "D2__reponse": ["ponctuel"]},
    "E": {
        "E1__reponse": ["Un trois-pièces près de l’école, avec une chambre pour chaque enfant."],
        "E3__reponse": ["Premier bail à son nom."],
    },
    "F": {
        "F1__avis": ["pret_accompagne"],
        "F4__position": ["accord"],
        "F5__reponse": ["Revoir ensemble la date du déménagement."],
    },
}


@dataclass
class Foyer:
    """One household's story: who accompanies it, in which département; `rang` sets its acts apart."""

    scene: Scene
    calendrier: Calendrier
    acteur: Actor
    departement: str
    adultes: tuple[SaisieAdulte, ...]
    rang: int
    protege: bool = False
    ref: str = ""
    autorisation: str = ""
    transmission: str = ""
    minutes: int = field(default=0)

    @property
    def enfants(self) -> int:
        """Children in charge; none is told in the protected circuit."""
        return 0 if self.protege else 2 if len(self.adultes) == 2 else self.rang % 3

    @property
    def vise(self) -> Vise:
        """The household as whoever accompanies it sees it, once it is open."""
        return queries.vue(self.scene.session, horloge(self.calendrier.aujourdhui), self.acteur, self.ref)

    @property
    def menage(self) -> Menage:
        """The household, once it is open."""
        return self.vise.menage

    def jour(self, jours: int) -> date:
        """Return a working day some days ago."""
        return ouvre(self.calendrier.aujourdhui - timedelta(days=jours))

    def le(self, jours: int, acte: Callable[..., object], /, *arguments: object, **options: object) -> None:
        """Note an act some days ago; those of one day come in the order they are noted."""
        self.minutes += 1
        clock = horloge(self.jour(jours), 300 + self.rang * 15 + self.minutes)
        self.scene.prevoir(min(clock, horloge(self.calendrier.aujourdhui), key=lambda one: one.instant),
                           partial(_jouer, acte, self, arguments, options))  # fmt: skip


def _jouer(
    acte: Callable[..., object],
    foyer: Foyer,
    arguments: Sequence[object],
    options: Mapping[str, object],
    clock: Clock,
) -> object:
    return acte(foyer, clock, *arguments, **options)


def prevoir_menages(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done for each household."""
    malo = scene.un("phare-emeraude", Profil.TRAVAILLEUR_SOCIAL)
    enora = _acteur(scene, "accompagnement@phare-emeraude.example", malo)
    seine = scene.un("boucle-verte", Profil.TRAVAILLEUR_SOCIAL)
    rang = iter(range(40))

    def foyer(acteur: Actor, *adultes: tuple[str, str, int], protege: bool = False) -> Foyer:
        noms = tuple(
            SaisieAdulte(nom=nom, prenom=prenom, naissance=date(annee, 1 + annee % 12, 1 + annee % 27))
            for nom, prenom, annee in adultes
        )
        code = acteur.departement_code
        return Foyer(scene, calendrier, acteur, code, noms, next(rang), protege=protege)

    _positionne(foyer(malo, ("Kerfictif", "Maëlle", 1990), ("Lefictif", "Yann", 1988)))
    _a_accuser(foyer(malo, ("Démonstrand", "Camille", 1979)))
    _brouillon(foyer(malo, ("Exemplaire", "Sacha", 1996)))
    _refus(foyer(malo, ("Maquette", "Dominique", 1985)))
    _retrait(foyer(malo, ("Spécimen", "Alix", 1992)))
    _terminee(foyer(malo, ("Prototype", "Claude", 1971)))
    _protege(foyer(malo, protege=True))
    _deux_echecs(foyer(malo, ("Essai-Fictif", "Morgane", 1983)))
    _presente(foyer(malo, ("Brouillon", "Andrea", 1999)))
    _demandes_de(foyer(malo, ("Canevas", "Lou", 1994)))
    _ancien(foyer(malo, ("Ébauche", "Noa", 1968)))
    _d_une_collegue(foyer(malo, ("Gabarit", "Charlie", 1987)), enora)
    _absence(foyer(enora, ("Modèle", "Eden", 1981)), malo)
    _bail(foyer(seine, ("Fictif", "Inès", 1991), ("Fictif", "Karim", 1989)), "habitat-des-coteaux")
    _brouillon(foyer(seine, ("Hypothèse", "Robin", 1976)))


def _acteur(scene: Scene, email: str, defaut: Actor) -> Actor:
    """Return a second worker of the organisation, whose actor the files name by e-mail alone."""
    return acteurs.of_person(scene.session, scene.personnes[email].id) or defaut


# The stories, the oldest day first.


def _positionne(f: Foyer) -> None:
    """Two versions; the first, transmitted, is positioned in CALEOL: the newer one did not leave."""
    f.le(130, _ouvrir)
    f.le(120, _figer)
    f.le(40, _demander, "habitat-des-landes")
    f.le(40, _repondre)
    f.le(38, _transmettre)
    f.le(34, _suite, "habitat-des-landes", Suite.RECUE)
    f.le(20, _suite, "habitat-des-landes", Suite.POSITIONNEE, dans=12)
    f.le(6, _figer, {"D": {"D2__reponse": ["autonome"]}})


def _a_accuser(f: Foyer) -> None:
    """Sent yesterday: the landlord has it to acknowledge."""
    f.le(60, _ouvrir)
    f.le(30, _figer)
    f.le(2, _demander, "habitat-des-landes", champs=("B8.montant",))
    f.le(2, _repondre)
    f.le(1, _transmettre)


def _brouillon(f: Foyer) -> None:
    f.le(12, _ouvrir)
    f.le(5, _remplir, {code: REPONSES[code] for code in "AB"})


def _refus(f: Foyer) -> None:
    f.le(90, _ouvrir)
    f.le(45, _figer)
    f.le(25, _demander, "habitat-des-landes")
    f.le(25, _repondre, DecisionAdulte.REFUSE)


def _retrait(f: Foyer) -> None:
    """Withdrawn after it was read: nothing is open any more, the past stays in the journal."""
    f.le(100, _ouvrir)
    f.le(80, _figer)
    f.le(50, _demander, "habitat-des-landes")
    f.le(50, _repondre)
    f.le(49, _transmettre)
    f.le(45, _suite, "habitat-des-landes", Suite.RECUE)
    f.le(10, _retirer)


def _terminee(f: Foyer) -> None:
    """An authorisation of two months, whose last day is past."""
    f.le(140, _ouvrir)
    f.le(110, _figer)
    f.le(100, _demander, "habitat-des-landes", jours=60)
    f.le(100, _repondre)


def _protege(f: Foyer) -> None:
    f.le(28, _ouvrir)
    f.le(20, _remplir, {"C": REPONSES["C"], "E": REPONSES["E"]})


def _deux_echecs(f: Foyer) -> None:
    """Not retained twice: the portal proposes other ways."""
    f.le(150, _ouvrir)
    f.le(125, _figer)
    for envoi, reponse, motif in ((110, 95, "DEMANDE"), (70, 55, "TAILLE")):
        f.le(envoi, _demander, "habitat-des-landes")
        f.le(envoi, _repondre)
        f.le(envoi - 1, _transmettre)
        f.le(reponse + 5, _suite, "habitat-des-landes", Suite.RECUE)
        f.le(reponse, _suite, "habitat-des-landes", Suite.NON_RETENUE, motif=motif)
        f.le(reponse - 1, _figer, {"D": {"D2__reponse": ["autonome"]}})


def _presente(f: Foyer) -> None:
    """Authorised before a commission, signed by typing."""
    f.le(40, _ouvrir)
    f.le(22, _figer)
    f.le(8, _demander, "", presentation=True)
    f.le(8, _repondre)


def _demandes_de(f: Foyer) -> None:
    """It asked for a copy, late by now, and for its data to be erased."""
    f.le(200, _ouvrir)
    f.le(40, _recevoir, GenreDemande.ACCES, "Par courrier, à son adresse de domiciliation.")
    f.le(4, _recevoir, GenreDemande.EFFACEMENT, "")


def _ancien(f: Foyer) -> None:
    """No contact for nearly two years: whoever accompanies it is told, then it is erased."""
    f.le(150, _ouvrir)
    f.le(150, _contact, 716)


def _d_une_collegue(f: Foyer, demandeur: Actor) -> None:
    f.le(75, _ouvrir)
    f.le(3, _demander_acces, demandeur)


def _absence(f: Foyer, remplacant: Actor) -> None:
    f.le(95, _ouvrir)
    f.le(60, _figer)
    f.le(2, _relayer, remplacant)


def _bail(f: Foyer, bailleur: str) -> None:
    f.le(150, _ouvrir)
    f.le(130, _figer)
    f.le(100, _demander, bailleur)
    f.le(100, _repondre)
    f.le(99, _transmettre)
    f.le(95, _suite, bailleur, Suite.RECUE)
    f.le(80, _suite, bailleur, Suite.POSITIONNEE, dans=0)
    f.le(75, _suite, bailleur, Suite.DECIDEE, issue=Issue.ATTRIBUTION)
    f.le(50, _suite, bailleur, Suite.BAIL_SIGNE)


# The acts.


def _ouvrir(f: Foyer, clock: Clock) -> None:
    typed = SaisieMenage(
        departement_code=f.departement,
        adultes=f.adultes,
        si_siao=f"FICTIF-{f.departement}-{4000 + f.rang}",
        numero_unique="" if f.protege else f"{f.departement:0>3}0326{f.rang:02}FICTIF000"[:18].ljust(18, "0"),
        a_charge=f.enfants,
        protege=f.protege,
    )
    f.ref = service.ouvrir(f.scene.session, clock, f.acteur, typed).ref


def _remplir(f: Foyer, clock: Clock, reponses: Reponses = REPONSES) -> None:
    session = f.scene.session
    draft = remplissage.ouvrir(session, clock, f.acteur, f.vise)
    gens = {"A1__adultes": [str(len(f.adultes))], "A1__enfants": [str(f.enfants)]}
    for code, dites in reponses.items():
        typees = {**gens, **dites} if code == "A" else dites
        row = next(row for row in draft.sections if row.section == code)
        remplissage.enregistrer(session, clock, f.acteur, f.vise, code, typees, version=row.version)


def _figer(f: Foyer, clock: Clock, autres: Reponses | None = None) -> None:
    """Fill and freeze a version; `autres`: answers that changed."""
    changees = autres or {}
    _remplir(f, clock, {code: {**typees, **changees.get(code, {})} for code, typees in REPONSES.items()})
    draft = grilles.en_cours(f.scene.session, f.menage.id)
    assert draft is not None
    remplissage.figer(
        f.scene.session,
        clock,
        f.acteur,
        f.vise,
        lues="ABCDEF",
        sans_avis=False,
        lu=remplissage.etat(draft),
    )


def _demander(
    f: Foyer,
    clock: Clock,
    bailleur: str,
    *,
    champs: tuple[str, ...] = (),
    jours: int = 180,
    presentation: bool = False,
) -> None:
    session, jour = f.scene.session, clock.today()
    objet = ObjetAutorisation.PRESENTATION if presentation else ObjetAutorisation.TRANSMISSION
    vers = _commission(f) if presentation else f.scene.organisations[bailleur].ref
    typed = SaisieDemande(
        objet=objet,
        destinataire=vers,
        finalite=Finalite.EXAMEN if presentation else Finalite.LOGEMENT,
        sections=tuple("ABCDEF"),
        champs=champs,
        du=jour,
        au=jour + timedelta(days=jours),
    )
    made = autorisations.demander(session, clock, f.acteur, f.vise, typed)
    autorisations.informer(
        session, clock, f.acteur, f.vise, made.ref, langue="fr", lecture=Lecture.LUE, version=made.version
    )
    f.autorisation = made.ref


def _commission(f: Foyer) -> str:
    """Return the platform of the département, to which dossiers of households come."""
    return (
        f.scene.session.scalars(
            select(Commission.ref)
            .where(Commission.departement_code == f.departement, Commission.fermee_le.is_(None))
            .order_by(Commission.id)
        ).first()
        or ""
    )


def _repondre(f: Foyer, clock: Clock, decision: DecisionAdulte = DecisionAdulte.ACCORDE) -> None:
    session = f.scene.session
    demandee = session.scalars(select(Autorisation).where(Autorisation.ref == f.autorisation)).one()
    for adulte, saisie in zip(presents(f.menage), f.adultes, strict=True):
        typed = SaisieReponse(
            decision=decision,
            mode=Mode.ECRAN,
            empreinte=apercu(session, demandee).empreinte,
            nom=f"{saisie.prenom} {saisie.nom}",
            confirme=True,
        )
        autorisations.repondre(session, clock, f.acteur, f.vise, f.autorisation, adulte.ref, typed)


def _retirer(f: Foyer, clock: Clock) -> None:
    fermeture.retirer(f.scene.session, clock, f.acteur, f.vise, f.autorisation)


def _transmettre(f: Foyer, clock: Clock) -> None:
    session = f.scene.session
    vu = transmissions.apercu(session, clock, f.acteur, f.vise, f.autorisation)
    made = transmissions.transmettre(session, clock, f.acteur, f.vise, f.autorisation, empreinte=vu.empreinte)
    f.transmission = made.ref


def _suite(
    f: Foyer,
    clock: Clock,
    bailleur: str,
    statut: Suite,
    *,
    dans: int = 0,
    motif: str = "",
    issue: Issue | None = None,
) -> None:
    session = f.scene.session
    lecteur = f.scene.un(bailleur, Profil.BAILLEUR_REFERENT)
    recue = recues.lire(session, clock, lecteur, f.transmission).transmission  # one reads before one answers
    typed = SaisieSuite(
        statut=statut,
        jour=clock.today() + timedelta(days=dans),
        issue=issue,
        motif=motif,
        precision="Logement de quatre pièces, ménage de deux personnes." if motif == "TAILLE" else "",
    )
    suites.ajouter(session, clock, lecteur, f.transmission, typed, version=recue.version)


def _contact(f: Foyer, clock: Clock, jours: int) -> None:
    jour = f.calendrier.aujourdhui - timedelta(days=jours)
    service.contact(f.scene.session, clock, f.acteur, f.vise, jour, version=f.menage.version)


def _recevoir(f: Foyer, clock: Clock, genre: GenreDemande, detail: str) -> None:
    demandes.recevoir(f.scene.session, clock, f.acteur, f.vise, genre, clock.today(), detail)


def _demander_acces(f: Foyer, clock: Clock, demandeur: Actor) -> None:
    motif = "Je reçois cette famille en permanence cette semaine, pendant la formation de ma collègue."
    acces.demander(f.scene.session, clock, demandeur, f.menage, motif, 7)


def _relayer(f: Foyer, clock: Clock, remplacant: Actor) -> None:
    administration = f.scene.un("phare-emeraude", Profil.ADMIN_ORGANISATION)
    jour = f.calendrier.aujourdhui
    relais.confier(
        f.scene.session,
        clock,
        administration,
        absent_ref=f.acteur.personne_ref,
        relais_ref=remplacant.personne_ref,
        du=jour - timedelta(days=1),
        au=jour + timedelta(days=12),
    )
