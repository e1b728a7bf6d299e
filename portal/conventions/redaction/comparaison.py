"""The text beside others: national, of the département, as it was, of the pair's previous CTP.

Each side is the same convention's text, less what one level adds to it, so that only the words that level
changed differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.modeles.places import gabarit_pour
from portal.conventions.modeles.texte import blocs_clause
from portal.conventions.models import Convention
from portal.conventions.queries import lisibles
from portal.conventions.redaction.ecrits import Ecrit
from portal.conventions.redaction.enums import GenreFait
from portal.conventions.redaction.fournies import completees
from portal.conventions.redaction.models import ConventionClause, ConventionClauseFait, ConventionTexte
from portal.conventions.redaction.queries import Texte, clauses_lues
from portal.conventions.redaction.socle import Socle, socle
from portal.security.policy import Actor
from portal.shared.db import fetch
from portal.shared.differences import Segment, Sort, mots

NATIONAL, DEPARTEMENT, CONVENTION, PRECEDENTE = "national", "departement", "convention", "precedente"
MOMENT = "moment-"
"""Beginning of the code of an earlier moment of the text; its number follows."""

VERSION_SUIVIE = "conventions:texte:version"
"""Action of the journal that brings a text to another version of its département."""

MOMENTS = 30
Textes = dict[str, tuple[str, str]]  # code → (title with its number, plain text)


@dataclass(frozen=True)
class Moment:
    """The text as it stood before a change: its number, when it was made, by whom."""

    numero: int
    le: datetime
    par: str


@dataclass(frozen=True)
class Ecart:
    """What became of one clause between two sides; `titre` as the second side shows it."""

    code: str
    titre: str
    segments: Sequence[Segment]

    @property
    def entiere(self) -> str:
        """« ajoutee » or « retiree » for a clause that one side only has, else nothing."""
        sorts = {segment.sort for segment in self.segments}
        if sorts == {Sort.AJOUTE}:
            return "ajoutee"
        return "retiree" if sorts == {Sort.RETIRE} else ""


@dataclass(frozen=True)
class Comparaison:
    """The clauses that differ between two sides, in order, and how many do not."""

    ecarts: Sequence[Ecart]
    identiques: int


def comparer(avant: Textes, apres: Textes) -> Comparaison:
    """Return what differs, word by word. Clauses come in the order of the second side."""
    codes = [*apres, *(code for code in avant if code not in apres)]
    ecarts, identiques = [], 0
    for code in codes:
        titre = apres.get(code, avant.get(code, ("", "")))[0]
        segments = mots(avant.get(code, ("", ""))[1], apres.get(code, ("", ""))[1])
        if any(segment.sort is not Sort.EGAL for segment in segments):
            ecarts.append(Ecart(code, titre, segments))
        else:
            identiques += 1
    return Comparaison(ecarts, identiques)


def cote(session: Session, actor: Actor, lu: Texte, nom: str) -> Textes:
    """Return one side of a comparison, by its code; one that does not exist is the text as it is."""
    if nom == NATIONAL:
        return _textes(lu, {}, {})
    if nom == DEPARTEMENT:
        return _textes(lu, lu.socle.valeurs, lu.socle.textes)
    if nom == PRECEDENTE:
        precedente = _precedente(session, actor, lu)
        if precedente is not None:
            return _textes(precedente, precedente.valeurs, precedente.textes)
    if nom.startswith(MOMENT) and nom.removeprefix(MOMENT).isdecimal():
        return _au_moment(session, lu, int(nom.removeprefix(MOMENT)[:9]))
    return _textes(lu, lu.valeurs, lu.textes)


def moments(session: Session, lu: Texte) -> list[Moment]:
    """Return the moments before which the text may be read again: its latest changes, newest first.

    A version of the département that changes what the parties do not write is one too.
    """
    rows = fetch(
        session,
        select(
            ConventionClauseFait.numero,
            ConventionClauseFait.le,
            ConventionClauseFait.par,
        )
        .where(
            ConventionClauseFait.convention_id == lu.entete.id,
            ConventionClauseFait.genre.in_((GenreFait.TEXTE, GenreFait.VALEUR)),
        )
        .order_by(ConventionClauseFait.id.desc())
        .limit(MOMENTS),
    )
    lus = {row.numero: Moment(row.numero, row.le, row.par) for row in rows}
    for entree in session.scalars(_suivies(lu).order_by(EntreeJournal.id.desc()).limit(MOMENTS)):
        numero = entree.changements["numero"]
        lus.setdefault(numero, Moment(numero, entree.le, entree.auteur))
    return sorted(lus.values(), key=lambda moment: -moment.numero)[:MOMENTS]


def a_une_precedente(session: Session, lu: Texte) -> bool:
    """Tell whether the CTP that this one replaces has its text here."""
    return _ref_precedente(session, lu) is not None


def _ref_precedente(session: Session, lu: Texte) -> str | None:
    if lu.entete.remplace_id is None:
        return None
    return session.scalar(
        select(Convention.ref)
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .where(Convention.id == lu.entete.remplace_id)
    )


def _precedente(session: Session, actor: Actor, lu: Texte) -> Texte | None:
    """Return the former CTP as its avenants left it, when the actor may see it."""
    ref = _ref_precedente(session, lu)
    mere = session.scalar(select(Convention).where(Convention.ref == ref, lisibles(actor))) if ref else None
    return consolide(session, mere).texte if mere is not None else None


def _au_moment(session: Session, lu: Texte, numero: int) -> Textes:
    """Return the text as it stood before the change of this number: later changes are undone, one by one.

    What the directory gives today is there too: it is no change of the text.
    """
    base = _socle_alors(session, lu, numero)
    if base is not lu.socle:
        lu = recomposer(lu, base, lu.ecrits)
    ecrites, textes = dict(lu.ecrites), dict(lu.textes)
    for fait in _changements(session, lu, numero):
        if fait.genre is GenreFait.TEXTE:
            textes[fait.code] = fait.avant
        else:
            ecrites[fait.code, fait.parametre_code] = fait.avant
    return _textes(lu, completees(ecrites, lu.annuaire), textes)


def recomposer(lu: Texte, base: Socle, ecrits: Mapping[str, Ecrit]) -> Texte:
    """Return a text on another version of its département, with what the parties wrote in it."""
    gabarit = gabarit_pour(lu.contexte.retenues)
    composition = base.composer(gabarit, lu.contexte)
    clauses = clauses_lues(composition, ecrits)
    return replace(lu, socle=base, gabarit=gabarit, composition=composition, clauses=clauses, ecrits=ecrits)


def _socle_alors(session: Session, lu: Texte, numero: int) -> Socle:
    """Return the version of the département that the text followed before the change of this number."""
    for entree in session.scalars(_suivies(lu).order_by(EntreeJournal.id)):
        changements = entree.changements
        if changements["numero"] < numero:
            continue
        version_id = session.scalar(
            select(VersionDepartementale.id).where(
                VersionDepartementale.departement_code == lu.entete.departement_code,
                VersionDepartementale.numero == changements["version_departementale"][0],
            )
        )
        return socle(session, version_id) if version_id else lu.socle
    return lu.socle


def _suivies(lu: Texte) -> Select[EntreeJournal]:
    """Select what the journal says of the versions of the département that the text was brought to."""
    return select(EntreeJournal).where(
        EntreeJournal.objet_type == Convention.__tablename__,
        EntreeJournal.objet_id == lu.entete.id,
        EntreeJournal.action == VERSION_SUIVIE,
    )


def _changements(session: Session, lu: Texte, numero: int) -> Sequence[Any]:
    return fetch(
        session,
        select(
            ConventionClause.code,
            ConventionClauseFait.genre,
            ConventionClauseFait.parametre_code,
            ConventionClauseFait.avant,
        )
        .join(ConventionClause, ConventionClause.id == ConventionClauseFait.clause_id)
        .where(
            ConventionClauseFait.convention_id == lu.entete.id,
            ConventionClauseFait.numero >= numero,
            ConventionClauseFait.genre.in_((GenreFait.TEXTE, GenreFait.VALEUR)),
        )
        .order_by(ConventionClauseFait.id.desc()),
    )


def _textes(lu: Texte, valeurs: Mapping[tuple[str, str], str], textes: Mapping[str, str]) -> Textes:
    return {
        lue.code: (
            lue.titre,
            "\n".join(
                bloc.texte
                for bloc in blocs_clause(lue.clause, valeurs, lu.composition.numeros, textes.get(lue.code))
            ),
        )
        for lue in lu.clauses
    }
