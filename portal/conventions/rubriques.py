"""What « À faire » may ask of someone about a line: which lines, due when, in what words.

Each heading is a condition on the lines of a département, under its rules of the day. A line stands once when
two headings ask the same of it (`sauf`), under both when they ask two different things.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, not_, or_, true

from portal.conventions import expressions as ex
from portal.conventions.bilans import expressions as bilans
from portal.conventions.en_charge import en_charge_de
from portal.conventions.enums import Etat, Partie, Statut
from portal.conventions.filtres import MOI, Ensemble
from portal.conventions.models import Convention, ConventionSignature
from portal.conventions.parametres import ORDRES
from portal.conventions.policies import LECTEURS, partie_de
from portal.conventions.redaction import expressions as textes
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.messages import N_

Condition = ColumnElement[bool]

PROCHE_JOURS = 90
"""Days before its target date from which a line is to be started [P]."""


@dataclass(frozen=True)
class Contexte:
    """Who looks, and today and the rules of the lines' département."""

    actor: Actor
    jour: date
    delai: int
    ordre: tuple[Partie, ...] | None


@dataclass(frozen=True)
class Genre:
    """A kind of heading, before its lines are read: which lines, due when, for whom.

    `args`: query arguments of the list that shows them all; `page`: what of a line is opened.
    """

    code: str
    titre: str
    geste: str
    pour: Callable[[Actor], bool]
    lignes: Callable[[Contexte], Condition]
    echeance: Any
    args: dict[str, Any]
    depuis: bool = False
    page: str = ""
    clauses: Callable[[Actor], Any] = lambda actor: literal(0)
    sauf: tuple[str, ...] = ()  # headings before it that ask the same of a line: it stands there only


def _pilote(actor: Actor) -> bool:
    return actor.profil in ETAT | SIAO


def _etat(actor: Actor) -> bool:
    return actor.profil in ETAT


def _signataire(actor: Actor) -> bool:
    return partie_de(actor) is not None


def _siao(actor: Actor) -> bool:
    return actor.profil in SIAO


def _mes_clauses(contexte: Contexte) -> Condition:
    """Some clause of the text waits for my party (domaine.md § 5.3)."""
    partie = partie_de(contexte.actor)
    assert partie is not None
    return and_(Convention.statut == Statut.EN_NEGOCIATION, textes.a_des_attendues(partie))


def _nombre_de_clauses(actor: Actor) -> Any:
    partie = partie_de(actor)
    assert partie is not None
    return textes.nombre_attendues(partie)


def _signee_par(partie: Partie) -> Condition:
    return exists().where(
        ConventionSignature.convention_id == Convention.id, ConventionSignature.partie == partie
    )


def _ma_signature(contexte: Contexte) -> Condition:
    """My party has not signed, and those who sign before it have (domaine.md § 5.2, D20)."""
    partie = partie_de(contexte.actor)
    assert partie is not None
    figee = Convention.ordre_signatures
    ordres = [(figee == valeur, _precedees(partie, ordre)) for valeur, ordre in ORDRES.items()]
    return and_(
        Convention.statut == Statut.EN_SIGNATURE,
        not_(_signee_par(partie)),
        or_(*(and_(*cas) for cas in ordres), and_(figee.is_(None), _precedees(partie, contexte.ordre))),
    )


def _precedees(partie: Partie, ordre: tuple[Partie, ...] | None) -> Condition:
    """Those who sign before a party have."""
    avant = ordre[: ordre.index(partie)] if ordre else ()
    return and_(true(), *(_signee_par(autre) for autre in avant))


def _a_classer(contexte: Contexte) -> Condition:
    """The other of State and SIAO proposes to close it (domaine.md § 5.2)."""
    return ex.a_classer_par(partie_de(contexte.actor))


def _a_demarrer(contexte: Contexte) -> Condition:
    return and_(
        Convention.statut == Statut.A_ENGAGER,
        Convention.date_cible <= contexte.jour + timedelta(days=PROCHE_JOURS),
    )


def _les_miennes_en_retard(contexte: Contexte) -> Condition:
    return and_(_a_moi(contexte), ex.en_retard_propre(contexte.jour))


def _a_moi(contexte: Contexte) -> Condition:
    return en_charge_de(contexte.actor.personne_id, contexte.jour)


GENRES = (
    Genre(
        "ma_signature",
        N_("Votre signature est attendue"),
        N_("Signer, puis enregistrer la signature"),
        _signataire,
        _ma_signature,
        Convention.date_cible,
        {"etat": Etat.EN_SIGNATURE.value},
    ),
    Genre(
        "mes_clauses",
        N_("Clauses qui attendent votre position"),
        N_("Accepter, proposer autre chose, ou dire ce qui ne va pas"),
        _signataire,
        _mes_clauses,
        Convention.date_cible,
        {"etat": Etat.EN_NEGOCIATION.value, "tri": "echeance"},
        page="/texte?vue=moi",
        clauses=_nombre_de_clauses,
    ),
    Genre(
        "accord_a_constater",
        N_("Accords à constater"),
        N_("Les trois parties acceptent toutes les clauses : constater l’accord de principe"),
        _pilote,
        lambda contexte: and_(Convention.statut == Statut.EN_NEGOCIATION, textes.tout_accorde()),
        Convention.date_cible,
        {"etat": Etat.EN_NEGOCIATION.value, "tri": "echeance"},
        page="/texte",
    ),
    Genre(
        "a_arbitrer",
        N_("Négociations suspendues, à arbitrer"),
        N_("Reprendre la négociation, ou proposer de classer sans objet"),
        _etat,
        lambda contexte: Convention.statut == Statut.SUSPENDUE,
        Convention.date_cible,
        {"etat": Etat.SUSPENDUE.value},
    ),
    Genre(
        "a_classer",
        N_("Classements sans objet proposés, à confirmer"),
        N_("Confirmer, ou écarter la proposition"),
        _pilote,
        _a_classer,
        Convention.date_cible,
        {"a_classer": "1", "tri": "echeance"},
    ),
    Genre(
        "en_charge_en_retard",
        N_("Vos conventions en retard"),
        N_("Avancer, ou déplacer la date cible en disant pourquoi"),
        lambda actor: actor.profil in LECTEURS,
        _les_miennes_en_retard,
        Convention.date_cible,
        {"responsable": MOI, "ensemble": Ensemble.RETARD_PROPRE.value},
        sauf=("ma_signature", "mes_clauses", "accord_a_constater", "a_arbitrer"),
    ),
    Genre(
        "a_renouveler",
        N_("Conventions à renouveler"),
        N_("Ouvrir le renouvellement"),
        _pilote,
        lambda contexte: ex.a_renouveler(contexte.jour, contexte.delai),
        Convention.fin_effective,
        {"a_renouveler": "1", "tri": "fin"},
    ),
    Genre(
        "en_charge_a_renouveler",
        N_("Vos conventions à renouveler"),
        N_("Demander au SIAO d’ouvrir le renouvellement"),
        lambda actor: actor.profil in LECTEURS and not _pilote(actor),
        lambda contexte: and_(
            _a_moi(contexte),
            ex.a_renouveler(contexte.jour, contexte.delai),
        ),
        Convention.fin_effective,
        {"responsable": MOI, "a_renouveler": "1", "tri": "fin"},
    ),
    Genre(
        "bilans",
        N_("Bilans à établir"),
        N_("Dire ce que sont devenus les engagements et les difficultés, puis rendre le bilan"),
        lambda actor: can(actor, Permission.BILANS_REDIGER),
        lambda contexte: bilans.bilan_attendu(contexte.jour),
        bilans.echeance(),
        {"bilan": "1", "tri": "fin"},
        page="/bilans",
    ),
    Genre(
        "a_demarrer",
        N_("Lignes à engager"),
        N_("Ouvrir le projet"),
        _pilote,
        _a_demarrer,
        Convention.date_cible,
        {"etat": Etat.A_ENGAGER.value, "tri": "echeance"},
        sauf=("en_charge_en_retard",),
    ),
    Genre(
        "a_negocier",
        N_("Projets à mettre en négociation"),
        N_("Ouvrir la négociation"),
        _siao,
        lambda contexte: Convention.statut == Statut.PROJET,
        Convention.date_cible,
        {"etat": Etat.PROJET.value, "tri": "echeance"},
        sauf=("en_charge_en_retard",),
    ),
    Genre(
        "version_a_suivre",
        N_("Textes restés sur une version départementale antérieure"),
        N_("Lire ce qui change, puis accepter la différence"),
        _pilote,
        lambda contexte: textes.version_anterieure(),
        Convention.date_cible,
        {"version_anterieure": "1", "tri": "echeance"},
        page="/texte/version",
    ),
    Genre(
        "a_mettre_en_signature",
        N_("Accords à mettre en signature"),
        N_("Mettre en signature"),
        _siao,
        lambda contexte: Convention.statut == Statut.ACCORD_DE_PRINCIPE,
        Convention.date_cible,
        {"etat": Etat.ACCORD_DE_PRINCIPE.value, "tri": "echeance"},
        sauf=("en_charge_en_retard",),
    ),
    Genre(
        "signatures_attendues",
        N_("Signatures attendues d’une autre partie"),
        N_("Relancer, ou enregistrer la signature reçue"),
        _siao,
        lambda contexte: and_(Convention.statut == Statut.EN_SIGNATURE, not_(_ma_signature(contexte))),
        Convention.date_cible,
        {"etat": Etat.EN_SIGNATURE.value, "tri": "echeance"},
        sauf=("en_charge_en_retard",),
    ),
    Genre(
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
