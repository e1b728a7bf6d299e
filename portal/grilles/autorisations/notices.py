"""The notices read to a household before it answers: versioned data, in plain words, one file a language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.grilles.autorisations.enums import ObjetAutorisation

DOSSIER = Path(__file__).parents[3] / "seeds" / "reference" / "grilles" / "notices"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in one language. `nom`: of the language, as its readers call it; `sens`: ltr or rtl."""

    version: str
    langue: str
    nom: str
    sens: str
    titre: str
    presentation: tuple[str, ...]
    transmission: tuple[str, ...]
    commun: tuple[str, ...]

    def phrases(self, objet: ObjetAutorisation) -> tuple[str, ...]:
        """Return what is told about one object, then what holds for both."""
        propres = self.presentation if objet is ObjetAutorisation.PRESENTATION else self.transmission
        return (*propres, *self.commun)


@cache
def versions() -> tuple[str, ...]:
    """Return the versions there are, oldest first."""
    return tuple(sorted((one.name for one in DOSSIER.iterdir() if one.is_dir()), key=int))


def actuelle() -> str:
    """Return the version that is read to households today."""
    return versions()[-1]


@cache
def langues(version: str) -> dict[str, Notice]:
    """Return the notices of a version by language, French first. Raises KeyError for an unknown version."""
    if version not in versions():
        raise KeyError(version)
    lues = [_lire(version, path) for path in sorted((DOSSIER / version).glob("*.toml"))]
    return {one.langue: one for one in sorted(lues, key=lambda one: (one.langue != "fr", one.nom))}


def notice(version: str, langue: str) -> Notice:
    """Return a notice as it was read, in French when the language is not there."""
    dites = langues(version)
    return dites.get(langue, dites["fr"])


def _lire(version: str, path: Path) -> Notice:
    with path.open("rb") as file:
        data = tomllib.load(file)
    return Notice(
        version,
        path.stem,
        data["nom"],
        data["sens"],
        data["titre"],
        tuple(data["presentation"]),
        tuple(data["transmission"]),
        tuple(data["commun"]),
    )
