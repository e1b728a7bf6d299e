"""What a list of lines may be narrowed to, kept in the URL, and its translation into conditions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.conventions import expressions, regles
from portal.conventions.enums import Etat, Mode
from portal.conventions.models import Convention, ConventionNature
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.search import matches

Condition = ColumnElement[bool]
Valeur = TypeVar("Valeur", bound=Enum)
TEXTE_MAXIMUM = 100
MOI, PERSONNE = "moi", "personne"


class Echeance(Enum):
    """A period in which the line's next deadline falls: its target date, or its end once signed."""

    MOIS = "mois"
    TRIMESTRE = "trimestre"
    DOUZE_MOIS = "12_mois"


LIBELLES_ECHEANCE: dict[Echeance, str] = {
    Echeance.MOIS: N_("Ce mois-ci"),
    Echeance.TRIMESTRE: N_("Ce trimestre"),
    Echeance.DOUZE_MOIS: N_("Dans les 12 mois"),
}


class Ensemble(Enum):
    """The lines behind a figure of « Progression », each pair once."""

    PREVUES = "prevues"
    SIGNEES = "signees"
    NON_SIGNEES = "non_signees"
    ECHUES = "echues_sans_successeur"
    RETARD_PROPRE = "retard_propre"
    RETARD_NATIONAL = "retard_national"
    FIN_12_MOIS = "fin_12_mois"


LIBELLES_ENSEMBLE: dict[Ensemble, str] = {
    Ensemble.PREVUES: N_("Conventions prévues"),
    Ensemble.SIGNEES: N_("Conventions signées"),
    Ensemble.NON_SIGNEES: N_("Conventions prévues, jamais signées"),
    Ensemble.ECHUES: N_("Finies sans suite"),
    Ensemble.RETARD_PROPRE: N_("En retard sur leur date cible"),
    Ensemble.RETARD_NATIONAL: N_("En retard sur l’échéance nationale"),
    Ensemble.FIN_12_MOIS: N_("Fin dans les 12 mois"),
}


class Tri(Enum):
    """Order of a list."""

    OPERATEUR = "operateur"
    ECHEANCE = "echeance"
    FIN = "fin"
    MISE_A_JOUR = "maj"

    def cles(self) -> tuple[Any, ...]:
        """Return the sort keys: never null, the last one unique."""
        premiere = {
            Tri.OPERATEUR: Convention.operateur_tri,
            Tri.ECHEANCE: Convention.date_cible,
            Tri.FIN: Convention.fin_tri,
            Tri.MISE_A_JOUR: Convention.updated_at,
        }[self]
        return premiere, Convention.id


@dataclass(frozen=True)
class Filtres:
    """A choice of lines. Everything empty: all those the actor may see.

    `siao`, `operateur`, `responsable`: public references; `responsable` may also be « moi » or « personne ».
    `du`, `au`: bounds of the next deadline, both included.
    """

    texte: str = ""
    etats: frozenset[Etat] = frozenset()
    natures: frozenset[str] = frozenset()
    siao: str = ""
    operateur: str = ""
    departement: str = ""
    mode: Mode | None = None
    echeance: Echeance | None = None
    du: date | None = None
    au: date | None = None
    en_retard: bool = False
    a_renouveler: bool = False
    a_recopier: bool = False
    responsable: str = ""
    ensemble: Ensemble | None = None
    tri: Tri = Tri.OPERATEUR
    descendant: bool = False

    @classmethod
    def lire(cls, args: Mapping[str, Iterable[str]]) -> "Filtres":
        """Read the query string ({name: values}); what is not understood is left out."""

        def un(nom: str) -> str:
            return next(iter(args.get(nom, ())), "").strip()[:TEXTE_MAXIMUM]

        tri = un("tri")
        return cls(
            texte=un("q"),
            etats=frozenset(filter(None, (_membre(Etat, v) for v in args.get("etat", ())))),
            natures=frozenset(v[:20] for v in args.get("nature", ()) if v),
            siao=un("siao"),
            operateur=un("operateur"),
            departement=un("departement"),
            mode=_membre(Mode, un("mode")),
            echeance=_membre(Echeance, un("echeance")),
            du=_jour(un("du")),
            au=_jour(un("au")),
            en_retard=un("retard") == "1",
            a_renouveler=un("a_renouveler") == "1",
            a_recopier=un("a_recopier") == "1",
            responsable=un("responsable"),
            ensemble=_membre(Ensemble, un("ensemble")),
            tri=_membre(Tri, tri.removeprefix("-")) or Tri.OPERATEUR,
            descendant=tri.startswith("-"),
        )

    def args(self) -> dict[str, Any]:
        """Return the query arguments that mean this choice, the empty ones left out."""
        tri = f"-{self.tri.value}" if self.descendant else self.tri.value
        valeurs: dict[str, Any] = {
            "q": self.texte,
            "etat": sorted(e.value for e in self.etats),
            "nature": sorted(self.natures),
            "siao": self.siao,
            "operateur": self.operateur,
            "departement": self.departement,
            "mode": self.mode.value if self.mode else "",
            "echeance": self.echeance.value if self.echeance else "",
            "du": self.du.isoformat() if self.du else "",
            "au": self.au.isoformat() if self.au else "",
            "retard": "1" if self.en_retard else "",
            "a_renouveler": "1" if self.a_renouveler else "",
            "a_recopier": "1" if self.a_recopier else "",
            "responsable": self.responsable,
            "ensemble": self.ensemble.value if self.ensemble else "",
            "tri": "" if tri == Tri.OPERATEUR.value else tri,
        }
        return {nom: valeur for nom, valeur in valeurs.items() if valeur}

    @property
    def actifs(self) -> bool:
        """Tell whether anything narrows the list (the order does not)."""
        return replace(self, tri=Tri.OPERATEUR, descendant=False) != Filtres()


def conditions(
    session: Session, actor: Actor, filtres: Filtres, jour: date, delai_renouvellement: int
) -> list[Condition]:
    """Return the conditions of a choice of lines on a day, without those of visibility."""
    return [
        *_sur_les_colonnes(actor, filtres),
        *_sur_le_temps(filtres, jour, delai_renouvellement),
        *([matches(session, Convention.__table__, filtres.texte)] if filtres.texte else []),  # type: ignore[arg-type] # a Table
    ]


def _sur_les_colonnes(actor: Actor, filtres: Filtres) -> list[Condition]:
    trouvees: list[Condition] = []
    if filtres.natures:
        trouvees.append(couvre(filtres.natures))
    if filtres.siao:
        trouvees.append(Convention.siao_id == _organisation(filtres.siao))
    if filtres.operateur:
        trouvees.append(Convention.operateur_id == _organisation(filtres.operateur))
    if filtres.departement:
        trouvees.append(Convention.departement_code == filtres.departement)
    if filtres.mode:
        trouvees.append(Convention.mode == filtres.mode)
    if filtres.a_recopier:
        trouvees.append(expressions.a_recopier())
    if filtres.responsable:
        trouvees.append(_en_charge(actor, filtres.responsable))
    return trouvees


def _sur_le_temps(filtres: Filtres, jour: date, delai: int) -> list[Condition]:
    trouvees: list[Condition] = []
    if filtres.etats:
        trouvees.append(expressions.un_des_etats(filtres.etats, jour))
    if filtres.en_retard:
        trouvees.append(expressions.en_retard(jour))
    if filtres.a_renouveler:
        trouvees.append(expressions.a_renouveler(jour, delai))
    if filtres.echeance:
        trouvees.append(expressions.echeance_entre(*periode(filtres.echeance, jour)))
    if filtres.du or filtres.au:
        trouvees.append(expressions.echeance_entre(filtres.du, filtres.au))
    if filtres.ensemble:
        trouvees.append(_ENSEMBLES[filtres.ensemble](jour))
    return trouvees


_ENSEMBLES = {
    Ensemble.PREVUES: lambda jour: expressions.prevue(),
    Ensemble.SIGNEES: lambda jour: expressions.derniere_signee(),
    Ensemble.NON_SIGNEES: lambda jour: expressions.premiere_ouverte(),
    Ensemble.ECHUES: expressions.echue_sans_successeur,
    Ensemble.RETARD_PROPRE: expressions.en_retard_propre,
    Ensemble.RETARD_NATIONAL: expressions.en_retard_national,
    Ensemble.FIN_12_MOIS: expressions.fin_proche,
}


def couvre(natures: Iterable[str]) -> Condition:
    """The line covers one of the natures."""
    return (
        select(ConventionNature.convention_id)
        .where(
            ConventionNature.convention_id == Convention.id, ConventionNature.nature_code.in_(sorted(natures))
        )
        .correlate(Convention)
        .exists()
    )


def periode(echeance: Echeance, jour: date) -> tuple[date, date]:
    """Return the first and last day of the period that holds a day (or begins on it, for 12 months)."""
    if echeance is Echeance.DOUZE_MOIS:
        return jour, jour + timedelta(days=regles.DELAI_RENOUVELLEMENT)
    longueur = 1 if echeance is Echeance.MOIS else 3
    debut = date(jour.year, (jour.month - 1) // longueur * longueur + 1, 1)
    return debut, regles.plus_mois(debut, longueur) - timedelta(days=1)


def _en_charge(actor: Actor, qui: str) -> Condition:
    if qui == PERSONNE:
        return Convention.responsable_id.is_(None)
    if qui == MOI:
        return Convention.responsable_id == actor.personne_id
    return Convention.responsable_id == select(Personne.id).where(Personne.ref == qui).scalar_subquery()


def _organisation(ref: str) -> Any:
    return select(Organisation.id).where(Organisation.ref == ref).scalar_subquery()


def _membre(enum: type[Valeur], valeur: str) -> Valeur | None:
    return next((membre for membre in enum if membre.value == valeur), None)


def _jour(texte: str) -> date | None:
    try:
        return parse_date(texte)
    except DomainError:
        return None
