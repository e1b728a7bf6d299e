"""The natures that a CTP covers, day by day: an avenant adds or removes one from its effect on.

What was covered on a day is computed from these days, as the consolidated text is (domaine.md § 5.4). An open
line knows no day: its natures are those of the text being written.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_

from portal.conventions.models import Convention, ConventionNature


def natures_le(ligne: Convention, jour: date) -> list[ConventionNature]:
    """Return the natures that a line covers on a day."""
    return [
        nature
        for nature in ligne.natures
        if nature.depuis <= jour and (nature.jusqu_au is None or nature.jusqu_au >= jour)
    ]


def natures_a_terme(ligne: Convention) -> list[ConventionNature]:
    """Return the natures that a line covers once every signed avenant has taken effect."""
    return [nature for nature in ligne.natures if nature.jusqu_au is None]


def natures_a_lire(ligne: Convention, jour: date) -> list[ConventionNature]:
    """Return the natures that a line covers on a day, and those that a signed avenant brings later."""
    return [nature for nature in ligne.natures if nature.jusqu_au is None or nature.jusqu_au >= jour]


def portee_le(jour: date) -> ColumnElement[bool]:
    """Return the condition « the line covers this nature on a day », on `ConventionNature`."""
    return and_(
        ConventionNature.depuis <= jour,
        or_(ConventionNature.jusqu_au.is_(None), ConventionNature.jusqu_au >= jour),
    )


def ajouter(ligne: Convention, code: str, effet: date, places: int | None = None) -> ConventionNature:
    """Have a line cover a nature from a day on, and return it; one that it covered until the eve goes on.

    What the line says already, without its text that covers it from then on only, starts on that day.
    `places`: how many, None when that is not told.
    """
    for nature in natures_a_terme(ligne):
        if nature.nature_code == code:
            nature.depuis = max(nature.depuis, effet)
            nature.places = nature.places if places is None else places
            return nature
    for nature in ligne.natures:
        if nature.nature_code == code and nature.jusqu_au and nature.jusqu_au >= effet - timedelta(days=1):
            nature.jusqu_au = None
            return nature
    nouvelle = ConventionNature(nature_code=code, depuis=effet, places=places)
    ligne.natures.append(nouvelle)
    return nouvelle


def remettre(ligne: Convention, codes: Iterable[str]) -> None:
    """Have a line that is signed not cover the natures that its text puts off to an avenant."""
    remises = set(codes)
    for nature in natures_a_terme(ligne):
        if nature.nature_code in remises:
            ligne.natures.remove(nature)


def retirer(ligne: Convention, code: str, effet: date) -> None:
    """Have a line stop covering a nature on a day, the first one without it."""
    for nature in natures_a_terme(ligne):
        if nature.nature_code != code:
            continue
        if nature.depuis >= effet:
            ligne.natures.remove(nature)
        else:
            nature.jusqu_au = effet - timedelta(days=1)
