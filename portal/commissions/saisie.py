"""What people type about a commission, checked field by field."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from portal.commissions.enums import (
    Autorisation,
    Dossiers,
    Portee,
    PresenceMenage,
    PresencePrescripteur,
    Quorum,
    RegleDecision,
    Releve,
    Rythme,
    VoixPar,
)
from portal.commissions.nomenclatures import Prereglage, decisions, prescriptions
from portal.organisations.saisie import Refusals
from portal.shared.text import sort_key

TEXTES: dict[str, int] = {
    "nom": 120,
    "fondement": 300,
    "territoire": 200,
    "lieu": 200,
    "visio": 300,
    "finalite": 4000,
}
NOMBRES: dict[str, tuple[int, int]] = {
    "rythme_nombre": (1, 24),
    "convocation_jours": (0, 60),
    "ordre_du_jour_jours": (0, 60),
    "urgence_heures": (1, 240),
    "rappel_jours": (0, 30),
    "complement_jours": (1, 120),
    "recours_jours": (1, 365),
    "duree_minutes": (15, 720),
}
CAPACITE = (1, 500)
CHOIX: dict[str, type[Any]] = {
    "rythme": Rythme,
    "regle": RegleDecision,
    "voix_par": VoixPar,
    "quorum": Quorum,
    "prescripteur": PresencePrescripteur,
    "menage": PresenceMenage,
    "dossiers": Dossiers,
    "portee": Portee,
    "autorisation": Autorisation,
    "releve": Releve,
}
PIECES, PIECE_LONGUEUR = 30, 120


@dataclass(frozen=True, kw_only=True)
class SaisieCommission:
    """A commission as typed: the parameters of domaine.md § 7.1. Units: see `models.Commission`."""

    nom: str
    rythme: Rythme
    rythme_nombre: int
    convocation_jours: int
    ordre_du_jour_jours: int
    urgence_heures: int
    rappel_jours: int
    complement_jours: int
    recours_jours: int
    duree_minutes: int
    regle: RegleDecision
    voix_par: VoixPar
    quorum: Quorum
    prescripteur: PresencePrescripteur
    menage: PresenceMenage
    dossiers: Dossiers
    portee: Portee
    autorisation: Autorisation
    releve: Releve
    finalite: str = ""
    fondement: str = ""
    territoire: str = ""
    capacite: int | None = None
    voix_preponderante: bool = False
    recours: bool = False
    avis_apres_le_sien: bool = False
    decisions: tuple[str, ...] = ()
    prescriptions: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    heure: time | None = None
    lieu: str = ""
    visio: str = ""


def du_prereglage(prereglage: Prereglage, **autres: Any) -> SaisieCommission:
    """Return what a preset says, as if it had been typed; `autres`: fields that differ."""
    values = dict(prereglage.valeurs) | autres
    for name, enum in CHOIX.items():
        values[name] = enum(values[name])
    for name in ("decisions", "prescriptions", "pieces"):
        values[name] = tuple(values[name])
    return SaisieCommission(**values)


def commission_values(typed: SaisieCommission) -> dict[str, Any]:
    """Return the columns of a commission from what was typed; raises DomainErrors with every refusal."""
    refusals = Refusals()
    values: dict[str, Any] = {name: getattr(typed, name) for name in CHOIX}
    for name, maximum in TEXTES.items():
        values[name] = texte(refusals, getattr(typed, name), name, maximum, lignes=name == "finalite")
    if not values["nom"]:
        refusals.add("obligatoire", "nom")
    for name, bornes in NOMBRES.items():
        values[name] = nombre(refusals, getattr(typed, name), name, bornes)
    if typed.capacite is not None:
        nombre(refusals, typed.capacite, "capacite", CAPACITE)
    if not visio_lisible(values["visio"]):
        refusals.add("commissions.visio", "visio")
    if typed.dossiers is Dossiers.NOMINATIFS and typed.autorisation is not Autorisation.PRESENTATION:
        refusals.add("commissions.accord", "autorisation")
    if typed.dossiers is not Dossiers.NOMINATIFS and typed.releve is not Releve.ANONYME:
        refusals.add("commissions.releve", "releve")
    _listes(refusals, typed)
    refusals.raise_any()
    return values | {
        "tri": sort_key(values["nom"])[:160],
        "capacite": typed.capacite,
        "voix_preponderante": typed.voix_preponderante,
        "recours": typed.recours,
        "avis_apres_le_sien": typed.avis_apres_le_sien,
        "decisions": _dans_l_ordre(typed.decisions, decisions()),
        "prescriptions": _dans_l_ordre(typed.prescriptions, prescriptions()),
        "pieces": [" ".join(one.split()) for one in typed.pieces if one.strip()],
        "heure": typed.heure,
    }


def _listes(refusals: Refusals, typed: SaisieCommission) -> None:
    if not typed.decisions:
        refusals.add("commissions.sans_decision", "decisions")
    if set(typed.decisions) - set(decisions()):
        refusals.add("commissions.decision", "decisions")
    if set(typed.prescriptions) - set(prescriptions()):
        refusals.add("commissions.prescription", "prescriptions")
    if len(typed.pieces) > PIECES or any(len(one.strip()) > PIECE_LONGUEUR for one in typed.pieces):
        refusals.add("commissions.trop_long", "pieces", maximum=PIECE_LONGUEUR)


def _dans_l_ordre(chosen: Iterable[str], known: Iterable[str]) -> list[str]:
    kept = set(chosen)
    return [code for code in known if code in kept]


def texte(refusals: Refusals, typed: str, field: str, maximum: int, *, lignes: bool = False) -> str:
    """Return a text without its useless blanks; refuse a longer one. `lignes`: its lines are kept."""
    cleaned = typed.replace("\r\n", "\n").strip() if lignes else " ".join(typed.split())
    if len(cleaned) > maximum:
        refusals.add("commissions.trop_long", field, maximum=maximum)
    return cleaned


def nombre(refusals: Refusals, value: int, field: str, bornes: tuple[int, int]) -> int:
    """Return a number; refuse one out of its bounds."""
    if not bornes[0] <= value <= bornes[1]:
        refusals.add("commissions.entre", field, minimum=bornes[0], maximum=bornes[1])
    return value


def visio_lisible(adresse: str) -> bool:
    """Tell whether an address is empty, or that of a page which is read over an encrypted connection."""
    if not adresse:
        return True
    try:
        parts = urlsplit(adresse)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and " " not in adresse
