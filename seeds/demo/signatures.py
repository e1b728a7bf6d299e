"""Signatures of the demonstration: texts of one département at each stage of the circuit.

One agreed and ready to be frozen, one reopened after its first signature and frozen again, one that waits for
its second signature, one signed by all, its last signatory under a delegation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.contenu import Parametre, TypeParametre
from portal.conventions.models import Convention
from portal.conventions.redaction import ouverture, queries, service
from portal.conventions.redaction.enums import Position
from portal.conventions.regles import fin_par_defaut
from portal.conventions.signature import delegations, figer
from portal.conventions.signature.service import signer
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

DEPARTEMENT, SIAO = "22", "siao-22"
DEBUT_JOURS = 10
"""Days since the first of these acts."""

QUALITES = {
    Partie.OPERATEUR: "Directrice",
    Partie.SIAO: "Directeur du SIAO",
    Partie.ETAT: "Directeur de la DDETS",
}
MOTIF = "La fonction du référent SIAO doit être nommée."
VALEURS = {
    "etat_representant": "le directeur départemental de l’emploi, du travail et des solidarités",
    "siao_representant": "le directeur du SIAO",
    "operateur_representant": "la directrice de l’association",
    "referent_siao": "cheffe de service",
    "actes_financement": "convention annuelle de financement de l’année en cours",
    "tableau_referents": "Orientation : la cheffe de service. Logement : la mission logement du SIAO.",
}


def prevoir_signatures(scene: Scene, calendrier: Calendrier) -> None:
    """Note the freezings, signatures, refusal and delegations."""
    recit = _Recit(
        scene,
        ouvre(calendrier.aujourdhui - timedelta(days=DEBUT_JOURS)),
        scene.un(SIAO, Profil.SIAO_DIRECTION),
        scene.un(scene.etat(DEPARTEMENT), Profil.ETAT_PILOTE),
        scene.un(scene.etat(DEPARTEMENT), Profil.ETAT_AGENT),
    )
    recit.noter(0, recit.deleguer)
    for rang, cle in enumerate(("maison-du-lin", "vent-portant", "gue-des-moissons", "amarres-douces")):
        texte = _Texte(recit, cle)
        recit.noter(1, texte.accorder, rang)
        if cle != "maison-du-lin":
            recit.noter(3, partial(texte.avancer, "mettre_en_signature"), rang)
            recit.noter(5, partial(texte.signer, Partie.OPERATEUR), rang)
        if cle == "vent-portant":
            recit.noter(6, texte.reprendre, rang)
        elif cle == "gue-des-moissons":
            recit.noter(6, partial(texte.signer, Partie.SIAO), rang)
            recit.noter(7, partial(texte.signer, Partie.ETAT), rang)


@dataclass(frozen=True)
class _Recit:
    """Who acts, from which day."""

    scene: Scene
    debut: date
    siao: Actor
    etat: Actor
    agent: Actor

    def noter(self, apres: int, acte: Callable[[Clock], object], rang: int = 0) -> None:
        """Note an act, some days after the first."""
        jour = ouvre(self.debut + timedelta(days=apres))
        self.scene.prevoir(horloge(jour, 320 + 5 * apres + rang), acte)

    def deleguer(self, clock: Clock) -> None:
        """Let an agent of the State sign; the SIAO's delegation has already ended."""
        session, jour = self.scene.session, clock.today()
        delegations.deleguer(
            session,
            clock,
            self.etat,
            personne_ref=self.agent.personne_ref,
            qualite="Cheffe du pôle hébergement et logement",
            reference=f"Arrêté de subdélégation n° {jour.year}-014",
            du=jour,
            au=fin_par_defaut(jour, 12),
        )
        regulateur = self.scene.un(SIAO, Profil.SIAO_REGULATEUR)
        delegations.deleguer(
            session,
            clock,
            self.siao,
            personne_ref=regulateur.personne_ref,
            qualite="Responsable de la régulation",
            reference="Délégation donnée pour les congés du directeur",
            du=jour - timedelta(days=40),
            au=jour - timedelta(days=10),
        )


class _Texte:
    """The story of one text, by the key of its operator."""

    def __init__(self, recit: _Recit, cle: str) -> None:
        self.recit, self.session = recit, recit.scene.session
        self.cle = cle
        self.operateur = recit.scene.un(cle, Profil.OPERATEUR_DIRECTION)

    def voix(self, partie: Partie) -> Actor:
        """Return who speaks for a party."""
        return {Partie.OPERATEUR: self.operateur, Partie.SIAO: self.recit.siao, Partie.ETAT: self.recit.etat}[
            partie
        ]

    @property
    def ligne(self) -> Convention:
        """The line, as it now is."""
        return self.session.scalars(
            select(Convention)
            .join(Organisation, Organisation.id == Convention.operateur_id)
            .where(
                Organisation.id == self.recit.scene.organisations[self.cle].id,
                Convention.departement_code == DEPARTEMENT,
            )
        ).one()

    def avancer(self, transition: str, clock: Clock, motif: str = "") -> None:
        """Fire a plain transition, by the SIAO."""
        ligne = self.ligne
        lignes.avancer(
            self.session, clock, self.recit.siao, ligne.ref, ligne.version, transition, motif=motif
        )

    def accorder(self, clock: Clock) -> None:
        """Write the text and have the three parties accept all of it.

        What the follow-up already said to be agreed or in signature is reopened: it is now written here.
        """
        if self.ligne.statut in (Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE):
            self.avancer("rouvrir", clock, "Le texte se signe désormais dans le portail.")
        if not queries.a_un_texte(self.session, self.ligne.id):
            ouverture.ouvrir(self.session, clock, self.recit.siao, self.ligne.ref, self.ligne.version)
        if self.ligne.statut is Statut.PROJET:
            self.avancer("negocier", clock)
        lu = queries.texte_compose(self.session, self.ligne)
        for lue in lu.negociees:
            self._accepter(clock, lu.entete.ref, lue.code, self._completer(clock, lu.entete.ref, lue))
        self.avancer("accorder", clock)

    def _completer(self, clock: Clock, ref: str, lue: queries.ClauseLue) -> int:
        """Give a clause the values it still waits for, and return its version."""
        valeurs: dict[str, str] = {}
        while (manquant := service.a_completer(lue.clause, {**lue.ecrit.valeurs, **valeurs})) is not None:
            valeurs[manquant.code] = _valeur(manquant, clock.today())
        if not valeurs:
            return lue.ecrit.version
        siao, version = self.recit.siao, lue.ecrit.version
        return service.modifier(self.session, clock, siao, ref, lue.code, version, valeurs=valeurs).version

    def _accepter(self, clock: Clock, ref: str, code: str, version: int) -> None:
        """Have each party accept a clause in turn, as the one before left it."""
        for partie in Partie:
            version = service.prendre_position(
                self.session, clock, self.voix(partie), ref, code, version, position=Position.ACCEPTEE
            ).version

    def signer(self, partie: Partie, clock: Clock) -> None:
        """Sign on line; for the State, its agent does, under the delegation."""
        fige = figer.courant(self.session, self.ligne.id)
        assert fige is not None
        actor = self.recit.agent if partie is Partie.ETAT else self.voix(partie)
        qualite = "" if partie is Partie.ETAT else QUALITES[partie]
        signer(self.session, clock, actor, self.ligne.ref, fige.empreinte, qualite=qualite)

    def reprendre(self, clock: Clock) -> None:
        """Reopen the negotiation for one value, agree on it and freeze the text again."""
        self.avancer("rouvrir", clock, MOTIF)
        lu = queries.texte_compose(self.session, self.ligne)
        clause = service.modifier(
            self.session,
            clock,
            self.recit.siao,
            lu.entete.ref,
            "8.4",
            lu.clause("8.4").ecrit.version,
            valeurs={"referent_siao": "cheffe de service de la résidence Vent Portant"},
            motif=MOTIF,
        )
        self._accepter(clock, lu.entete.ref, "8.4", clause.version)
        self.avancer("accorder", clock)
        self.avancer("mettre_en_signature", clock)


def _valeur(parametre: Parametre, jour: date) -> str:
    if parametre.type is TypeParametre.DATE:
        effet = (jour.replace(day=1) + timedelta(days=62)).replace(day=1)
        return (fin_par_defaut(effet) if parametre.code == "date_fin" else effet).isoformat()
    return VALEURS.get(parametre.code, "selon l’usage du département")
