"""Handing over what someone holds when they leave: each room registers what its own people hold.

One transaction for everything: whoever leaves, whoever receives and the journal say the same thing, or
nothing has changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import adhesions, equipiers, queries
from portal.comptes.equipiers import Equipe, Successeur
from portal.comptes.models import Adhesion, Personne
from portal.comptes.policies import Acces
from portal.comptes.territoire import OrganisationLue, read_organisation
from portal.notifications.service import enqueue
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion

GARDER, VIDER = "garder", "vider"
"""Choices that name nobody: change nothing; let nobody hold it."""

LIGNES = 200
"""Things of one kind handed over at once."""

EQUIPE = "equipe"  # what the reading of the other people is called


@dataclass(frozen=True)
class Partant:
    """Who leaves an organisation, seen from one membership there."""

    personne: Personne
    adhesion: Adhesion
    organisation: OrganisationLue


@dataclass(frozen=True)
class Tenu:
    """Something that someone holds. `nature`: a message; `version`: as it was shown, 0 for what has none.

    `libelle_en`: its name in English, empty when it has one name only.
    """

    ref: str
    libelle: str
    precision: str
    nature: str
    version: int
    libelle_en: str = ""

    def en_langue(self, langue: str) -> str:
        """Return its name in a language."""
        return self.libelle_en if langue == "en" and self.libelle_en else self.libelle


@dataclass(frozen=True)
class Passage:
    """One thing to be handed over. `a`: None to let nobody hold it."""

    partant: Partant
    tenu: Tenu
    a: Successeur | None
    jour: date  # the last day of whoever leaves


@dataclass(frozen=True)
class Genre:
    """A kind of thing that people hold. `titre`, `vide`: messages; `vide`: what is done with no successor, ""
    for what is always someone's.

    `lectures`: what it has to read of tables, each with its column `rang`; all the kinds are read in one
    statement, then `tenus` and `successeurs` are given the rows of their own, in that order.
    """

    code: str
    titre: str
    vide: str
    quand: str
    lectures: Callable[[Clock, Partant], Mapping[str, AnySelect]]
    tenus: Callable[[Lues], Sequence[Tenu]]
    successeurs: Callable[[Lues, Equipe], Sequence[Successeur]]
    passer: Callable[[Session, Clock, Actor, Passage], None]


_GENRES: list[Genre] = []


def on_passation(genre: Genre) -> Genre:
    """Register a kind of thing that people hold."""
    _GENRES.append(genre)
    return genre


@dataclass(frozen=True)
class Part:
    """What someone holds of one kind, and who may receive it."""

    genre: Genre
    tenus: Sequence[Tenu]
    successeurs: Mapping[str, Successeur]


@dataclass(frozen=True)
class Choix:
    """What was decided: for each kind, then for each thing, a successor's key, GARDER or VIDER.

    `versions`: of what was shown, by kind then by reference.
    """

    jour: date
    decisions: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, Mapping[str, int]]
    retirer: bool = False


@dataclass
class Bilan:
    """What was handed over, by who received it; `vides`: what nobody holds any more."""

    recus: dict[Successeur, list[tuple[Genre, Tenu]]] = field(default_factory=dict)
    vides: list[tuple[Genre, Tenu]] = field(default_factory=list)

    @property
    def nombre(self) -> int:
        """How many things changed hands."""
        return len(self.vides) + sum(map(len, self.recus.values()))


def partant(session: Session, actor: Actor, adhesion_ref: str) -> Partant:
    """Return who leaves: the actor itself, or someone of its team whose access it may withdraw.

    Raises NotVisible, Forbidden.
    """
    if adhesion_ref == actor.adhesion_ref:
        row = session.execute(
            select(Adhesion, Personne)
            .join(Personne, Personne.id == Adhesion.personne_id)
            .where(Adhesion.id == actor.adhesion_id)
        ).one()
        own = read_organisation(session, ident=row.Adhesion.organisation_id)
        if own is None:
            raise NotVisible(adhesion_ref)
        return Partant(row.Personne, row.Adhesion, own)
    adhesion, personne, team = queries.adhesion(session, actor, adhesion_ref)
    if not can(actor, Permission.COMPTES_PASSER, Acces(personne.id, adhesion.profil, team)):
        raise Forbidden(Permission.COMPTES_PASSER.value)
    return Partant(personne, adhesion, team)


def parts(session: Session, clock: Clock, qui: Partant) -> list[Part]:
    """Return what someone holds, kind by kind, the kinds of which they hold nothing left out. One
    statement."""
    voulues = {genre.code: genre.lectures(clock, qui) for genre in _GENRES}
    lectures = {f"{code}.{nom}": une for code, siennes in voulues.items() for nom, une in siennes.items()}
    lues = ensemble.lire(
        session, lectures | {EQUIPE: equipiers.lecture(qui.organisation.id, qui.personne.id)}
    )
    rangees = {nom: sorted(rows, key=lambda row: row.rang) for nom, rows in lues.items()}
    equipe = equipiers.lue(rangees[EQUIPE])
    trouvees = []
    for genre in _GENRES:
        siennes = {nom: rangees[f"{genre.code}.{nom}"] for nom in voulues[genre.code]}
        if tenus := genre.tenus(siennes):
            receveurs = genre.successeurs(siennes, equipe)
            trouvees.append(Part(genre, tenus, {un.cle: un for un in receveurs}))
    return trouvees


def apercu(tenues: Sequence[Part], choix: Choix) -> Bilan:
    """Return what a choice would do. Raises StaleVersion for what changed, DomainError for a wrong choice."""
    fait = Bilan()
    for part in tenues:
        decisions = choix.decisions.get(part.genre.code, {})
        vues = choix.versions.get(part.genre.code, {})
        if vues != {tenu.ref: tenu.version for tenu in part.tenus}:
            raise StaleVersion(None)
        for tenu in part.tenus:
            decision = decisions.get(tenu.ref, GARDER)
            if decision == VIDER and part.genre.vide:
                fait.vides.append((part.genre, tenu))
            elif decision != GARDER:
                if decision not in part.successeurs:
                    raise DomainError("comptes.successeur", f"{part.genre.code}-{tenu.ref}")
                fait.recus.setdefault(part.successeurs[decision], []).append((part.genre, tenu))
    if set(choix.versions) - {part.genre.code for part in tenues}:
        raise StaleVersion(None)
    if not fait.nombre and not choix.retirer:
        raise DomainError("comptes.passation_vide")
    return fait


def passer(session: Session, clock: Clock, actor: Actor, qui: Partant, choix: Choix) -> Bilan:
    """Hand over what was chosen, and withdraw the accesses of whoever leaves when asked; tell everyone.

    Raises StaleVersion, Forbidden, DomainError.
    """
    if not can(
        actor, Permission.COMPTES_PASSER, Acces(qui.personne.id, qui.adhesion.profil, qui.organisation)
    ):
        raise Forbidden(Permission.COMPTES_PASSER.value)
    fait = apercu(parts(session, clock, qui), choix)
    for receveur, recus in fait.recus.items():
        for genre, tenu in recus:
            genre.passer(session, clock, actor, Passage(qui, tenu, receveur, choix.jour))
    for genre, tenu in fait.vides:
        genre.passer(session, clock, actor, Passage(qui, tenu, None, choix.jour))
    changes: dict[str, Any] = {"personne": qui.personne.ref, "dernier_jour": choix.jour.isoformat()}
    changes |= {"passees": fait.nombre}
    record(session, clock, actor, "comptes:adhesion:passer", qui.adhesion, changes=changes)
    _prevenir(session, clock, actor, qui, choix, fait)
    if choix.retirer:
        _retirer(session, clock, actor, qui, choix.jour)
    return fait


def essayer(session: Session, clock: Clock, actor: Actor, qui: Partant, choix: Choix) -> Bilan:
    """Return what `passer` would do, and change nothing. Raises what it would raise."""
    essai = session.begin_nested()
    try:
        return passer(session, clock, actor, qui, choix)
    finally:
        essai.rollback()


def _retirer(session: Session, clock: Clock, actor: Actor, qui: Partant, jour: date) -> None:
    """Withdraw every access of whoever leaves to the organisation, once their last day has come."""
    if jour > clock.today(actor.fuseau):
        raise DomainError("comptes.retrait_futur", "retirer")
    siennes = session.scalars(
        select(Adhesion)
        .where(
            Adhesion.personne_id == qui.personne.id,
            Adhesion.organisation_id == qui.organisation.id,
            Adhesion.revoquee_le.is_(None),
        )
        .order_by(Adhesion.id)
    ).all()
    for adhesion in siennes:
        adhesions.revoke(session, clock, actor, adhesion.ref, version=adhesion.version)


def _prevenir(session: Session, clock: Clock, actor: Actor, qui: Partant, choix: Choix, fait: Bilan) -> None:
    commun = {"partant": qui.personne.nom_complet, "organisation": qui.organisation.nom, "jour": choix.jour}
    for receveur, recus in fait.recus.items():
        if receveur.email and receveur.personne_id != actor.personne_id:
            personne = session.get(Personne, receveur.personne_id) if receveur.personne_id else None
            langue = personne.langue if personne else "fr"
            dits = {"tenus": [(genre.titre, tenu.en_langue(langue), tenu.precision) for genre, tenu in recus]}
            enqueue(
                session,
                clock,
                to=personne or receveur.email,
                template="comptes/passation",
                context=commun | dits,
            )
    if fait.nombre and qui.personne.id != actor.personne_id:
        langue = qui.personne.langue
        passes = [
            (tenu.en_langue(langue), receveur.en_langue(langue))
            for receveur, recus in fait.recus.items()
            for _genre, tenu in recus
        ]
        passes += [(tenu.en_langue(langue), "") for _genre, tenu in fait.vides]
        context = commun | {"par": actor.nom, "passes": passes}
        enqueue(session, clock, to=qui.personne, template="comptes/passation_partant", context=context)
