"""The computed states of `regles` as SQL conditions, for lists and counts.

Every function takes the day and returns a condition on `Convention`; the line that replaces it is looked
for by its unique index. `portal.conventions.regles` says the same in Python, and a test compares them.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, exists, false, func, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import GenericFunction

from portal.comptes.models import Adhesion, Personne
from portal.conventions.enums import AUTRE_PILOTE, OUVERTS, Etat, Partie, Statut
from portal.conventions.models import Convention, ConventionClassement
from portal.conventions.regles import DELAI_RENOUVELLEMENT, ECHEANCE_NATIONALE
from portal.organisations.models import Structure, StructurePlaces
from portal.security.permissions import ETAT, SIAO

Condition = ColumnElement[bool]


class jours_entre(GenericFunction[int]):  # noqa: N801 (the name of a SQL function)
    """Days from the first date to the second."""

    type = Integer()
    inherit_cache = True


@compiles(jours_entre, "sqlite")
def _jours_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    debut, fin = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({fin}) - julianday({debut}) AS INTEGER)"


@compiles(jours_entre, "postgresql")
def _jours_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    debut, fin = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({fin} - {debut})"


def signee() -> Condition:
    """Signed, whatever the dates."""
    return Convention.statut == Statut.SIGNEE


def ouverte() -> Condition:
    """Not signed yet and still expected."""
    return Convention.statut.in_(OUVERTS)


def premiere() -> Condition:
    """It replaces no other line.

    Written so that SQLite does not look it up: it takes the index of `remplace_id` for a nearly unique one,
    where nearly every line has none.
    """
    return func.coalesce(Convention.remplace_id, 0) == 0


def remplacee_par(*conditions: Callable[[Any], Condition]) -> Condition:
    """Some line replaces it and meets the conditions."""
    autre = aliased(Convention)
    return (
        select(autre.id)
        .where(autre.remplace_id == Convention.id, *(condition(autre) for condition in conditions))
        .correlate(Convention)
        .exists()
    )


def suivante_signee() -> Condition:
    """A signed line replaces it."""
    return remplacee_par(lambda autre: autre.statut == Statut.SIGNEE)


def _relayee(jour: date) -> Condition:
    return remplacee_par(
        lambda autre: autre.statut == Statut.SIGNEE,
        lambda autre: autre.date_effet <= jour,
        lambda autre: or_(
            Convention.resiliation_effet.is_(None), autre.date_effet <= Convention.resiliation_effet
        ),
    )


def _terminee(jour: date) -> Condition:
    return and_(signee(), Convention.date_effet <= jour, Convention.fin_effective < jour)


def en_vigueur(jour: date) -> Condition:
    """Valid that day, last day included."""
    return couvre(Convention, jour)


def couvre(ligne: Any, jour: date) -> Condition:
    """A line, or an alias of it, is in force that day."""
    return and_(ligne.statut == Statut.SIGNEE, ligne.date_effet <= jour, ligne.fin_effective >= jour)


_CALCULES: dict[Etat, Callable[[date], Condition]] = {
    Etat.A_VENIR: lambda jour: and_(signee(), Convention.date_effet > jour),
    Etat.EN_VIGUEUR: en_vigueur,
    Etat.REMPLACEE: lambda jour: and_(_terminee(jour), _relayee(jour)),
    Etat.RESILIEE: lambda jour: and_(
        _terminee(jour), Convention.resiliation_effet.is_not(None), not_(_relayee(jour))
    ),
    Etat.ECHUE: lambda jour: and_(
        _terminee(jour), Convention.resiliation_effet.is_(None), not_(_relayee(jour))
    ),
}


def etat(valeur: Etat, jour: date) -> Condition:
    """The line shows this state on that day."""
    calcul = _CALCULES.get(valeur)
    return calcul(jour) if calcul else Convention.statut == Statut(valeur.value)


def un_des_etats(valeurs: set[Etat] | frozenset[Etat], jour: date) -> Condition:
    """The line shows one of these states on that day."""
    stockes = [Statut(v.value) for v in Etat if v in valeurs and v not in _CALCULES]
    conditions = [etat(v, jour) for v in Etat if v in valeurs and v in _CALCULES]
    if stockes:
        conditions.append(Convention.statut.in_(stockes))
    return or_(*conditions)


def fin_proche(jour: date, delai: int = DELAI_RENOUVELLEMENT) -> Condition:
    """In force, and ends within `delai` days (C7 of domaine.md § 9.2 with 365)."""
    return and_(en_vigueur(jour), Convention.fin_effective <= jour + timedelta(days=delai))


def a_renouveler(jour: date, delai: int = DELAI_RENOUVELLEMENT) -> Condition:
    """In force, ends within `delai` days, not terminated, and nobody has opened its successor."""
    return and_(fin_proche(jour, delai), Convention.resiliation_effet.is_(None), not_(remplacee_par()))


def echue_sans_successeur(jour: date, suivie: Condition | None = None) -> Condition:
    """Ended, by its date or by a termination, and no successor is signed.

    `suivie`: another way to say « a signed line replaces it » (a join made once), here and below.
    """
    return and_(_terminee(jour), not_(_suivie(suivie)))


def en_retard_propre(jour: date) -> Condition:
    """Not signed and its own target date is past (C2)."""
    return and_(ouverte(), Convention.date_cible < jour)


def en_retard_national(jour: date) -> Condition:
    """Not signed, first of its pair, and the national deadline is past."""
    if jour <= ECHEANCE_NATIONALE:
        return false()
    return and_(ouverte(), premiere())


def en_retard(jour: date) -> Condition:
    """Late against its own target date or against the national deadline."""
    return or_(en_retard_propre(jour), en_retard_national(jour))


def _suivie(suivie: Condition | None) -> Condition:
    return suivante_signee() if suivie is None else suivie


def derniere_signee(suivie: Condition | None = None) -> Condition:
    """The latest signed line of its pair: one line for each pair signed at least once, renewals included.

    Holds because the lines of a pair form one chain, ordered by effect, the open one last
    (`portal.conventions.chaine`).
    """
    return and_(signee(), not_(_suivie(suivie)))


def hors_vigueur(jour: date, suivie: Condition | None = None, precedee: Condition | None = None) -> Condition:
    """The latest signed line of a pair, ended or still to come, when the one it replaces is not in force.

    `precedee`: another way to say that the latter is (a join made once).
    """
    if precedee is None:
        avant = aliased(Convention)
        precedee = (
            select(avant.id)
            .where(avant.id == Convention.remplace_id, couvre(avant, jour))
            .correlate(Convention)
            .exists()
        )
    return and_(
        derniere_signee(suivie),
        or_(Convention.fin_effective < jour, and_(Convention.date_effet > jour, not_(precedee))),
    )


def negociation_mesuree() -> Condition:
    """Signed, and the days since the opening of its project are known (C4): not those signed elsewhere."""
    return and_(signee(), Convention.reprise.is_(False), Convention.ouverte_le <= Convention.date_signature)


def avec_places(jour: date) -> Condition:
    """In force, of an operator whose open structures have counted places in the line's département (C3)."""
    return and_(
        en_vigueur(jour),
        select(Structure.id)
        .join(StructurePlaces, StructurePlaces.structure_id == Structure.id)
        .where(
            Structure.organisation_id == Convention.operateur_id,
            Structure.departement_code == Convention.departement_code,
            or_(Structure.fermee_le.is_(None), Structure.fermee_le > jour),
            StructurePlaces.nombre > 0,
        )
        .correlate(Convention)
        .exists(),
    )


def premiere_signee() -> Condition:
    """The earliest signed line of its pair."""
    return and_(signee(), premiere())


def premiere_ouverte() -> Condition:
    """The open line of a pair never signed."""
    return and_(ouverte(), premiere())


def prevue(suivie: Condition | None = None) -> Condition:
    """One line for each planned pair: its latest signed line, or its open one (not « sans objet »)."""
    return or_(derniere_signee(suivie), premiere_ouverte())


def a_recopier() -> Condition:
    """Signed and not yet copied into the SI SIAO (S0: the SI SIAO follows the signatures)."""
    return and_(signee(), Convention.si_siao_copiee_le.is_(None))


def a_classer_par(partie: Partie | None) -> Condition:
    """The other of State and SIAO proposes to close the line, and `partie` has to answer."""
    if partie not in AUTRE_PILOTE:
        return false()
    return exists().where(
        ConventionClassement.convention_id == Convention.id, ConventionClassement.partie != partie
    )


def echeance_entre(debut: date | None, fin: date | None) -> Condition:
    """The line's next deadline falls between two days: its end once signed, its target date before."""

    def entre(colonne: Any) -> list[Condition]:
        bornes = [colonne >= debut] if debut else []
        return [*bornes, colonne <= fin] if fin else bornes

    return or_(
        and_(signee(), *entre(Convention.fin_effective)), and_(ouverte(), *entre(Convention.date_cible))
    )


def a_un_compte(partie: Partie) -> Condition:
    """Someone may decide for the State or the SIAO of the line (`policies`): an account in force is there."""
    etat = and_(Adhesion.profil.in_(ETAT), Adhesion.departement_code == Convention.departement_code)
    siao = and_(Adhesion.profil.in_(SIAO), Adhesion.organisation_id == Convention.siao_id)
    return (
        select(Adhesion.id)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(
            etat if partie is Partie.ETAT else siao,
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .correlate(Convention)
        .exists()
    )
