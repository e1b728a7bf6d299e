"""Who is in charge of a line: someone by name, or whoever answers for a function of the directory that day.

A function is followed, not its holder: a departure breaks nothing, the deputy answers during an absence, and
the directory says who held it when (domaine.md § 11: « suivent la fonction, pas la personne »).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.annuaire.enums import Role
from portal.annuaire.models import Absence, Referent, Titulaire
from portal.annuaire.nomenclatures import fonctions
from portal.comptes.models import Personne
from portal.conventions.jours import fuseau_de
from portal.conventions.models import Convention
from portal.organisations.models import Structure
from portal.organisations.natures import Libelle
from portal.shared.clock import Clock
from portal.shared.db import AnySelect

_AUTRE = aliased(Titulaire)
_LIGNE = aliased(Convention)


def en_charge_de(personne: Any, jour: date) -> ColumnElement[bool]:
    """The line is in someone's charge on a day: by name, or by a function. `personne`: its key.

    Two searches put together: SQLite, told « or », would go through all the lines that the reader may see.
    """
    courriel = select(Personne.email).where(Personne.id == personne).scalar_subquery()
    tenues = select(Titulaire.referent_id).where(
        or_(Titulaire.personne_id == personne, Titulaire.email == courriel), repond(jour)
    )
    return Convention.id.in_(
        union_all(
            select(_LIGNE.id).where(_LIGNE.responsable_id == personne),
            select(_LIGNE.id).where(_LIGNE.responsable_fonction_id.in_(tenues)),
        )
    )


def sans_personne() -> ColumnElement[bool]:
    """Nobody was put in charge of the line, or a function that has since left the directory was."""
    fermee = exists().where(Referent.id == Convention.responsable_fonction_id, Referent.ferme_le.is_not(None))
    return and_(
        Convention.responsable_id.is_(None), or_(Convention.responsable_fonction_id.is_(None), fermee)
    )


def repond(jour: date) -> ColumnElement[bool]:
    """A row of `Titulaire` answers on a day, as `annuaire.regles.interlocuteur` says it.

    The holder; while away, or once gone, the deputy; the holder all the same when away without a deputy.
    """
    second = exists().where(_meme(Role.SUPPLEANT, jour))
    present = exists().where(_meme(Role.TITULAIRE, jour), ~_absent(_AUTRE, jour))
    return and_(
        _en_cours(Titulaire, jour),
        or_(
            and_(Titulaire.role == Role.TITULAIRE, or_(~_absent(Titulaire, jour), ~second)),
            and_(Titulaire.role == Role.SUPPLEANT, ~present),
        ),
    )


def _meme(role: Role, jour: date) -> ColumnElement[bool]:
    return and_(_AUTRE.referent_id == Titulaire.referent_id, _AUTRE.role == role, _en_cours(_AUTRE, jour))


def _absent(titulaire: Any, jour: date) -> ColumnElement[bool]:
    return exists().where(Absence.titulaire_id == titulaire.id, _en_cours(Absence, jour))


def _en_cours(periode: Any, jour: date) -> ColumnElement[bool]:
    return and_(periode.du <= jour, or_(periode.au.is_(None), periode.au >= jour))


def personne_en_charge(session: Session, clock: Clock, ligne: Convention) -> int | None:
    """Return the account in charge of a line today: None when nobody is, or has no account here."""
    return personnes_en_charge(session, clock, [ligne]).get(ligne.id)


def personnes_en_charge(session: Session, clock: Clock, lignes: Sequence[Convention]) -> dict[int, int]:
    """Return the account in charge of each line today, by its key, where there is one.

    One statement for each different day that it is where the lines are, mostly one.
    """
    jours = {ligne.id: clock.today(fuseau_de(ligne.departement_code)) for ligne in lignes}
    trouvees = {ligne.id: ligne.responsable_id for ligne in lignes}
    for jour in sorted(set(jours.values())):
        suivies = {ligne.id: ligne.responsable_fonction_id for ligne in lignes if jours[ligne.id] == jour}
        comptes = repondent(session, {cle for cle in suivies.values() if cle is not None}, jour)
        trouvees |= {ligne: comptes.get(cle) for ligne, cle in suivies.items() if cle is not None}
    return {ligne: personne for ligne, personne in trouvees.items() if personne is not None}


def repondent(session: Session, fonctions: Collection[int], jour: date) -> dict[int, int]:
    """Return the account of whoever answers for each function on a day, by its key; one statement.

    Functions for which nobody answers, or nobody with an account here, are left out.
    """
    if not fonctions:
        return {}
    comptes = session.execute(comptes_qui_repondent(Titulaire.referent_id.in_(fonctions), jour))
    return {row.fonction_id: row.personne_id for row in comptes}


def comptes_qui_repondent(condition: ColumnElement[bool], jour: date) -> AnySelect:
    """Return what `repondent` reads, of the functions whose rows of `Titulaire` satisfy a condition.

    Columns: fonction_id, personne_id.
    """
    return (
        select(Titulaire.referent_id.label("fonction_id"), func.min(Personne.id).label("personne_id"))
        .join(Personne, or_(Titulaire.personne_id == Personne.id, Titulaire.email == Personne.email))
        .where(condition, Personne.desactivee_le.is_(None), repond(jour))
        .group_by(Titulaire.referent_id)
    )


def precisions(session: Session, fonctions: Collection[str], jour: date) -> dict[str, str]:
    """Return the structure of each function, its mention and who answers that day, by its reference.

    An organisation may have two functions of one name: only this tells them apart in a list.
    """
    qui = (
        select(Titulaire.prenom + " " + Titulaire.nom)
        .where(Titulaire.referent_id == Referent.id, repond(jour))
        .order_by(Titulaire.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Referent.ref, Structure.nom, Referent.mention, qui)
        .outerjoin(Structure, Structure.id == Referent.structure_id)
        .where(Referent.ref.in_(fonctions))
        .order_by(Referent.id)
    )
    return {ref: ", ".join(filter(None, dits)) for ref, *dits in rows}


def libelle_de(code: str | None, locale: str | None) -> Libelle | None:
    """Return the label of a function, of everywhere or of a département; None for no function."""
    if code is None:
        return None
    connue = fonctions().get(code)
    return connue.libelle if connue else Libelle(locale or code, locale or code)
