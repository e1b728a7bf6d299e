"""The computed values of a grid (domaine.md § 6.4, table 2 of S2, S1). Pure; they inform and never decide.

Amounts are in cents a month, UC in hundredths, rates per thousand, surfaces in square metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from portal.shared.messages import N_


class EchelleUC(Enum):
    """How persons make consumption units. None is written in the sources: each département chooses (D10)."""

    OCDE = "ocde"
    OXFORD = "oxford"
    PERSONNE = "personne"


LIBELLES_ECHELLE: dict[EchelleUC, str] = {
    EchelleUC.OCDE: N_("OCDE modifiée : 1 ; 0,5 dès 14 ans ; 0,3 avant"),
    EchelleUC.OXFORD: N_("Oxford : 1 ; 0,7 dès 14 ans ; 0,5 avant"),
    EchelleUC.PERSONNE: N_("Une unité par personne"),
}

_POIDS = {EchelleUC.OCDE: (50, 30), EchelleUC.OXFORD: (70, 50), EchelleUC.PERSONNE: (100, 100)}
"""Hundredths for each person after the first, by scale: from 14 years, before 14 years."""


class Unite(Enum):
    """What a computed value counts."""

    CENTS_PAR_UC = "cents_par_uc"
    POUR_MILLE = "pour_mille"


class Mention(Enum):
    """What a département wants looked at; never a refusal, never a colour."""

    CAS_PAR_CAS = "cas_par_cas"
    VIGILANCE = "vigilance"
    REPERE_EFFORT = "repere_effort"


LIBELLES_MENTION: dict[Mention, str] = {
    Mention.CAS_PAR_CAS: N_("À examiner au cas par cas : ce n’est pas un motif de refus."),
    Mention.VIGILANCE: N_("À regarder de près : ce n’est pas un motif de refus."),
    Mention.REPERE_EFFORT: N_("Au-dessus du repère du département : ce n’est pas un motif de refus."),
}


class Charge(Enum):
    """The other charges that a département may keep."""

    ENERGIE = "energie"
    ASSURANCE = "assurance"
    MENSUALITES = "mensualites"
    PENSIONS = "pensions"
    GARDE = "garde"
    TRANSPORT = "transport"


LIBELLES_CHARGE: dict[Charge, str] = {
    Charge.ENERGIE: N_("énergie et eau"),
    Charge.ASSURANCE: N_("assurance du logement"),
    Charge.MENSUALITES: N_("mensualités de dettes"),
    Charge.PENSIONS: N_("pensions versées"),
    Charge.GARDE: N_("garde d’enfants"),
    Charge.TRANSPORT: N_("transport"),
}


class Logement(Enum):
    """Which housing charges, aids deducted, the « reste à vivre » takes."""

    SUPPORTABLES = "supportables"  # what the household says that it can bear
    HYPOTHESE = "hypothese"  # rent and charges less aids, of the hypothesis of the « taux d'effort »


LIBELLES_LOGEMENT: dict[Logement, str] = {
    Logement.SUPPORTABLES: N_("celles que le ménage peut supporter"),
    Logement.HYPOTHESE: N_("celles de l’hypothèse de loyer"),
}


@dataclass(frozen=True, slots=True)
class Parametres:
    """What a département chose. Thresholds in whole euros per UC, effort in per cent; 0: none."""

    echelle: EchelleUC | None = None
    logement: Logement = Logement.SUPPORTABLES
    charges: tuple[Charge, ...] = ()
    seuil_bas: int = 270
    seuil_haut: int = 300
    seuil_effort: int = 0
    surfaces: tuple[int, ...] = (18, 24)


@dataclass(frozen=True, slots=True)
class Donnees:
    """What the grid says; None for « non renseigné ». `grands`: children of 14 years and more."""

    ressources: int | None = None
    supportables: int | None = None
    loyer: int | None = None
    charges: int | None = None
    aides: int | None = None
    autres: int | None = None
    adultes: int | None = None
    enfants: int | None = None
    grands: int | None = None
    surface: Decimal | None = None


MANQUES = {
    "echelle": N_("l’échelle d’unités de consommation, que le département n’a pas encore choisie"),
    "ressources": N_("le total des ressources"),
    "supportables": N_("les charges de logement que le ménage peut supporter"),
    "loyer": N_("l’hypothèse de loyer"),
    "adultes": N_("le nombre d’adultes"),
}

FORMULE_RAV = N_(
    "(ressources − charges de logement, aides déduites − autres charges retenues) ÷ unités de consommation"
)
FORMULE_SANS_AUTRES = N_("(ressources − charges de logement, aides déduites) ÷ unités de consommation")
FORMULE_EFFORT = N_("(loyer + charges − aides) ÷ ressources")

RESSOURCES = N_("Ressources")
LOGEMENT = N_("Charges de logement, aides déduites")
AUTRES = N_("Autres charges retenues")
UNITES = N_("Unités de consommation")
AUTRES_RETENUES = N_("Autres charges retenues dans le département")
REPERE = N_("Repère indicatif, par UC et par mois")


@dataclass(frozen=True, slots=True)
class Resultat:
    """A computed value, with what explains it. `valeur`: None when something is missing (`manque`).

    `termes`: the amounts that it was computed from, in cents. `parametres`: what the département chose, and
    the hypotheses, as words. Labels and words are texts of the catalogue.
    """

    unite: Unite
    formule: str
    le: date
    valeur: int | None
    termes: tuple[tuple[str, int], ...]
    parametres: tuple[tuple[str, str], ...]
    mention: Mention | None = None
    manque: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the value as a frozen grid keeps it."""
        return {
            "valeur": self.valeur,
            "unite": self.unite.value,
            "formule": self.formule,
            "le": self.le.isoformat(),
            "parametres": dict(self.parametres),
            "termes": dict(self.termes),
            "mention": self.mention.value if self.mention else None,
            "manque": list(self.manque),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Resultat":
        """Return what a frozen grid kept. Raises KeyError, ValueError."""
        return cls(
            unite=Unite(data["unite"]),
            formule=data["formule"],
            le=date.fromisoformat(data["le"]),
            valeur=data["valeur"],
            termes=tuple(data.get("termes", {}).items()),
            parametres=tuple(data["parametres"].items()),
            mention=Mention(data["mention"]) if data.get("mention") else None,
            manque=tuple(data.get("manque", ())),
        )


def unites(echelle: EchelleUC, adultes: int, enfants: int = 0, grands: int = 0) -> int:
    """Return the consumption units of a household, in hundredths; 0 without an adult.

    `grands`: how many of the children are 14 years old or more; ages are not asked, the others count as less.
    """
    if adultes <= 0:
        return 0
    apres14, avant14 = _POIDS[echelle]
    grands = min(grands, enfants)
    return 100 + (adultes - 1 + grands) * apres14 + (enfants - grands) * avant14


def reste_a_vivre(donnees: Donnees, parametres: Parametres, le: date) -> Resultat:
    """Return what is left to live on, in cents a month per UC (S1: 270 to 300 € as a mere indication)."""
    hypothese = parametres.logement is Logement.HYPOTHESE
    logement = _net(donnees) if hypothese else donnees.supportables
    uc = (
        unites(parametres.echelle, donnees.adultes, donnees.enfants or 0, donnees.grands or 0)
        if parametres.echelle is not None and donnees.adultes
        else 0
    )
    manque = [
        nom
        for nom, absent in (
            ("echelle", parametres.echelle is None),
            ("ressources", donnees.ressources is None),
            ("loyer" if hypothese else "supportables", logement is None),
            ("adultes", not donnees.adultes),
        )
        if absent
    ]
    autres = (donnees.autres or 0) if parametres.charges else 0
    valeur = None
    if not manque and donnees.ressources is not None and logement is not None:
        valeur = _arrondi(Decimal((donnees.ressources - logement - autres) * 100) / uc)
    termes = [
        (nom, montant)
        for nom, montant in (
            (RESSOURCES, donnees.ressources),
            (LOGEMENT, logement),
            (AUTRES, autres if parametres.charges else None),
        )
        if montant is not None
    ]
    return Resultat(
        Unite.CENTS_PAR_UC,
        FORMULE_RAV,
        le,
        valeur,
        tuple(termes),
        tuple(_parametres_rav(parametres, uc)),
        _mention_rav(valeur, parametres),
        tuple(manque),
    )


def sans_autres_charges(resultat: Resultat) -> Resultat:
    """Return a « reste à vivre » as it may leave: without the other charges that the département keeps, since
    debts and pensions could be told from the difference; nor its mark, which is for the whole. Any other
    computed value as it is. Raises KeyError, ArithmeticError for what no calculation made.
    """
    termes, parametres = dict(resultat.termes), dict(resultat.parametres)
    if AUTRES not in termes or resultat.valeur is None:
        return resultat
    uc = Decimal(parametres[UNITES].replace(",", "."))
    gardes = tuple(one for one in resultat.parametres if one[0] not in (AUTRES_RETENUES, REPERE))
    valeur = _arrondi((termes[RESSOURCES] - termes[LOGEMENT]) / uc)
    return replace(resultat, formule=FORMULE_SANS_AUTRES, valeur=valeur, parametres=gardes, mention=None)


def taux_effort(donnees: Donnees, parametres: Parametres, le: date) -> Resultat:
    """Return the share of the resources that housing takes, per thousand, on a hypothesis of rent."""
    net = _net(donnees)
    manque = [
        nom
        for nom, absent in (("ressources", not donnees.ressources), ("loyer", net is None))
        if absent  # nothing divides by resources of 0
    ]
    valeur = None
    if donnees.ressources and net is not None:
        valeur = _arrondi(Decimal(net * 1000) / donnees.ressources)
    seuil = parametres.seuil_effort
    depasse = bool(seuil) and valeur is not None and valeur > seuil * 10
    return Resultat(
        Unite.POUR_MILLE,
        FORMULE_EFFORT,
        le,
        valeur,
        ((RESSOURCES, donnees.ressources),) if donnees.ressources is not None else (),
        tuple(_parametres_effort(donnees, seuil)),
        Mention.REPERE_EFFORT if depasse else None,
        tuple(manque),
    )


def places(surface: Decimal) -> int:
    """Return how many places a living surface counts for (S2, table 2, décret 2010-255).

    Exactly 100 m² is not written there: 9 (D15). Never to be confused with `surface_minimale`.
    """
    if surface < 9:
        return 0
    if surface < 12:
        return 1
    if surface <= 100:
        return min(2 + int((surface - 12) // 11), 9)
    return 9 + int(((surface - 100) / 10).to_integral_value(ROUND_CEILING))


def surface_minimale(personnes: int, bareme: Sequence[int] = (18, 24)) -> int | None:
    """Return the least surface for a household (S1), None where no source gives it.

    `bareme`: from two persons on; S1 writes « 18 m², 24 m², etc. », the rest is the département's.
    """
    rang = personnes - 2
    return bareme[rang] if 0 <= rang < len(bareme) else None


def euros(cents: int) -> str:
    """Return an amount in French words and figures, as « 1 234,50 € »."""
    entier, reste = divmod(abs(cents), 100)
    groupe = f"{entier:,}".replace(",", "\u202f")
    return f"{'−' if cents < 0 else ''}{groupe}{f',{reste:02d}' if reste else ''}\u00a0€"


def _net(donnees: Donnees) -> int | None:
    if donnees.loyer is None:
        return None
    return donnees.loyer + (donnees.charges or 0) - (donnees.aides or 0)


def _arrondi(nombre: Decimal) -> int:
    return int(nombre.to_integral_value(ROUND_HALF_UP))


def _mention_rav(valeur: int | None, parametres: Parametres) -> Mention | None:
    if valeur is None or valeur > parametres.seuil_haut * 100:
        return None
    return Mention.CAS_PAR_CAS if valeur < parametres.seuil_bas * 100 else Mention.VIGILANCE


def _parametres_rav(parametres: Parametres, uc: int) -> list[tuple[str, str]]:
    found = []
    if parametres.echelle is not None:
        found.append((N_("Échelle d’unités de consommation"), LIBELLES_ECHELLE[parametres.echelle]))
    if uc:
        found.append((UNITES, f"{uc // 100},{uc % 100:02d}".rstrip("0").rstrip(",")))
    found.append((N_("Charges de logement retenues"), LIBELLES_LOGEMENT[parametres.logement]))
    if parametres.charges:
        mots = ", ".join(LIBELLES_CHARGE[charge] for charge in parametres.charges)
        found.append((AUTRES_RETENUES, mots))
    if parametres.seuil_haut:
        found.append((REPERE, f"{parametres.seuil_bas}–{parametres.seuil_haut}\u00a0€"))
    return found


def _parametres_effort(donnees: Donnees, seuil: int) -> list[tuple[str, str]]:
    found = [
        (nom, euros(montant))
        for nom, montant in (
            (N_("Loyer supposé"), donnees.loyer),
            (N_("Charges supposées"), donnees.charges),
            (N_("Aides supposées"), donnees.aides),
        )
        if montant is not None
    ]
    return [*found, (N_("Repère du département"), f"{seuil}\u00a0%")] if seuil else found
