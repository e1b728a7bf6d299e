"""Who sees a household: its own worker, who stands in, the SIAO; nobody else (domaine.md § 10.2)."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.grilles.menages import crochets, identites, queries, service
from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage, Relais
from portal.organisations.models import Parametre
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import NotVisible
from tests.menages import Scene, vue


def voit(session: Session, clock: FixedClock, actor: Actor, menage: Menage) -> Lien | None:
    try:
        return vue(session, clock, actor, menage).lien
    except NotVisible:
        return None


ATTENDU = {
    "travailleur": Lien.REFERENT,
    "siao_direction": Lien.SIAO,
    "mission_logement": Lien.SIAO,
}


def test_each_profile_sees_the_household_or_not(session: Session, clock: FixedClock, scene: Scene) -> None:
    seen = {nom: voit(session, clock, actor, scene.menage) for nom, actor in scene.tous.items()}
    assert {nom: lien for nom, lien in seen.items() if lien} == ATTENDU


def test_without_a_ctp_in_force_the_worker_sees_nothing_and_the_siao_still_does(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    scene.ctp.fin_effective = date(2026, 3, 1)
    session.flush()
    assert voit(session, clock, scene.travailleur, scene.menage) is None
    assert voit(session, clock, scene.siao_direction, scene.menage) is Lien.SIAO
    scene.ctp.fin_effective = date(2026, 3, 2)
    session.flush()
    assert voit(session, clock, scene.travailleur, scene.menage) is Lien.REFERENT


@pytest.mark.parametrize(("code", "ouvert"), [("22", True), (None, True), ("35", False)])
def test_a_departement_may_ask_for_no_ctp(
    session: Session, clock: FixedClock, scene: Scene, code: str | None, ouvert: bool
) -> None:
    scene.ctp.fin_effective = date(2026, 1, 1)
    session.add(Parametre(cle="menages.ctp_exigee", departement_code=code, valeur="non"))
    session.flush()
    assert (voit(session, clock, scene.travailleur, scene.menage) is not None) is ouvert
    assert queries.ouverts(session, clock, scene.travailleur) == (["22"] if ouvert else [])


def test_who_stands_in_sees_it_for_those_days_alone(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    session.add(
        Relais(
            organisation_id=scene.operateur.id,
            absent_id=scene.travailleur.personne_id,
            relais_id=scene.collegue.personne_id,
            du=date(2026, 3, 3),
            au=date(2026, 3, 4),
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    )
    session.flush()
    seen = []
    for jour in (2, 3, 4, 5):
        clock.instant = clock.instant.replace(day=jour)
        seen.append(voit(session, clock, scene.collegue, scene.menage))
    assert seen == [None, Lien.RELAIS, Lien.RELAIS, None]


def test_names_are_nowhere_in_clear(session: Session, clock: FixedClock, scene: Scene) -> None:
    assert identites.designation(session, scene.menage) == "Maëlle KERFICTIF, Yann LE FICTIF-COZ"
    stored = str([vars(un) for un in (scene.menage, *scene.menage.adultes)])
    for clear in ("Kerfictif", "KERFICTIF", "Maëlle", "1990-05-12", "022032600123410200", "SI-22-4471"):
        assert clear not in stored


def test_the_protected_circuit_keeps_no_name_and_tells_the_other_rooms(
    session: Session, clock: FixedClock, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(crochets, "_compositions", [lambda s, c, a, m: told.append(m.code)])
    seen = vue(session, clock, scene.travailleur, scene.menage)
    service.proteger(session, clock, scene.travailleur, seen, "SI-22-4471", version=scene.menage.version)
    assert told == [scene.menage.code]
    assert identites.designation(session, scene.menage) == scene.menage.code
    assert scene.menage.numero_unique == ""
    assert all(un.identite == "" and un.cle is None and un.nom_cle is None for un in scene.menage.adultes)
    assert identites.reference_si_siao(session, scene.menage) == "SI-22-4471"
