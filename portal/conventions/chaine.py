"""The lines of one pair form a chain: signed ones by date of effect, then the open one (domaine.md § 5.4).

Each line names the one it replaces (`remplace_id`), and a signed successor cuts `fin_effective` of the line
before it at the eve of its effect. A line « sans objet » stands outside of the chain. Every act that signs,
moves, closes or transfers a line ends with `rechainer`, so that counts may rely on it.
"""

from collections.abc import Callable
from datetime import date
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import regles
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.shared.errors import DomainError

JAMAIS = date(9999, 12, 31)


def lignes_du_couple(session: Session, operateur_id: int, siao_id: int) -> list[Convention]:
    """Return the lines of a pair in the order of the chain, locked for the transaction on PostgreSQL."""
    lignes = session.scalars(
        select(Convention)
        .where(
            Convention.operateur_id == operateur_id,
            Convention.siao_id == siao_id,
            Convention.statut != Statut.SANS_OBJET,
        )
        .with_for_update()
    ).all()
    return sorted(lignes, key=_rang)


def _rang(ligne: Convention) -> tuple[date, int]:
    signee = ligne.statut is Statut.SIGNEE and ligne.date_effet is not None
    return (ligne.date_effet if signee and ligne.date_effet else JAMAIS, ligne.id or 0)


def verifier_chevauchement(
    ligne: Convention, autres: list[Convention], *, date_effet: date, fin: date
) -> None:
    """Refuse dates that overlap a signed CTP of the pair, unless the line succeeds it.

    The line that replaces another may begin before the other's end, not before its beginning: signing it
    cuts the other. Raises DomainError on the field `date_effet`.
    """
    for autre in autres:
        if autre is ligne or autre.statut is not Statut.SIGNEE:
            continue
        assert autre.date_effet is not None
        assert autre.fin_effective is not None
        if date_effet > autre.fin_effective or fin < autre.date_effet:
            continue
        if ligne.remplace_id == autre.id and date_effet > autre.date_effet:
            continue
        raise DomainError(
            "conventions.chevauchement",
            "date_effet",
            about=autre,
            debut=autre.date_effet,
            fin=autre.fin_effective,
        )


def dater(
    session: Session,
    ligne: Convention,
    *,
    date_effet: date,
    date_fin: date,
    signer: Callable[[], None] | None = None,
) -> None:
    """Give a line its dates as a signed CTP, cut the one before it, and put the chain back in order.

    `signer` makes it signed, at the moment when its dates are there. Raises DomainError when the dates
    overlap another CTP of the pair, or when a termination would come before the effect. Flushes in steps, so
    that the database's own rule never sees an overlap on the way: shorten, move, then lengthen.
    """
    lignes = lignes_du_couple(session, ligne.operateur_id, ligne.siao_id)
    fin = regles.fin_effective(date_fin, ligne.resiliation_effet, _effet_suivant(ligne, lignes, date_effet))
    if fin < date_effet:
        raise DomainError("conventions.resiliation_effet", "date_effet", debut=date_effet, fin=date_fin)
    verifier_chevauchement(ligne, lignes, date_effet=date_effet, fin=fin)
    for autre in lignes:
        if _precede(autre, ligne, date_effet):
            assert autre.fin_effective is not None
            autre.fin_effective = regles.fin_effective(autre.fin_effective, None, date_effet)
            autre.fin_tri = autre.fin_effective
    session.flush()
    ligne.date_effet, ligne.date_fin, ligne.fin_effective, ligne.fin_tri = date_effet, date_fin, fin, fin
    if signer is not None:
        signer()
    session.flush()
    rechainer(session, lignes if ligne in lignes else [*lignes, ligne])


def _effet_suivant(ligne: Convention, lignes: list[Convention], date_effet: date) -> date | None:
    """Return when the signed successor of a line takes effect, if later: it goes on cutting the line."""
    effets = (a.date_effet for a in lignes if a.remplace_id == ligne.id and a.statut is Statut.SIGNEE)
    return next((effet for effet in effets if effet is not None and effet > date_effet), None)


def _precede(autre: Convention, ligne: Convention, date_effet: date) -> bool:
    """Tell whether a line is the signed one that this line replaces from that day on."""
    return autre.id == ligne.remplace_id and autre.date_effet is not None and autre.date_effet < date_effet


def rechainer(session: Session, lignes: list[Convention]) -> None:
    """Put back the links and the cuts of the lines of one pair, after one of them changed.

    `lignes`: every line of the pair but those « sans objet ». Flushes twice: two lines must never replace
    the same one, even on the way.
    """
    ordre = sorted(lignes, key=_rang)
    voulus = {
        ligne: (avant.id if avant is not None else None)
        for avant, ligne in zip([None, *ordre], ordre, strict=False)
    }
    changees = [ligne for ligne, cible in voulus.items() if ligne.remplace_id != cible]
    for ligne in changees:
        ligne.remplace_id = None
    _couper([ligne for ligne in ordre if ligne.statut is Statut.SIGNEE])
    session.flush()
    for ligne in changees:
        ligne.remplace_id = voulus[ligne]
    session.flush()


def _couper(signees: list[Convention]) -> None:
    """Recompute the last day really valid of the signed lines of a pair, given in order of effect."""
    for ligne, apres in zip_longest(signees, signees[1:]):
        assert ligne.date_fin is not None
        ligne.fin_effective = regles.fin_effective(
            ligne.date_fin, ligne.resiliation_effet, apres.date_effet if apres is not None else None
        )
        ligne.fin_tri = ligne.fin_effective
