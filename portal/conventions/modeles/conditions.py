"""Is a clause kept in the text of an operator, and if not, why (domaine.md §§ 4.3, 4.4)? Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from portal.conventions.modeles.contenu import Condition
from portal.conventions.modeles.places import LIBELLES_FAMILLE, familles_de
from portal.organisations.natures import read_toml
from portal.shared.messages import N_
from portal.shared.translations import catalogue


class Fait(Enum):
    """Facts about an operator or a convention that conditions name."""

    SI_PROPRE = "si_propre"
    FINANCE_ETAT = "finance_etat"
    EXCEPTION_CONTINGENT = "exception_contingent"
    REFERENT_SIAO = "referent_siao"


CUMUL_STRICT = "cumul_strict"
"""Kept among the facts of a text: how its département read the condition on families when it was computed."""

LIBELLES_FAIT: dict[str, str] = {
    Fait.SI_PROPRE.value: N_("L’opérateur a son propre système d’information"),
    Fait.FINANCE_ETAT.value: N_("L’opérateur est financé par l’État"),
    Fait.EXCEPTION_CONTINGENT.value: N_("Une exception écrite au contingent est accordée"),
    Fait.REFERENT_SIAO.value: N_("L’opérateur désigne un référent SIAO"),
}

_ABSENCES: dict[str, str] = {
    Fait.SI_PROPRE.value: N_("L’opérateur n’a pas de système d’information propre."),
    Fait.FINANCE_ETAT.value: N_("L’opérateur n’est pas financé par l’État."),
    Fait.EXCEPTION_CONTINGENT.value: N_("Aucune exception écrite au contingent n’est accordée."),
    Fait.REFERENT_SIAO.value: N_("L’opérateur ne désigne pas de référent SIAO."),
}


@dataclass(frozen=True, slots=True)
class Contexte:
    """What conditions are read against.

    `natures`: codes of those that the operator runs, deferred ones included; `differees`: those that State
    and SIAO put off to a later avenant. `faits`: values of `Fait` that are true, and `CUMUL_STRICT`.
    """

    natures: frozenset[str]
    faits: frozenset[str] = frozenset()
    differees: frozenset[str] = frozenset()

    @property
    def cumul_strict(self) -> bool:
        """Whether « veille sociale et hébergement » is read as both together (D4)."""
        return CUMUL_STRICT in self.faits

    @property
    def retenues(self) -> frozenset[str]:
        """Natures that the text covers."""
        return self.natures - self.differees

    @classmethod
    def de(
        cls,
        natures: Iterable[str],
        faits: Iterable[str] = (),
        differees: Iterable[str] = (),
    ) -> "Contexte":
        """Build a context from any collections."""
        return cls(frozenset(natures), frozenset(faits), frozenset(differees))


@dataclass(frozen=True, slots=True)
class Motif:
    """Why a clause is not kept: a French text to translate, and the codes that fill it."""

    texte: str
    natures: tuple[str, ...] = ()
    familles: tuple[str, ...] = ()
    clause: str = ""

    def ecrire(self) -> str:
        """Return the reason as it is kept, to be told later in any language."""
        return json.dumps([self.texte, self.natures, self.familles, self.clause], ensure_ascii=False)

    @classmethod
    def lire(cls, ecrit: str) -> "Motif":
        """Read what `ecrire` kept."""
        texte, natures, familles, clause = json.loads(ecrit)
        return cls(texte, tuple(natures), tuple(familles), clause)

    def en_langue(self, langue: str = "fr") -> str:
        """Return the reason in a language of the interface."""
        translate = catalogue(langue).gettext
        noms = _noms(langue)
        liste = [noms.get(code, code) for code in self.natures]
        liste += [translate(LIBELLES_FAMILLE.get(code, code)) for code in self.familles]
        return translate(self.texte) % {"liste": ", ".join(liste), "clause": self.clause}


NATURES_ABSENTES = N_("L’opérateur ne gère pas : %(liste)s.")
NATURES_DIFFEREES = N_("Différé à un avenant prévu : %(liste)s.")
FAMILLES_ABSENTES = N_("L’opérateur ne gère aucun dispositif des familles : %(liste)s.")
FAMILLES_DIFFEREES = N_("Tous les dispositifs des familles %(liste)s sont différés à un avenant prévu.")
CUMUL = N_("Le département demande ces familles ensemble ; l’opérateur ne gère pas : %(liste)s.")
CLAUSE_MERE = N_("La clause %(clause)s, dont elle dépend, n’est pas conservée.")
HORS_MODELE = N_("Le modèle simplifié ne comporte pas cette clause.")


def motif_de_retrait(condition: Condition, contexte: Contexte) -> Motif | None:
    """Return why a clause of this condition is not kept, None when it is kept."""
    return (
        _par_natures(condition, contexte)
        or _par_familles(condition, contexte)
        or next(
            (Motif(_ABSENCES[fait]) for fait in condition.faits if fait not in contexte.faits),
            None,
        )
    )


def _par_natures(condition: Condition, contexte: Contexte) -> Motif | None:
    if not condition.natures or contexte.retenues.intersection(condition.natures):
        return None
    put_off = tuple(code for code in condition.natures if code in contexte.differees)
    if put_off:
        return Motif(NATURES_DIFFEREES, natures=put_off)
    return Motif(NATURES_ABSENTES, natures=condition.natures)


def _par_familles(condition: Condition, contexte: Contexte) -> Motif | None:
    if not condition.familles:
        return None
    run = familles_de(contexte.retenues)
    missing = tuple(code for code in condition.familles if code not in run)
    if condition.cumul and contexte.cumul_strict and missing:
        return Motif(CUMUL, familles=missing)
    if len(missing) < len(condition.familles):
        return None
    put_off = familles_de(contexte.differees).intersection(condition.familles)
    return Motif(FAMILLES_DIFFEREES if put_off else FAMILLES_ABSENTES, familles=condition.familles)


@cache
def _noms(langue: str) -> dict[str, str]:
    column = "libelle_en" if langue == "en" else "libelle"
    return {row["code"]: row[column] for row in read_toml("natures")}
