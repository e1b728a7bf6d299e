"""The recalls of renewal: once at each threshold, to the parties, never twice, never for nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.comptes.models import Adhesion
from portal.conventions.alertes import rappeler
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Parametre
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock


def signed(factories: SimpleNamespace, end: date, **values: object) -> Convention:
    start = date(2022, 12, 12)
    line: Convention = factories.Convention(
        statut=Statut.SIGNEE, date_signature=start, date_effet=start, date_fin=end, **values
    )
    return line


def subjects(session: Session) -> list[tuple[str, str]]:
    return [
        (m.destinataire, m.sujet) for m in session.scalars(select(MessageSortant).order_by(MessageSortant.id))
    ]


@contextmanager
def lectures(session: Session) -> Iterator[list[str]]:
    """Note the statements that read, until the end of the block."""
    dites: list[str] = []

    def noter(_c: object, _cursor: object, dite: str, *_rest: object) -> None:
        if dite.lstrip().upper().startswith(("SELECT", "WITH")):
            dites.append(dite)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", noter)
    try:
        yield dites
    finally:
        event.remove(engine, "before_cursor_execute", noter)


def test_the_direction_is_written_to_once_at_each_threshold(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12))
    direction = actor_for(Profil.SIAO_DIRECTION, line.siao)
    for day in (date(2026, 9, 12), date(2026, 9, 13), date(2026, 9, 13), date(2026, 9, 14)):
        rappeler(session, clock, "22", day)
    [written] = subjects(session)
    assert written == (direction.email, f"À renouveler : {line.operateur.nom}, {line.siao.nom}")
    body = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first()
    assert body is not None
    assert "dans 90 jours" in body
    assert "12 décembre 2026" in body


def test_a_stopped_worker_catches_up_with_one_message(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    actor_for(Profil.SIAO_DIRECTION, signed(factories, date(2026, 12, 12)).siao)
    rappeler(session, clock, "22", date(2025, 12, 1))
    assert rappeler(session, clock, "22", date(2026, 9, 20)) == 1
    assert [subject.partition(" : ")[0] for _, subject in subjects(session)] == ["À renouveler"]


def test_each_party_is_written_to_where_its_person_in_charge_is_or_else_its_direction(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12))
    agent = actor_for(Profil.SIAO_REGULATEUR, line.siao)
    actor_for(Profil.SIAO_DIRECTION, line.siao)
    others = [actor_for(Profil.ETAT_PILOTE, line.etat), actor_for(Profil.OPERATEUR_DIRECTION, line.operateur)]
    line.responsable_id = agent.personne_id
    session.flush()
    rappeler(session, clock, "22", date(2026, 9, 12))
    assert rappeler(session, clock, "22", date(2026, 9, 13)) == 1
    assert {to for to, _subject in subjects(session)} == {agent.email, *(other.email for other in others)}


def test_someone_in_charge_who_has_left_is_written_to_no_more(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12))
    gone = actor_for(Profil.SIAO_REGULATEUR, line.siao)
    direction = actor_for(Profil.SIAO_DIRECTION, line.siao)
    line.responsable_id = gone.personne_id
    session.get_one(Adhesion, gone.adhesion_id).revoquee_le = clock.now()
    session.flush()
    rappeler(session, clock, "22", date(2026, 9, 12))
    rappeler(session, clock, "22", date(2026, 9, 13))
    assert [to for to, _subject in subjects(session)] == [direction.email]


def test_an_open_renewal_is_recalled_until_it_is_signed(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    mother = signed(factories, date(2026, 12, 12))
    actor_for(Profil.SIAO_DIRECTION, mother.siao)
    suite = {"operateur": mother.operateur, "siao": mother.siao, "etat": mother.etat}
    daughter = factories.Convention(**suite, remplace_id=mother.id, statut=Statut.EN_NEGOCIATION)
    rappeler(session, clock, "22", date(2026, 9, 12))
    assert rappeler(session, clock, "22", date(2026, 9, 13)) == 1
    body = session.scalars(select(MessageSortant.corps)).one()
    assert "Son renouvellement est ouvert, mais pas encore signé. Il en est là : en négociation." in body
    assert f"/conventions/{mother.ref}" in body
    daughter.statut = Statut.SIGNEE
    daughter.date_signature = daughter.date_effet = date(2026, 12, 13)
    daughter.date_fin = daughter.fin_effective = date(2030, 12, 12)
    session.flush()
    assert rappeler(session, clock, "22", date(2026, 11, 13)) == 0


def test_many_recalls_are_read_with_as_many_statements_as_one(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    actor_for(Profil.SIAO_DIRECTION, siao)
    rappeler(session, clock, "22", date(2026, 9, 1))
    lus: list[int] = []
    for lignes, jour in ((1, 10), (4, 20)):
        for _ in range(lignes):
            line = signed(factories, date(2026, 12, jour - 1), siao=siao)
            actor_for(Profil.OPERATEUR_DIRECTION, line.operateur)
            referent = Referent(
                organisation_id=siao.id,
                departement_code="22",
                fonction_code="referent_commission",
                tri="referent",
                texte_recherche="",
                poids_recherche="",
                created_at=clock.now(),
                updated_at=clock.now(),
            )
            session.add(referent)
            session.flush()
            line.responsable_fonction_id = referent.id
        session.flush()
        session.expire_all()
        with lectures(session) as dites:
            assert rappeler(session, clock, "22", date(2026, 9, jour)) == lignes
        lus.append(len(dites))
    assert lus[0] == lus[1]
    assert len(subjects(session)) == 2 * 5


def test_thresholds_are_those_of_the_departement(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12))
    actor_for(Profil.SIAO_DIRECTION, line.siao)
    session.add(Parametre(cle="conventions.alertes", departement_code="22", valeur="60"))
    session.flush()
    rappeler(session, clock, "22", date(2026, 9, 12))
    assert rappeler(session, clock, "22", date(2026, 9, 13)) == 0
    assert rappeler(session, clock, "22", date(2026, 10, 13)) == 1


def test_a_terminated_line_is_left_alone(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12), resiliation_effet=date(2026, 12, 13))
    actor_for(Profil.SIAO_DIRECTION, line.siao)
    rappeler(session, clock, "22", date(2026, 9, 12))
    assert rappeler(session, clock, "22", date(2026, 9, 13)) == 0
    assert subjects(session) == []
