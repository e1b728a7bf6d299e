"""The rules in SQL agree with the rules in Python, over generated lines, on both engines."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, aliased

from portal.conventions import expressions, regles
from portal.conventions.enums import OUVERTS, Etat, Statut
from portal.conventions.models import Convention
from tests.factories import INSTANT

COUPLES = 12
ORIGINE = date(2026, 12, 31)
JOURS = st.integers(-800, 800).map(lambda n: ORIGINE + timedelta(days=n))
DUREES = st.integers(0, 900)


@st.composite
def couple(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The chain of one pair: signed lines, cut by the next or by a termination, then perhaps an open one."""
    lignes: list[dict[str, Any]] = []
    debut = draw(JOURS)
    for _ in range(draw(st.integers(0, 3))):
        fin = debut + timedelta(days=draw(DUREES))
        resiliation = draw(st.none() | st.integers(1, 400).map(lambda n, d=debut: d + timedelta(days=n)))
        if resiliation is not None and resiliation > fin:
            resiliation = None
        lignes.append(
            {"statut": Statut.SIGNEE, "date_effet": debut, "date_fin": fin, "resiliation": resiliation}
        )
        debut = max(debut + timedelta(days=1), fin + timedelta(days=draw(st.integers(-200, 200))))
    if draw(st.booleans()) or not lignes:
        lignes.append({"statut": draw(st.sampled_from([*OUVERTS, Statut.SANS_OBJET]))})
    for ligne, apres in zip(lignes, [*lignes[1:], {}], strict=True):
        ligne["date_cible"] = draw(JOURS)
        if ligne["statut"] is Statut.SIGNEE:
            ligne["fin"] = regles.fin_effective(
                ligne["date_fin"], ligne["resiliation"], apres.get("date_effet")
            )
    return lignes


@pytest.fixture
def parties(factories: SimpleNamespace, session: Session) -> dict[str, Any]:
    modele = factories.Convention()
    operateurs = [factories.Organisation() for _ in range(COUPLES)]
    session.execute(delete(Convention))
    session.commit()
    return {"siao": modele.siao_id, "etat": modele.etat_id, "operateurs": [o.id for o in operateurs]}


def inserer(session: Session, parties: dict[str, Any], couples: list[list[dict[str, Any]]]) -> None:
    session.execute(delete(Convention).where(Convention.remplace_id.is_not(None)))
    session.execute(delete(Convention))
    numero = 0
    for operateur_id, lignes in zip(parties["operateurs"], couples, strict=False):
        for rang, ligne in enumerate(lignes):
            numero += 1
            fermee = ligne["statut"] is Statut.SANS_OBJET
            session.execute(
                insert(Convention).values(
                    id=numero,
                    departement_code="22",
                    operateur_id=operateur_id,
                    siao_id=parties["siao"],
                    etat_id=parties["etat"],
                    statut=ligne["statut"],
                    statut_depuis=INSTANT,
                    date_cible=ligne["date_cible"],
                    date_signature=ligne.get("date_effet"),
                    date_effet=ligne.get("date_effet"),
                    date_fin=ligne.get("date_fin"),
                    fin_effective=ligne.get("fin"),
                    resiliation_effet=ligne.get("resiliation"),
                    remplace_id=numero - 1 if rang and not fermee else None,
                    created_at=INSTANT,
                    updated_at=INSTANT,
                    operateur_tri="x",
                    texte_recherche="x",
                )
            )


@given(
    couples=st.lists(couple(), min_size=1, max_size=COUPLES),
    jours=st.lists(JOURS, min_size=1, max_size=4),
    delai=st.integers(30, 500),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_agree(
    session: Session,
    parties: dict[str, Any],
    couples: list[list[dict[str, Any]]],
    jours: list[date],
    delai: int,
) -> None:
    inserer(session, parties, couples)
    suivante = aliased(Convention)
    lignes = session.execute(
        select(
            Convention.id,
            Convention.statut,
            Convention.date_cible,
            Convention.date_effet,
            Convention.fin_effective,
            Convention.resiliation_effet,
            Convention.remplace_id,
            suivante.statut.label("suivante_statut"),
            suivante.date_effet.label("suivante_effet"),
        ).outerjoin(suivante, suivante.remplace_id == Convention.id)
    ).all()

    def ids(condition: Any) -> set[int]:
        return set(session.scalars(select(Convention.id).where(condition)))

    def python(predicat: Any) -> set[int]:
        return {ligne.id for ligne in lignes if predicat(ligne)}

    for jour in jours:
        for etat in Etat:
            attendu = python(lambda ligne, j=jour, e=etat: regles.etat(ligne, j) is e)
            assert ids(expressions.etat(etat, jour)) == attendu, etat
        for sql, predicat in (
            (expressions.en_vigueur(jour), lambda ligne, j=jour: regles.en_vigueur(ligne, j)),
            (
                expressions.a_renouveler(jour, delai),
                lambda ligne, j=jour: regles.a_renouveler(ligne, j, delai),
            ),
            (
                expressions.echue_sans_successeur(jour),
                lambda ligne, j=jour: regles.echue_sans_successeur(ligne, j),
            ),
            (expressions.en_retard(jour), lambda ligne, j=jour: bool(regles.retard(ligne, j))),
            (
                expressions.en_retard_propre(jour),
                lambda ligne, j=jour: regles.retard(ligne, j).propre > 0,
            ),
            (
                expressions.en_retard_national(jour),
                lambda ligne, j=jour: regles.retard(ligne, j).national > 0,
            ),
        ):
            assert ids(sql) == python(predicat)
        choisis = {Etat.PROJET, Etat.SUSPENDUE, Etat.ECHUE, Etat.REMPLACEE}
        assert ids(expressions.un_des_etats(choisis, jour)) == python(
            lambda ligne, j=jour, c=choisis: regles.etat(ligne, j) in c
        )
    # One line for each planned pair, one for each signed pair: renewals are never counted twice.
    signes = sum(any(x["statut"] is Statut.SIGNEE for x in lignes) for lignes in couples)
    prevus = sum(any(x["statut"] is not Statut.SANS_OBJET for x in lignes) for lignes in couples)
    assert len(ids(expressions.derniere_signee())) == len(ids(expressions.premiere_signee())) == signes
    assert len(ids(expressions.prevue())) == prevus
    session.rollback()


@given(debut=JOURS, fin=JOURS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_days_are_counted_alike(session: Session, parties: Any, debut: date, fin: date) -> None:
    inserer(session, parties, [[{"statut": Statut.A_ENGAGER, "date_cible": debut, "date_effet": fin}]])
    jours = session.scalar(select(expressions.jours_entre(Convention.date_cible, Convention.date_effet)))
    assert jours == (fin - debut).days
    session.rollback()
