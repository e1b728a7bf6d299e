"""Texts of the demonstration: three lines of a département whose clauses are being negotiated."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.redaction import ouverture, queries, service
from portal.conventions.redaction.enums import Position
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

DEPARTEMENT, SIAO = "22", "siao-22"
OUVERTURE_JOURS = 12
"""Days since the texts were opened."""


def prevoir_textes(scene: Scene, calendrier: Calendrier) -> None:
    """Note what the parties said: a text half agreed, one with a hard point, one still a project."""
    siao = scene.un(SIAO, Profil.SIAO_DIRECTION)
    etat = scene.un(scene.etat(DEPARTEMENT), Profil.ETAT_PILOTE)
    jour = ouvre(calendrier.aujourdhui - timedelta(days=OUVERTURE_JOURS))

    def noter(apres: int, acte: Callable[[Clock], None]) -> None:
        scene.prevoir(horloge(ouvre(jour + timedelta(days=apres)), 290 + apres), acte)

    noter(0, lambda clock: _ouvrir(scene, clock, siao))
    noter(2, lambda clock: _accepter(scene, clock, siao, part=1.0))
    noter(4, lambda clock: _accepter(scene, clock, etat, part=0.6))
    noter(6, lambda clock: _discuter(scene, clock, siao, etat))


def _lignes(scene: Scene, *statuts: Statut) -> list[Convention]:
    return list(
        scene.session.scalars(
            select(Convention)
            .join(Organisation, Organisation.id == Convention.siao_id)
            .where(
                Organisation.id == scene.organisations[SIAO].id,
                Convention.statut.in_(statuts),
            )
            .order_by(Convention.id)
        )
    )


def _ouvrir(scene: Scene, clock: Clock, siao: Actor) -> None:
    for ligne in _lignes(scene, Statut.EN_NEGOCIATION, Statut.PROJET):
        if ligne.natures:
            ouverture.ouvrir(scene.session, clock, siao, ligne.ref, ligne.version)


def _accepter(scene: Scene, clock: Clock, actor: Actor, part: float) -> None:
    """Have someone accept the first clauses of each text in negotiation, those that are complete."""
    for ligne in _lignes(scene, Statut.EN_NEGOCIATION):
        if not queries.a_un_texte(scene.session, ligne.id):
            continue
        completes = [
            lue
            for lue in queries.texte(scene.session, actor, ligne.ref).negociees
            if service.a_completer(lue.clause, lue.ecrit.valeurs) is None
        ]
        for lue in completes[: round(len(completes) * part)]:
            service.prendre_position(
                scene.session,
                clock,
                actor,
                ligne.ref,
                lue.code,
                lue.ecrit.version,
                position=Position.ACCEPTEE,
            )


def _discuter(scene: Scene, clock: Clock, siao: Actor, etat: Actor) -> None:
    """Have State and SIAO disagree on the review of files, and write on the updating of assessments."""
    session = scene.session
    for ligne in _lignes(scene, Statut.EN_NEGOCIATION)[:1]:
        lu = queries.texte(session, etat, ligne.ref)
        version = lu.clause("5.2").ecrit.version
        motif = "Quatre mois suivent mieux les parcours courts de ces places."
        service.modifier(
            session, clock, etat, ligne.ref, "5.2", version, valeurs={"freq_eval_mois": "4"}, motif=motif
        )
        texte = "L’opérateur peut-il tenir ce rythme pendant l’été ?"
        service.commenter(session, clock, siao, ligne.ref, "5.2", texte=texte)
        presente = next((lue for lue in lu.negociees if lue.code == "6.3"), None)
        if presente is not None:
            service.prendre_position(
                session,
                clock,
                etat,
                ligne.ref,
                "6.3",
                presente.ecrit.version,
                position=Position.RESERVE,
                motif="Une revue par trimestre demande deux équipes : voyons ce qui est tenable.",
            )
