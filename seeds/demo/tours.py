"""Collective rounds of the demonstration: closed in 75, open in 92 with every answer, beginning in 22."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from portal.conventions.redaction.enums import Position
from portal.conventions.tours import queries, reponses, reunions, service, socle
from portal.conventions.tours.lu import Participant, TourLu
from portal.conventions.tours.models import Tour
from portal.conventions.tours.reponses import Vu
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge
from seeds.demo.scene import Scene

Ecart = tuple[str, dict[str, str], str]  # clause, values, reason


@dataclass(frozen=True)
class Reponses:
    """What one operator answers, and how many days after the opening."""

    cle: str
    apres: int
    adoptees: Sequence[str]
    etoiles: Sequence[str] = ()
    ecarts: Sequence[Ecart] = ()


@dataclass
class Recit:
    """The story of one round."""

    scene: Scene
    calendrier: Calendrier
    departement: str
    siao: Actor
    etat: Actor
    nature: str
    debut: int  # days before today
    operateurs: Sequence[str]
    intitule: str
    tour: Tour | None = field(default=None)

    @property
    def ref(self) -> str:
        """The round's reference, once it is open."""
        assert self.tour is not None
        return self.tour.ref

    def noter(self, apres: int, minutes: int, acte: Callable[[Clock], object]) -> None:
        """Note an act, some days after the opening."""
        jour = self.jour(apres)
        self.scene.prevoir(horloge(jour, 300 + minutes), acte)

    def jour(self, apres: int) -> date:
        """Return a day counted from the opening."""
        return self.calendrier.jour(f"J{apres - self.debut:+d}")

    def ouvrir(self, clock: Clock) -> None:
        """Open the round."""
        self.tour = service.ouvrir(
            self.scene.session,
            clock,
            self.siao,
            nature_code=self.nature,
            operateurs=[self.scene.organisations[cle].ref for cle in self.operateurs],
            intitule=self.intitule,
        )

    def convoquer(self, clock: Clock, apres: int, lieu: str, ordre: str) -> None:
        """Convene a meeting."""
        reunions.convoquer(
            self.scene.session,
            clock,
            self.siao,
            self.ref,
            le=self.jour(apres),
            heure="de 14 h à 16 h",
            lieu=lieu,
            ordre_du_jour=ordre,
        )

    def rendre_compte(self, clock: Clock, participants: str, notes: str) -> None:
        """Write the notes of the first meeting."""
        reunion = queries.tour(self.scene.session, self.siao, self.ref).reunions[0]
        reunions.modifier(
            self.scene.session,
            clock,
            self.siao,
            self.ref,
            reunion.ref,
            reunion.version,
            le=reunion.le,
            heure=reunion.heure,
            lieu=reunion.lieu,
            ordre_du_jour=reunion.ordre_du_jour,
            participants=participants,
            notes=notes,
        )

    def changer_le_socle(
        self, clock: Clock, actor: Actor, code: str, valeurs: Mapping[str, str], motif: str
    ) -> None:
        """Propose another base for a clause."""
        clause = queries.tour(self.scene.session, actor, self.ref).clause(code)
        socle.modifier(
            self.scene.session,
            clock,
            actor,
            self.ref,
            code,
            clause.version,
            valeurs=valeurs,
            motif=motif,
        )

    def adopter_le_socle(self, clock: Clock, actor: Actor, sauf: Sequence[str] = ()) -> None:
        """Have State or SIAO adopt the base."""
        lu = queries.tour(self.scene.session, actor, self.ref)
        choix = {clause.code: clause.version for clause in lu.clauses if clause.code not in sauf}
        socle.adopter(self.scene.session, clock, actor, self.ref, choix)

    def repondre(self, clock: Clock, dites: Reponses) -> None:
        """Give the answers of one operator."""
        actor = self.scene.un(dites.cle, Profil.OPERATEUR_DIRECTION)
        session = self.scene.session
        lu, sien = self._siennes(actor)
        connues = {clause.code for clause in lu.clauses}
        choix = {code: self._vu(lu, sien, code) for code in dites.adoptees if code in connues}
        if choix:
            reponses.adopter(session, clock, actor, self.ref, choix)
        for code in dites.etoiles:
            vu = {code: self._vu(lu, sien, code)}
            reponses.adopter(session, clock, actor, self.ref, vu, une_par_une=True)
        for code, valeurs, motif in dites.ecarts:
            vu_seul = self._vu(lu, sien, code)
            reponses.s_ecarter(session, clock, actor, self.ref, code, vu_seul, valeurs=valeurs, motif=motif)

    def statuer(self, clock: Clock, actor: Actor, cle: str, code: str, dite: Position, motif: str) -> None:
        """Have State or SIAO answer a departure."""
        lu = queries.tour(self.scene.session, actor, self.ref)
        operateur_id = self.scene.organisations[cle].id
        [participant] = [p for p in lu.participants if p.operateur_id == operateur_id]
        vue = lu.cellule(lu.clause(code), participant).version
        reponses.statuer(
            self.scene.session,
            clock,
            actor,
            self.ref,
            {(participant.ref, code): vue},
            position=dite,
            motif=motif,
        )

    def clore(self, clock: Clock) -> None:
        """Close the round."""
        assert self.tour is not None
        service.terminer(self.scene.session, clock, self.siao, self.ref, self.tour.version, "clore")

    def _siennes(self, actor: Actor) -> tuple[TourLu, Participant]:
        lu = queries.tour(self.scene.session, actor, self.ref)
        return lu, lu.participants[0]

    @staticmethod
    def _vu(lu: TourLu, sien: Participant, code: str) -> Vu:
        clause = lu.clause(code)
        return Vu(clause.version, lu.cellule(clause, sien).version)


def prevoir_tours(scene: Scene, calendrier: Calendrier) -> None:
    """Note what was done in each round."""
    _clos(scene, calendrier)
    _ouvert(scene, calendrier)
    _debute(scene, calendrier)


def _recit(
    scene: Scene,
    calendrier: Calendrier,
    departement: str,
    nature: str,
    debut: int,
    operateurs: Sequence[str],
    intitule: str,
) -> Recit:
    return Recit(
        scene,
        calendrier,
        departement,
        scene.un(f"siao-{departement}", Profil.SIAO_DIRECTION),
        scene.un(scene.etat(departement), Profil.ETAT_PILOTE),
        nature,
        debut,
        operateurs,
        intitule,
    )


def _clos(scene: Scene, calendrier: Calendrier) -> None:
    operateurs = ("hirondelles-du-nord", "kiosque-a-musique", "pont-aux-moineaux")
    recit = _recit(scene, calendrier, "75", "CHU", 45, operateurs, "Hébergement d’urgence, tour de Paris")
    noter = recit.noter
    noter(0, 0, recit.ouvrir)
    noter(0, 2, partial(recit.convoquer, apres=8, lieu="Préfecture", ordre="Présenter le socle."))
    noter(2, 0, partial(recit.adopter_le_socle, actor=recit.etat))
    notes = "Le socle est présenté clause par clause. Le délai d’évaluation flash est ramené à 48 heures."
    qui = "État, SIAO, trois opérateurs"
    noter(9, 0, partial(recit.rendre_compte, participants=qui, notes=notes))
    plus_court = {"delai_flash_h": "48"}
    motif = "Décidé en réunion : la mise à l’abri demande une évaluation plus rapide."
    noter(
        10, 0, partial(recit.changer_le_socle, actor=recit.siao, code="5.3", valeurs=plus_court, motif=motif)
    )
    noter(11, 0, partial(recit.adopter_le_socle, actor=recit.etat))
    pour_elle = Reponses(
        "hirondelles-du-nord",
        15,
        ("5.1", "6.2", "7.1", "7.2", "8.1", "8.3", "10.1"),
        ("5.3", "5.3-HEB", "7.3", "7.3-URG"),
        (("5.2", {"freq_eval_mois": "9"}, "Une équipe de deux travailleurs sociaux pour 120 places."),),
    )
    noter(15, 0, partial(recit.repondre, dites=pour_elle))
    accepter = partial(recit.statuer, cle="hirondelles-du-nord", code="5.2")
    noter(20, 0, partial(accepter, actor=recit.siao, dite=Position.ACCEPTEE, motif=""))
    reserve = "Neuf mois la première année, puis six."
    noter(21, 0, partial(accepter, actor=recit.etat, dite=Position.RESERVE, motif=reserve))
    noter(39, 0, recit.clore)


def _ouvert(scene: Scene, calendrier: Calendrier) -> None:
    operateurs = ("boucle-verte", "deux-rives", "grand-large", "moulin-neuf")
    recit = _recit(scene, calendrier, "92", "RS", 30, operateurs, "Résidences sociales, tour 2026")
    noter = recit.noter
    noter(0, 0, recit.ouvrir)
    noter(1, 0, partial(recit.convoquer, apres=7, lieu="Siège du SIAO", ordre="Lire le socle ensemble."))
    noter(1, 2, partial(recit.convoquer, apres=44, lieu="DRIHL 92", ordre="Examiner les écarts, puis clore."))
    noter(3, 0, partial(recit.adopter_le_socle, actor=recit.etat, sauf=("6.3", "7.3-RS", "8.3")))
    notes = "Lecture du socle. Demande d’un préavis plus long pour les logements adaptés."
    noter(8, 0, partial(recit.rendre_compte, participants="État, SIAO, quatre opérateurs", notes=notes))
    communes = ("5.1", "6.2", "7.1", "7.2", "8.1", "8.3", "10.1")
    deux_rives = Reponses(
        "deux-rives",
        12,
        communes[:5],
        ("6.3",),
        (
            (
                "5.2",
                {"freq_eval_mois": "12"},
                "Les résidents en place depuis un an sont revus une fois l’an.",
            ),
            ("7.3-RS", {"taux_contingent": "25"}, "Cinq logements sont déjà réservés par la commune."),
        ),
    )
    boucle = Reponses(
        "boucle-verte",
        14,
        communes,
        ("5.2", "6.3", "7.3", "7.3-RS"),
        (),
    )
    grand_large = Reponses(
        "grand-large",
        16,
        ("5.1", "7.1"),
        (),
        (
            ("6.3", {"freq_revue_file_mois": "6"}, "La file active compte moins de dix ménages."),
            ("7.3-RS", {"nb_candidats_max": "4"}, "La commission se réunit une fois par mois seulement."),
        ),
    )
    for dites in (deux_rives, boucle, grand_large):
        noter(dites.apres, 0, partial(recit.repondre, dites=dites))
    statuer = partial(recit.statuer, actor=recit.siao)
    noter(18, 0, partial(statuer, cle="deux-rives", code="5.2", dite=Position.ACCEPTEE, motif=""))
    refus = "Les quatre autres résidences tiennent à trente pour cent."
    noter(18, 4, partial(statuer, cle="deux-rives", code="7.3-RS", dite=Position.RESERVE, motif=refus))
    noter(
        19,
        0,
        partial(
            recit.statuer,
            actor=recit.etat,
            cle="deux-rives",
            code="5.2",
            dite=Position.ACCEPTEE,
            motif="",
        ),
    )
    noter(
        22,
        0,
        partial(
            recit.changer_le_socle,
            actor=recit.siao,
            code="7.2",
            valeurs={"delai_preavis_j": "10"},
            motif="Demandé en réunion : deux jours de plus pour préparer le logement.",
        ),
    )


def _debute(scene: Scene, calendrier: Calendrier) -> None:
    operateurs = ("criee-solidaire", "cias-baie-des-phares", "phare-emeraude")
    recit = _recit(scene, calendrier, "22", "ALT", 8, operateurs, "Logement temporaire, tour 2026")
    noter = recit.noter
    noter(0, 0, recit.ouvrir)
    ordre = "Lire le socle ensemble, puis dire ce qui ne convient pas."
    noter(0, 2, partial(recit.convoquer, apres=22, lieu="DDETS, salle des Ajoncs", ordre=ordre))
    noter(1, 0, partial(recit.adopter_le_socle, actor=recit.etat, sauf=("6.3", "7.3-ALT")))
    dites = Reponses(
        "phare-emeraude",
        4,
        ("5.1", "6.2"),
        (),
        (("6.3", {"freq_revue_file_mois": "6"}, "Dix-huit logements : une revue tous les six mois suffit."),),
    )
    noter(dites.apres, 0, partial(recit.repondre, dites=dites))
