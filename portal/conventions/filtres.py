"""What a list of lines may be narrowed to, kept in the URL, and its translation into conditions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, not_, or_, select
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.conventions import expressions, regles
from portal.conventions.bilans import expressions as bilans
from portal.conventions.en_charge import en_charge_de, sans_personne
from portal.conventions.enums import Etat, Mode
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.natures import portee_le
from portal.conventions.policies import partie_de
from portal.conventions.redaction.expressions import version_anterieure
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.dates import parse_date, plus_mois
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.search import matches, spelled

Condition = ColumnElement[bool]
Valeur = TypeVar("Valeur", bound=Enum)
TEXTE_MAXIMUM = 100
MOI, PERSONNE = "moi", "personne"
SANS_NATURE = "aucune"


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
    HORS_VIGUEUR = "hors_vigueur"
    DELAI_MESURE = "delai_mesure"
    AVEC_PLACES = "avec_places"


LIBELLES_ENSEMBLE: dict[Ensemble, str] = {
    Ensemble.PREVUES: N_("Conventions prévues"),
    Ensemble.SIGNEES: N_("Conventions signées"),
    Ensemble.NON_SIGNEES: N_("Conventions prévues, jamais signées"),
    Ensemble.ECHUES: N_("Finies sans suite"),
    Ensemble.RETARD_PROPRE: N_("En retard sur leur date cible"),
    Ensemble.RETARD_NATIONAL: N_("En retard sur l’échéance nationale"),
    Ensemble.FIN_12_MOIS: N_("Fin dans les 12 mois"),
    Ensemble.HORS_VIGUEUR: N_("Signées, hors vigueur"),
    Ensemble.DELAI_MESURE: N_("Délai de négociation connu"),
    Ensemble.AVEC_PLACES: N_("En vigueur, avec des places recensées"),
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
    `natures`: codes, or SANS_NATURE for the lines that name none.
    `du`, `au`: bounds of the next deadline, both included.
    `signee_au`: the pair was first signed on that day or before.
    `a_classer`: the reader's party has to answer a proposal to close the line. `bilan`: one is awaited.
    `version_anterieure`: its draft has not followed the département's last version.
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
    a_classer: bool = False
    bilan: bool = False
    version_anterieure: bool = False
    responsable: str = ""
    ensemble: Ensemble | None = None
    signee_au: date | None = None
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
            a_classer=un("a_classer") == "1",
            bilan=un("bilan") == "1",
            version_anterieure=un("version_anterieure") == "1",
            responsable=un("responsable"),
            ensemble=_membre(Ensemble, un("ensemble")),
            signee_au=_jour(un("signee_au")),
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
            "a_classer": "1" if self.a_classer else "",
            "bilan": "1" if self.bilan else "",
            "version_anterieure": "1" if self.version_anterieure else "",
            "responsable": self.responsable,
            "ensemble": self.ensemble.value if self.ensemble else "",
            "signee_au": self.signee_au.isoformat() if self.signee_au else "",
            "tri": "" if tri == Tri.OPERATEUR.value else tri,
        }
        return {nom: valeur for nom, valeur in valeurs.items() if valeur}

    @property
    def actifs(self) -> bool:
        """Tell whether anything narrows the list (the order does not)."""
        return replace(self, tri=Tri.OPERATEUR, descendant=False) != Filtres()


def conditions(
    session: Session,
    actor: Actor,
    filtres: Filtres,
    jour: date,
    delai_renouvellement: int,
    *,
    parcourues: bool = False,
) -> list[Condition]:
    """Return the conditions of a choice of lines on a day, without those of visibility.

    `parcourues`: for lines that are read in their order until there are enough.
    """
    trouvees = [
        *_sur_les_colonnes(actor, filtres, jour),
        *_sur_le_temps(filtres, jour, delai_renouvellement),
    ]
    if filtres.texte:
        table: Any = Convention.__table__
        trouvees.append(
            spelled(table, filtres.texte) if parcourues else matches(session, table, filtres.texte)
        )
    return trouvees


def _sur_les_colonnes(actor: Actor, filtres: Filtres, jour: date) -> list[Condition]:
    trouvees: list[Condition] = []
    if filtres.natures:
        trouvees.append(couvre(filtres.natures, jour))
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
    if filtres.a_classer:
        trouvees.append(expressions.a_classer_par(partie_de(actor)))
    if filtres.version_anterieure:
        trouvees.append(version_anterieure())
    if filtres.responsable:
        trouvees.append(_en_charge(actor, filtres.responsable, jour))
    return trouvees


def _sur_le_temps(filtres: Filtres, jour: date, delai: int) -> list[Condition]:
    trouvees: list[Condition] = []
    if filtres.etats:
        trouvees.append(expressions.un_des_etats(filtres.etats, jour))
    if filtres.en_retard:
        trouvees.append(expressions.en_retard(jour))
    if filtres.a_renouveler:
        trouvees.append(expressions.a_renouveler(jour, delai))
    if filtres.bilan:
        trouvees.append(bilans.bilan_attendu(jour))
    if filtres.echeance:
        trouvees.append(expressions.echeance_entre(*periode(filtres.echeance, jour)))
    if filtres.du or filtres.au:
        trouvees.append(expressions.echeance_entre(filtres.du, filtres.au))
    if filtres.signee_au:
        trouvees += [expressions.premiere_signee(), Convention.date_signature <= filtres.signee_au]
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
    Ensemble.HORS_VIGUEUR: expressions.hors_vigueur,
    Ensemble.DELAI_MESURE: lambda jour: expressions.negociation_mesuree(),
    Ensemble.AVEC_PLACES: expressions.avec_places,
}


def couvre(natures: Iterable[str], jour: date) -> Condition:
    """The line covers one of the natures on a day; SANS_NATURE: it names none."""

    def nommees(*parmi: Condition) -> Condition:
        return (
            select(ConventionNature.convention_id)
            .where(ConventionNature.convention_id == Convention.id, portee_le(jour), *parmi)
            .correlate(Convention)
            .exists()
        )

    codes = sorted(natures)
    parmi = nommees(ConventionNature.nature_code.in_(codes))
    return or_(parmi, not_(nommees())) if SANS_NATURE in codes else parmi


def periode(echeance: Echeance, jour: date) -> tuple[date, date]:
    """Return the first and last day of the period that holds a day (or begins on it, for 12 months)."""
    if echeance is Echeance.DOUZE_MOIS:
        return jour, jour + timedelta(days=regles.DELAI_RENOUVELLEMENT)
    longueur = 1 if echeance is Echeance.MOIS else 3
    debut = date(jour.year, (jour.month - 1) // longueur * longueur + 1, 1)
    return debut, plus_mois(debut, longueur) - timedelta(days=1)


def _en_charge(actor: Actor, qui: str, jour: date) -> Condition:
    if qui == PERSONNE:
        return sans_personne()
    if qui == MOI:
        return en_charge_de(actor.personne_id, jour)
    return en_charge_de(select(Personne.id).where(Personne.ref == qui).scalar_subquery(), jour)


def _organisation(ref: str) -> Any:
    return select(Organisation.id).where(Organisation.ref == ref).scalar_subquery()


def _membre(enum: type[Valeur], valeur: str) -> Valeur | None:
    return next((membre for membre in enum if membre.value == valeur), None)


def _jour(texte: str) -> date | None:
    try:
        return parse_date(texte)
    except DomainError:
        return None
