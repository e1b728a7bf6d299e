"""The content of a model: articles, clauses, parameters (domaine.md § 4). Pure data, kept whole as JSON.

The text of a clause is written in paragraphs separated by an empty line; a line beginning with `- ` is a list
item and lines beginning with `|` are the rows of a table. `{{code}}` stands for the value of a parameter of
the clause, `[[7.2]]` for the displayed number of another clause.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from portal.documents.texte import Couleur


class Gabarit(Enum):
    """The two models (S0): the exhaustive one, and the simplified one of résidences sociales alone."""

    GENERAL = "general"
    SIMPLIFIE = "simplifie"


class TypeParametre(Enum):
    """What a parameter holds."""

    TEXTE = "texte"  # one line
    TEXTE_LONG = "texte_long"  # paragraphs
    NOMBRE = "nombre"  # an integer
    DATE = "date"
    CHOIX = "choix"
    OUI_NON = "oui_non"


@dataclass(frozen=True, slots=True)
class Parametre:
    """A field of a clause. Values are text, as a form gives them: a number in digits, a date in ISO form.

    `minimum`, `maximum`: bounds of a NOMBRE, in `unite`. `choix`: the (value, label) pairs of a CHOIX.
    `origine`: where the default and the bounds come from; it is told when a value is refused.
    """

    code: str
    libelle: str
    couleur: Couleur
    type: TypeParametre = TypeParametre.TEXTE
    defaut: str = ""
    unite: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choix: tuple[tuple[str, str], ...] = ()
    origine: str = ""
    obligatoire: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """When a clause is kept: always, unless one of these says more (all of those given must hold).

    `natures`: at least one of these is run by the operator.
    `familles`: at least one nature of these families.
    `faits`: each of these named facts is true (`si_propre`, `finance_etat`, `exception_contingent`,
    `referent_siao`).
    `cumul`: a département that reads S0 strictly (D4) asks for every one of these families, not for one.
    """

    natures: tuple[str, ...] = ()
    familles: tuple[str, ...] = ()
    faits: tuple[str, ...] = ()
    cumul: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause. `code` never changes; the number shown is computed.

    `couleur`: who may rewrite its text (its parameters have their own colour). `attention`: marked ★ by S0,
    `consigne` says why. `mention`: sentence that the text always carries, whatever the parties write (6.3).
    """

    code: str
    titre: str
    couleur: Couleur
    texte: str
    parametres: tuple[Parametre, ...] = ()
    condition: Condition = field(default_factory=Condition)
    attention: bool = False
    consigne: str = ""
    mention: str = ""

    @property
    def negociable(self) -> bool:
        """Whether the parties of a CTP adapt something in it."""
        return self.couleur is Couleur.JAUNE or any(p.couleur is Couleur.JAUNE for p in self.parametres)

    @property
    def departementale(self) -> bool:
        """Whether the département adapts something in it."""
        return self.couleur is Couleur.VERTE or any(p.couleur is Couleur.VERTE for p in self.parametres)


@dataclass(frozen=True, slots=True)
class Article:
    """An article: its clauses in order. When its only clause bears its code, the two share one heading."""

    code: str
    titre: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Modele:
    """The whole text of one version of a model."""

    gabarit: Gabarit
    titre: str
    articles: tuple[Article, ...]

    def clauses(self) -> Iterator[Clause]:
        """Return every clause in order."""
        for article in self.articles:
            yield from article.clauses

    def to_json(self) -> dict[str, Any]:
        """Return the model as plain data, enumerations as their values."""
        plain: dict[str, Any] = asdict(self, dict_factory=_plain)
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Modele":
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        return cls(
            gabarit=Gabarit(data["gabarit"]),
            titre=data["titre"],
            articles=tuple(
                Article(a["code"], a["titre"], tuple(_clause(c) for c in a["clauses"]))
                for a in data["articles"]
            ),
        )


def _plain(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value.value if isinstance(value, Enum) else value for key, value in items}


def _clause(data: dict[str, Any]) -> Clause:
    condition: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data.get("condition", {}).items()
    }
    parametres = tuple(_parametre(p) for p in data.get("parametres", ()))
    read: dict[str, Any] = {
        "couleur": Couleur(data["couleur"]),
        "parametres": parametres,
        "condition": Condition(**condition),
    }
    return Clause(**data | read)


def _parametre(data: dict[str, Any]) -> Parametre:
    return Parametre(
        **data
        | {
            "couleur": Couleur(data["couleur"]),
            "type": TypeParametre(data.get("type", TypeParametre.TEXTE.value)),
            "choix": tuple((value, label) for value, label in data.get("choix", ())),
        }
    )
