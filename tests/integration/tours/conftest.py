"""A round on CHU with two operators of département 22, and the people around its table."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.conventions.models import Convention
from portal.conventions.redaction import queries as textes
from portal.conventions.redaction.enums import Position
from portal.conventions.tours import queries, reponses, service, socle
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.lu import Cellule, TourLu
from portal.conventions.tours.models import Tour, TourClause, TourParticipant, TourReponse
from portal.conventions.tours.reponses import Vu
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.factories import INSTANT
from tests.textes import grand_modele, publier


@dataclass
class Table:
    """A round, who speaks for each party, and shortcuts. `armor`, `phare`: the two operators."""

    session: Session
    clock: FixedClock
    tour: Tour
    siao: Actor
    etat: Actor
    armor: Actor
    phare: Actor
    gestionnaire: Actor  # of Armor, reads only
    dehors: Actor  # the direction of an operator that is not at the table
    lignes: dict[str, Convention]

    @property
    def ref(self) -> str:
        return self.tour.ref

    def lire(self, actor: Actor | None = None) -> TourLu:
        return queries.tour(self.session, actor or self.siao, self.ref)

    def vu(self, actor: Actor, code: str) -> Vu:
        lu = self.lire(actor)
        [participant] = [p for p in lu.participants if p.operateur_id == actor.organisation_id]
        clause = lu.clause(code)
        return Vu(clause.version, lu.cellule(clause, participant).version)

    def cellule(self, actor: Actor, code: str, vue_par: Actor | None = None) -> Cellule:
        lu = self.lire(vue_par)
        [participant] = [p for p in lu.participants if p.operateur_id == actor.organisation_id]
        return lu.cellule(lu.clause(code), participant)

    def adopter(self, actor: Actor, *codes: str, seule: bool = False) -> int:
        choix = {code: self.vu(actor, code) for code in codes}
        return reponses.adopter(self.session, self.clock, actor, self.ref, choix, une_par_une=seule)

    def s_ecarter(self, actor: Actor, code: str, motif: str = "Effectifs", **valeurs: str) -> None:
        texte = valeurs.pop("texte", None)
        reponses.s_ecarter(
            self.session,
            self.clock,
            actor,
            self.ref,
            code,
            self.vu(actor, code),
            texte=texte,
            valeurs=valeurs,
            motif=motif,
        )

    def socle(self, actor: Actor, code: str, motif: str = "", **valeurs: str) -> None:
        texte = valeurs.pop("texte", None)
        version = self.lire().clause(code).version
        socle.modifier(
            self.session,
            self.clock,
            actor,
            self.ref,
            code,
            version,
            texte=texte,
            valeurs=valeurs,
            motif=motif,
        )

    def statuer(self, actor: Actor, de: Actor, code: str, position: Position, motif: str = "") -> int:
        lu = self.lire()
        [participant] = [p for p in lu.participants if p.operateur_id == de.organisation_id]
        vue = lu.cellule(lu.clause(code), participant).version
        return reponses.statuer(
            self.session,
            self.clock,
            actor,
            self.ref,
            {(participant.ref, code): vue},
            position=position,
            motif=motif,
        )

    def terminer(self, transition: str, motif: str = "", actor: Actor | None = None) -> None:
        self.session.refresh(self.tour)
        service.terminer(
            self.session,
            self.clock,
            actor or self.siao,
            self.ref,
            self.tour.version,
            transition,
            motif=motif,
        )
        self.session.expire_all()

    def texte(self, operateur: str) -> textes.Texte:
        return textes.texte(self.session, self.siao, self.lignes[operateur].ref)


@pytest.fixture
def table(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Table:
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    noms = {"armor": "Association d’Armor", "phare": "Le Phare Solidaire", "dehors": "La Voisine"}
    operateurs = {cle: factories.Organisation(nom=nom) for cle, nom in noms.items()}
    publier(session)
    lignes = {
        cle: factories.Convention(operateur=operateurs[cle], siao=siao, etat=etat, natures={"CHU": 12})
        for cle in ("armor", "phare")
    }
    pilote = actor_for(Profil.SIAO_DIRECTION, siao)
    tour = service.ouvrir(
        session,
        clock,
        pilote,
        nature_code="CHU",
        operateurs=[operateurs["armor"].ref, operateurs["phare"].ref],
        intitule="CHU des Côtes-d’Armor",
        cle="une-cle",
    )
    return Table(
        session,
        clock,
        tour,
        pilote,
        actor_for(Profil.ETAT_PILOTE, etat),
        actor_for(Profil.OPERATEUR_DIRECTION, operateurs["armor"]),
        actor_for(Profil.OPERATEUR_DIRECTION, operateurs["phare"]),
        actor_for(Profil.GESTIONNAIRE_STRUCTURE, operateurs["armor"]),
        actor_for(Profil.OPERATEUR_DIRECTION, operateurs["dehors"]),
        lignes,
    )


def grand_tour(
    session: Session,
    factories: SimpleNamespace,
    siao: Organisation,
    etat: Organisation,
    clauses: int,
    operateurs: int,
) -> Tour:
    """Make an open round of so many clauses and operators, a third of whose answers are departures."""
    code = siao.departement_code
    publiee = publier(session, code, numero=900 + clauses, general=grand_modele(clauses))
    tour = Tour(
        departement_code=code,
        siao_id=siao.id,
        etat_id=etat.id,
        nature_code="CHU",
        version_departementale_id=publiee.version.id,
        intitule="Grand tour",
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(tour)
    session.flush()
    lignes = [
        TourClause(
            tour_id=tour.id,
            code=f"8.{rang}",
            updated_at=INSTANT,
            position_siao=Position.PROPOSEE,
            siao_le=INSTANT,
        )
        for rang in range(1, clauses + 1)
    ]
    presents = [
        TourParticipant(
            tour_id=tour.id,
            operateur_id=factories.Organisation(
                nom=f"Association Fictive du Tour {rang}", departement_code=code
            ).id,
            ajoute_le=INSTANT,
            ajoute_par="Personne",
        )
        for rang in range(1, operateurs + 1)
    ]
    session.add_all([*lignes, *presents])
    session.flush()
    for i, ligne in enumerate(lignes):
        for j, present in enumerate(presents):
            ecart = (i + j) % 3 == 0
            session.add(
                TourReponse(
                    clause_id=ligne.id,
                    participant_id=present.id,
                    reponse=Reponse.ECART if ecart else Reponse.ADOPTEE,
                    texte=f"Autre texte de la clause {i}." if ecart else None,
                    valeurs={},
                    motif="Effectifs" if ecart else "",
                    le=INSTANT,
                    par="Personne",
                )
            )
    session.flush()
    return tour
