"""« À faire »: what waits for the actor among its lines, most pressing first, in one statement.

Each heading is a condition on visible lines, with the day each one is due. Rooms above add their own
headings to the page; those of this room are `taches`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, not_, select, union_all
from sqlalchemy.orm import Session

from portal.conventions import expressions as ex
from portal.conventions import parametres
from portal.conventions.enums import Etat, Partie, Statut
from portal.conventions.filtres import MOI, Ensemble
from portal.conventions.lignes import OPERATEUR as OP
from portal.conventions.lignes import SIAO as SI
from portal.conventions.models import Convention, ConventionSignature
from portal.conventions.policies import LECTEURS, partie_de
from portal.conventions.queries import portee
from portal.organisations.parametres import values
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.messages import N_

Condition = ColumnElement[bool]

MONTREES = 6
"""Lines shown under a heading; the rest is behind its link."""

PROCHE_JOURS = 90
"""Days before its target date from which a line is to be started [P]."""


@dataclass(frozen=True)
class Tache:
    """A line that waits. `echeance`: the day it is due; `retard`: days since, 0 when not late.

    Under a heading whose `depuis` is true, `echeance` is the day since which it waits.
    """

    ref: str
    operateur: str
    siao: str
    etat: Statut
    echeance: date
    retard: int


@dataclass
class Rubrique:
    """A heading: its lines, the first due first. `reste`: whether there are more than those shown.

    `args`: query arguments of the list of conventions that shows them all.
    """

    code: str
    titre: str
    geste: str  # what to do, in a few words
    args: dict[str, Any]
    depuis: bool = False
    taches: list[Tache] = field(default_factory=list)
    reste: bool = False


@dataclass(frozen=True)
class _Genre:
    """A kind of heading, before its lines are read: which lines, due when, for whom."""

    code: str
    titre: str
    geste: str
    pour: Callable[[Actor], bool]
    lignes: Callable[["_Contexte"], Condition]
    echeance: Any
    args: dict[str, Any]
    depuis: bool = False


@dataclass(frozen=True)
class _Contexte:
    actor: Actor
    jour: date
    delai: int
    ordre: tuple[Partie, ...] | None


def _pilote(actor: Actor) -> bool:
    return actor.profil in ETAT | SIAO


def _etat(actor: Actor) -> bool:
    return actor.profil in ETAT


def _signataire(actor: Actor) -> bool:
    return partie_de(actor) is not None


def _siao(actor: Actor) -> bool:
    return actor.profil in SIAO


def _signee_par(partie: Partie) -> Condition:
    return exists().where(
        ConventionSignature.convention_id == Convention.id, ConventionSignature.partie == partie
    )


def _ma_signature(contexte: _Contexte) -> Condition:
    """My party has not signed, and those who sign before it have (domaine.md § 5.2, D20)."""
    partie = partie_de(contexte.actor)
    assert partie is not None
    avant = contexte.ordre[: contexte.ordre.index(partie)] if contexte.ordre else ()
    return and_(
        Convention.statut == Statut.EN_SIGNATURE,
        not_(_signee_par(partie)),
        *(_signee_par(autre) for autre in avant),
    )


def _a_demarrer(contexte: _Contexte) -> Condition:
    return and_(
        Convention.statut == Statut.A_ENGAGER,
        Convention.date_cible <= contexte.jour + timedelta(days=PROCHE_JOURS),
    )


def _les_miennes_en_retard(contexte: _Contexte) -> Condition:
    return and_(Convention.responsable_id == contexte.actor.personne_id, ex.en_retard_propre(contexte.jour))


_GENRES = (
    _Genre(
        "ma_signature",
        N_("Votre signature est attendue"),
        N_("Signer, puis enregistrer la signature"),
        _signataire,
        _ma_signature,
        Convention.date_cible,
        {"etat": Etat.EN_SIGNATURE.value},
    ),
    _Genre(
        "a_arbitrer",
        N_("Négociations suspendues, à arbitrer"),
        N_("Reprendre la négociation, ou classer sans objet"),
        _etat,
        lambda contexte: Convention.statut == Statut.SUSPENDUE,
        Convention.date_cible,
        {"etat": Etat.SUSPENDUE.value},
    ),
    _Genre(
        "en_charge_en_retard",
        N_("Vos conventions en retard"),
        N_("Avancer, ou déplacer la date cible en disant pourquoi"),
        lambda actor: actor.profil in LECTEURS,
        _les_miennes_en_retard,
        Convention.date_cible,
        {"responsable": MOI, "ensemble": Ensemble.RETARD_PROPRE.value},
    ),
    _Genre(
        "a_renouveler",
        N_("Conventions à renouveler"),
        N_("Ouvrir le renouvellement"),
        _pilote,
        lambda contexte: ex.a_renouveler(contexte.jour, contexte.delai),
        Convention.fin_effective,
        {"a_renouveler": "1", "tri": "fin"},
    ),
    _Genre(
        "en_charge_a_renouveler",
        N_("Vos conventions à renouveler"),
        N_("Demander au SIAO d’ouvrir le renouvellement"),
        lambda actor: actor.profil in LECTEURS and not _pilote(actor),
        lambda contexte: and_(
            Convention.responsable_id == contexte.actor.personne_id,
            ex.a_renouveler(contexte.jour, contexte.delai),
        ),
        Convention.fin_effective,
        {"responsable": MOI, "a_renouveler": "1", "tri": "fin"},
    ),
    _Genre(
        "a_demarrer",
        N_("Lignes à engager"),
        N_("Ouvrir le projet"),
        _pilote,
        _a_demarrer,
        Convention.date_cible,
        {"etat": Etat.A_ENGAGER.value, "tri": "echeance"},
    ),
    _Genre(
        "a_negocier",
        N_("Projets à mettre en négociation"),
        N_("Ouvrir la négociation"),
        _siao,
        lambda contexte: Convention.statut == Statut.PROJET,
        Convention.date_cible,
        {"etat": Etat.PROJET.value, "tri": "echeance"},
    ),
    _Genre(
        "a_mettre_en_signature",
        N_("Accords à mettre en signature"),
        N_("Mettre en signature"),
        _siao,
        lambda contexte: Convention.statut == Statut.ACCORD_DE_PRINCIPE,
        Convention.date_cible,
        {"etat": Etat.ACCORD_DE_PRINCIPE.value, "tri": "echeance"},
    ),
    _Genre(
        "signatures_attendues",
        N_("Signatures attendues d’une autre partie"),
        N_("Relancer, ou enregistrer la signature reçue"),
        _siao,
        lambda contexte: and_(Convention.statut == Statut.EN_SIGNATURE, not_(_ma_signature(contexte))),
        Convention.date_cible,
        {"etat": Etat.EN_SIGNATURE.value, "tri": "echeance"},
    ),
    _Genre(
        "a_recopier",
        N_("À recopier dans le SI SIAO"),
        N_("Recopier, puis cocher"),
        _siao,
        lambda contexte: ex.a_recopier(),
        Convention.date_signature,
        {"a_recopier": "1"},
        depuis=True,
    ),
)


def taches(session: Session, clock: Clock, actor: Actor) -> list[Rubrique]:
    """Return the headings that hold something for the actor, in the order of what presses. Two statements."""
    genres = [genre for genre in _GENRES if genre.pour(actor)]
    if not genres or not can(actor, Permission.CONVENTIONS_LIRE):
        return []
    jour = clock.today(actor.fuseau)
    regle = values(
        session, actor.departement_code, parametres.DELAI_RENOUVELLEMENT, parametres.ORDRE_SIGNATURES
    )
    contexte = _Contexte(
        actor,
        jour,
        regle[parametres.DELAI_RENOUVELLEMENT.key],
        parametres.ordre_des_parties(regle[parametres.ORDRE_SIGNATURES.key]),
    )
    rubriques = {genre.code: Rubrique(genre.code, genre.titre, genre.geste, genre.args) for genre in genres}
    for row in session.execute(_union(genres, contexte)):
        rubrique = rubriques[row.genre]
        if len(rubrique.taches) == MONTREES:
            rubrique.reste = True
            continue
        rubrique.taches.append(
            Tache(
                row.ref,
                row.operateur,
                row.siao,
                row.statut,
                row.echeance,
                0 if rubrique.depuis else max(0, (jour - row.echeance).days),
            )
        )
    return [rubrique for rubrique in rubriques.values() if rubrique.taches]


def _union(genres: Iterable[_Genre], contexte: _Contexte) -> Any:
    """Return the lines of every heading in one statement, bounded, the first due first."""
    parts = []
    for genre in genres:
        choisies = (
            select(
                literal(genre.code).label("genre"),
                Convention.id.label("id"),
                genre.echeance.label("echeance"),
            )
            .where(portee(contexte.actor), genre.lignes(contexte))
            .order_by(genre.echeance, Convention.id)
            .limit(MONTREES + 1)
            .subquery()
        )
        parts.append(select(choisies))
    toutes = union_all(*parts).subquery()
    return (
        select(
            toutes.c.genre,
            toutes.c.echeance,
            Convention.ref,
            Convention.statut,
            OP.nom.label("operateur"),
            SI.nom.label("siao"),
        )
        .select_from(toutes)
        .join(Convention, Convention.id == toutes.c.id)
        .join(OP, OP.id == Convention.operateur_id)
        .join(SI, SI.id == Convention.siao_id)
        .order_by(toutes.c.echeance, Convention.id)
    )
