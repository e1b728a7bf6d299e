"""Taking out of the directory exactly what a search shows, every page of it: table or vCards."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import literal
from sqlalchemy.orm import Session

from portal.annuaire.candidats import DEBUTS
from portal.annuaire.echanges import fiches
from portal.annuaire.models import Referent
from portal.annuaire.recherche import FiltreAnnuaire, chercher
from portal.annuaire.texte import mots_tapes, paliers
from portal.annuaire.titulaires import tenue
from portal.annuaire.vcard import carte
from portal.comptes import throttle
from portal.config import Settings
from portal.documents.exports import Value
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.pagination import Cursor
from portal.shared.search import hits, written

LOT = 500
CLASSEUR_MAXIMUM = 20_000  # entries in a workbook or in cards; a CSV has no limit


def choisir(session: Session, actor: Actor, filtre: FiltreAnnuaire, jour: date) -> list[int]:
    """Return the keys of every entry that a search answers, the ones it shows first.

    A search by words shows its best answers on one page: those come first, then the others by organisation.
    """
    premieres: list[int] = []
    filtrees = filtre
    parmi: set[int] | None = None
    mots = mots_tapes(filtre.texte)
    if mots:
        resultat = chercher(session, actor, filtre, jour)
        premieres = [ligne.id for ligne in resultat.lignes]
        if not resultat.plus:
            return premieres
        table: Any = Referent.__table__
        parmi = set(session.scalars(hits(session, table, literal(written(session, paliers(mots)[DEBUTS])))))
        filtrees = FiltreAnnuaire(**{**vars(filtre), "texte": ""})
    autres = [
        one
        for one in _pages(session, actor, filtrees, jour)
        if one not in premieres and (parmi is None or one in parmi)
    ]
    return [*premieres, *autres]


def _pages(session: Session, actor: Actor, filtre: FiltreAnnuaire, jour: date) -> Iterator[int]:
    cursor = None
    while True:
        resultat = chercher(session, actor, filtre, jour, cursor, taille=LOT)
        yield from (ligne.id for ligne in resultat.lignes)
        if resultat.page is None or resultat.page.next is None:
            return
        cursor = Cursor.decode(resultat.page.next)


def borner(ids: Sequence[int]) -> None:
    """Refuse a workbook or cards of too many entries; raises DomainError."""
    if len(ids) > CLASSEUR_MAXIMUM:
        raise DomainError("annuaire.export_trop", nombre=len(ids), maximum=CLASSEUR_MAXIMUM)


def lignes(session: Session, ids: Sequence[int], jour: date) -> Iterator[list[Value]]:
    """Yield the lines of a table, whose titles are `fiches.entetes`."""
    for referents, noms in _lots(session, ids):
        for referent in referents:
            yield [*fiches.valeurs(referent, noms, jour).values(), *fiches.suite(referent, noms, jour)]


def cartes(session: Session, ids: Sequence[int], jour: date, langue: str) -> Iterator[bytes]:
    """Yield the vCards of entries: who answers today; a note says when one is no longer sure."""
    for referents, noms in _lots(session, ids, langue):
        for referent in referents:
            held = tenue(referent, jour)
            dites = [fiches.fraicheur_dite(referent, noms, jour)]
            if referent.verifie_le:
                dites.append(noms.dire(N_("vérifiée le %(jour)s"), jour=f"{referent.verifie_le:%d/%m/%Y}"))
            yield carte(
                nom=held.repond.nom if held.repond else "",
                prenom=held.repond.prenom if held.repond else "",
                organisation=referent.organisation.nom,
                structure=referent.structure.nom if referent.structure else "",
                fonction=noms.fonctions.get(referent.fonction_code, referent.fonction_code),
                telephone=(held.repond.telephone if held.repond else "") or referent.telephone,
                email=(held.repond.email if held.repond else "") or referent.email,
                uid=referent.ref,
                revise=referent.updated_at,
                note=", ".join(dites),
            ).encode()


def _lots(
    session: Session, ids: Sequence[int], langue: str = "fr"
) -> Iterator[tuple[list[Referent], fiches.Noms]]:
    for debut in range(0, len(ids), LOT):
        referents = fiches.charger(session, ids[debut : debut + LOT])
        yield referents, fiches.noms_de(session, referents, langue)
        session.expunge_all()


def attendre(session: Session, clock: Clock, settings: Settings, actor: Actor) -> int:
    """Return how many seconds to wait before taking something out, 0 to take it now; count this one."""
    key = throttle.export_key(settings, actor.personne_id)
    wait = throttle.wait_seconds(session, clock, settings, [(key, settings.annuaire_exports)])
    if not wait:
        throttle.count(session, clock, [key])
    return wait
