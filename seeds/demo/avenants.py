"""Avenants of the demonstration: one signed, then one under negotiation, on the convention signed by all.

A second convention, signed for this, has an avenant that waits for its second signature; a third one, in
Paris, an avenant that the State has still to examine.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from portal.conventions import service as lignes
from portal.conventions.avenants import figer, negociation, service, signature
from portal.conventions.avenants.models import Avenant
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Parametre, TypeParametre
from portal.conventions.models import Convention
from portal.conventions.redaction import ouverture
from portal.conventions.redaction import service as redaction
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.queries import a_un_texte, texte_compose
from portal.conventions.regles import fin_par_defaut
from portal.conventions.signature.figer import courant
from portal.conventions.signature.service import signer
from portal.organisations.saisie import LignePlaces, SaisieStructure
from portal.organisations.structures import open_structure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.scene import Scene
from seeds.demo.signatures import DEBUT_JOURS, DEPARTEMENT, QUALITES, SIAO, VALEURS

NEGOCIE, A_SIGNER, A_EXAMINER = "gue-des-moissons", "relais-des-genets", "clairiere-urbaine"
"""The operators of the conventions: one whose second avenant is negotiated, one whose first is signed, one
elsewhere, whose first is examined."""

PARIS = "75", "siao-75"
MESURES = "40"
"""Of accompaniment, where the text asks how many."""

A_PARIS = {
    "etat_representant": "la directrice de l’unité départementale de Paris",
    "siao_representant": "la directrice du SIAO",
    "operateur_representant": "le président de l’association",
}


def prevoir_avenants(scene: Scene, calendrier: Calendrier) -> None:
    """Note the avenants, once the conventions themselves are signed, and what calls for another."""
    debut = ouvre(calendrier.aujourdhui - timedelta(days=DEBUT_JOURS))
    negocie, a_signer = _Recit(scene, NEGOCIE), _Recit(scene, A_SIGNER)

    def noter(jour: int, minute: int, acte: Callable[[Clock], object]) -> None:
        scene.prevoir(horloge(ouvre(debut + timedelta(days=jour)), 420 + minute), acte)

    noter(1, 0, a_signer.accorder)
    noter(3, 0, a_signer.mettre_en_signature)
    for rang, partie in enumerate(Partie):
        noter(5, rang, partial(a_signer.signer_le_texte, partie))
    paris = _Recit(scene, A_EXAMINER, *PARIS, A_PARIS)
    noter(1, 10, paris.accorder)
    noter(2, 10, paris.mettre_en_signature)
    for rang, partie in enumerate(Partie):
        noter(5, 10 + rang, partial(paris.signer_le_texte, partie))
    noter(7, 30, paris.revoir_les_files)
    noter(7, 0, negocie.premier)
    for rang, partie in enumerate(Partie):
        noter(7, 5 + rang, partial(negocie.signer, partie))
    noter(7, 10, negocie.second)
    noter(7, 15, negocie.ouvrir_une_structure)
    noter(7, 20, a_signer.premier)
    noter(7, 22, a_signer.reprendre)
    noter(7, 25, partial(a_signer.signer, Partie.OPERATEUR))


class _Recit:
    """The story of the avenants of one convention, by the key of its operator.

    `valeurs`: what its text says otherwise than elsewhere.
    """

    def __init__(
        self,
        scene: Scene,
        cle: str,
        departement: str = DEPARTEMENT,
        siao: str = SIAO,
        valeurs: Mapping[str, str] | None = None,
    ) -> None:
        self.scene, self.session, self.cle, self.departement = scene, scene.session, cle, departement
        self.valeurs = {**VALEURS, **(valeurs or {})}
        self.voix = {
            Partie.OPERATEUR: scene.un(cle, Profil.OPERATEUR_DIRECTION),
            Partie.SIAO: scene.un(siao, Profil.SIAO_DIRECTION),
            Partie.ETAT: scene.un(scene.etat(departement), Profil.ETAT_PILOTE),
        }

    @property
    def siao(self) -> Actor:
        """Who speaks for the SIAO."""
        return self.voix[Partie.SIAO]

    @property
    def ligne(self) -> Convention:
        """The convention, as it now is."""
        return self.session.scalars(
            select(Convention).where(
                Convention.operateur_id == self.scene.organisations[self.cle].id,
                Convention.departement_code == self.departement,
            )
        ).one()

    @property
    def avenant(self) -> Avenant:
        """Its last avenant, as it now is."""
        return self.session.scalars(
            select(Avenant)
            .where(Avenant.convention_id == self.ligne.id)
            .order_by(Avenant.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        ).one()

    def accorder(self, clock: Clock) -> None:
        """Have the three parties accept the whole text of the convention, its values being given."""
        if not a_un_texte(self.session, self.ligne.id):
            ouverture.ouvrir(self.session, clock, self.siao, self.ligne.ref, self.ligne.version)
        self._faire_avancer(clock, "negocier")
        for lue in texte_compose(self.session, self.ligne).negociees:
            valeurs: dict[str, str] = {}
            while (du := redaction.a_completer(lue.clause, {**lue.ecrit.valeurs, **valeurs})) is not None:
                valeurs[du.code] = self._donner(du, clock.today())
            if valeurs:
                redaction.modifier(
                    self.session,
                    clock,
                    self.siao,
                    self.ligne.ref,
                    lue.code,
                    lue.ecrit.version,
                    valeurs=valeurs,
                )
        for partie, actor in self.voix.items():
            for lue in texte_compose(self.session, self.ligne).negociees:
                if lue.positions.get(partie) is not Position.ACCEPTEE:
                    redaction.prendre_position(
                        self.session,
                        clock,
                        actor,
                        self.ligne.ref,
                        lue.code,
                        lue.ecrit.version,
                        position=Position.ACCEPTEE,
                    )
        self._faire_avancer(clock, "accorder")

    def mettre_en_signature(self, clock: Clock) -> None:
        """Freeze the text of the convention."""
        self._faire_avancer(clock, "mettre_en_signature")

    def _faire_avancer(self, clock: Clock, transition: str) -> None:
        ligne = self.ligne
        lignes.avancer(self.session, clock, self.siao, ligne.ref, ligne.version, transition)

    def signer_le_texte(self, partie: Partie, clock: Clock) -> None:
        """Sign the convention itself, on line."""
        fige = courant(self.session, self.ligne.id)
        assert fige is not None
        actor = self.voix[partie]
        signer(self.session, clock, actor, self.ligne.ref, fige.empreinte, qualite=QUALITES[partie])

    def premier(self, clock: Clock) -> None:
        """Shorten the rhythm of the assessment, agreed by all and frozen."""
        service.ouvrir(
            self.session,
            clock,
            self.siao,
            self.ligne.ref,
            objet="Évaluations plus rapprochées, après le premier comité de suivi",
            codes=["5.2"],
        )
        self._ecrire(clock, "5.2", "Décision du comité de suivi.", freq_eval_mois="4")
        self._avancer(clock, "negocier")
        for partie in Partie:
            self._dire(clock, partie, "5.2", Position.ACCEPTEE)
        self._avancer(clock, "figer")

    def reprendre(self, clock: Clock) -> None:
        """Reopen the frozen avenant and freeze it again: the link to the first text is outdated."""
        self._avancer(clock, "rouvrir", "La date du comité de suivi reste à vérifier.")
        self._avancer(clock, "figer")

    def second(self, clock: Clock) -> None:
        """Propose another rhythm of shared practices and visits, on which the operator has a reservation."""
        service.ouvrir(
            self.session,
            clock,
            self.siao,
            self.ligne.ref,
            objet="Échanges de pratiques et visites de structures",
            codes=["8.3", "5.1"],
        )
        self._ecrire(clock, "8.3", "", freq_pratiques_mois="3")
        self._ecrire(clock, "5.1", "", delai_referent_j="5")
        self._avancer(clock, "negocier")
        self._dire(clock, Partie.ETAT, "8.3", Position.ACCEPTEE)
        motif = "Quatre rencontres par an demandent de remplacer deux collègues : voyons deux."
        self._dire(clock, Partie.OPERATEUR, "8.3", Position.RESERVE, motif)
        negociation.commenter(
            self.session,
            clock,
            self.siao,
            self.ligne.ref,
            self.avenant.ref,
            "8.3",
            texte="Deux rencontres et une visite par an suffiraient-elles ?",
        )

    def revoir_les_files(self, clock: Clock) -> None:
        """Propose to review the files more often, which the operator accepts and the State has to examine."""
        service.ouvrir(
            self.session,
            clock,
            self.siao,
            self.ligne.ref,
            objet="Revue des files actives tous les deux mois",
            codes=["6.3"],
        )
        motif = "Les mesures tournent vite : une revue par trimestre vient trop tard."
        self._ecrire(clock, "6.3", motif, freq_revue_file_mois="2")
        self._avancer(clock, "negocier")
        self._dire(clock, Partie.OPERATEUR, "6.3", Position.ACCEPTEE)

    def ouvrir_une_structure(self, clock: Clock) -> None:
        """Open a structure that the convention does not cover yet: an avenant is called for."""
        open_structure(
            self.session,
            clock,
            self.voix[Partie.OPERATEUR],
            self.scene.organisations[self.cle],
            SaisieStructure(
                nom="Logements du Gué d’en haut",
                departement_code=DEPARTEMENT,
                commune_code="22070",
                telephone="02 61 91 47 12",
                ouverte_le=clock.today(),
            ),
            [LignePlaces("IML_SL", nombre=6)],
        )

    def signer(self, partie: Partie, clock: Clock) -> None:
        """Sign the last avenant, on line."""
        fige = figer.courant_de(self.session, self.avenant.id)
        assert fige is not None
        signature.signer(
            self.session,
            clock,
            self.voix[partie],
            self.ligne.ref,
            self.avenant.ref,
            fige.empreinte,
            qualite=QUALITES[partie],
        )

    def _ecrire(self, clock: Clock, code: str, motif: str, **valeurs: str) -> None:
        negociation.ecrire(
            self.session,
            clock,
            self.siao,
            self.ligne.ref,
            self.avenant.ref,
            code,
            self._version(code),
            valeurs=valeurs,
            motif=motif,
        )

    def _dire(self, clock: Clock, partie: Partie, code: str, position: Position, motif: str = "") -> None:
        negociation.prendre_position(
            self.session,
            clock,
            self.voix[partie],
            self.ligne.ref,
            self.avenant.ref,
            code,
            self._version(code),
            position=position,
            motif=motif,
        )

    def _version(self, code: str) -> int:
        return next(clause.version for clause in self.avenant.clauses if clause.code == code)

    def _avancer(self, clock: Clock, transition: str, motif: str = "") -> None:
        avenant, ref = self.avenant, self.ligne.ref
        service.avancer(
            self.session, clock, self.siao, ref, avenant.ref, avenant.version, transition, motif=motif
        )

    def _donner(self, parametre: Parametre, jour: date) -> str:
        """Return a value that the text waits for; it takes effect on the day of the agreement."""
        if parametre.type is TypeParametre.DATE:
            return (fin_par_defaut(jour) if parametre.code == "date_fin" else jour).isoformat()
        if parametre.type is TypeParametre.NOMBRE:
            return MESURES
        return self.valeurs.get(parametre.code, "selon l’usage du département")
