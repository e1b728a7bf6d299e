"""Differences between two texts, word by word. Pure: segments of plain text, that templates escape."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

MANY = 2_000
"""Words beyond which frequent ones no longer anchor the comparison, whose cost would grow as their square."""

_MOTS = re.compile(r"\s+|\w+|[^\w\s]")


class Sort(Enum):
    """What became of a segment."""

    EGAL = "egal"
    RETIRE = "retire"
    AJOUTE = "ajoute"


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive characters that both texts share, that only the first has, or only the second."""

    sort: Sort
    texte: str


def mots(avant: str, apres: str) -> tuple[Segment, ...]:
    """Return the segments that turn `avant` into `apres`.

    Joining those not AJOUTE gives `avant`, those not RETIRE `apres`. Of a replaced passage, what is removed
    comes first. Paragraphs are compared first, then the words of those that changed.
    """
    paires: list[tuple[str, str]] = []
    for avant_morceau, apres_morceau in _comparer(avant.splitlines(True), apres.splitlines(True)):
        if avant_morceau and apres_morceau and avant_morceau != apres_morceau:
            paires += _comparer(_MOTS.findall(avant_morceau), _MOTS.findall(apres_morceau))
        else:
            paires.append((avant_morceau, apres_morceau))
    return tuple(_segments(_recoller(paires)))


def _comparer(avant: Sequence[str], apres: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give pairs (before, after): equal, or what one was replaced by."""
    matcher = SequenceMatcher(None, avant, apres, autojunk=len(apres) > MANY)
    for _kind, i1, i2, j1, j2 in matcher.get_opcodes():
        yield "".join(avant[i1:i2]), "".join(apres[j1:j2])


def _recoller(paires: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Merge changes that only a space separates: several words replaced read better together."""
    held: tuple[str, str] | None = None
    for rank, (avant, apres) in enumerate(paires):
        equal = avant == apres
        if held is None or (equal and not _pont(avant, paires[rank + 1 : rank + 2])):
            if held is not None:
                yield held
                held = None
            if equal:
                yield avant, apres
                continue
            held = (avant, apres)
        else:
            held = (held[0] + avant, held[1] + apres)
    if held is not None:
        yield held


def _pont(texte: str, suite: Sequence[tuple[str, str]]) -> bool:
    """Tell whether an equal text is a mere space before another change."""
    return texte.isspace() and "\n" not in texte and any(avant != apres for avant, apres in suite)


def _segments(paires: Iterable[tuple[str, str]]) -> Iterator[Segment]:
    for avant, apres in paires:
        if avant == apres:
            if avant:
                yield Segment(Sort.EGAL, avant)
            continue
        if avant:
            yield Segment(Sort.RETIRE, avant)
        if apres:
            yield Segment(Sort.AJOUTE, apres)
