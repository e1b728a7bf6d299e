"""How long data are kept: told beforehand, erased past the term; the dry run says what the real one does."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.cli import register
from portal.config import Settings
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import conservation, parametres
from portal.grilles.fin_de_vie.conservation import Etape, Objet, dernier_echu, premier_jour
from portal.grilles.fin_de_vie.menage import conserver
from portal.grilles.fin_de_vie.models import PreavisEffacement, PreuveEffacement
from portal.grilles.menages import service as menages
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.notifications.models import MessageSortant
from portal.organisations.models import Parametre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.factories import INSTANT
from tests.grilles_remplies import remplir
from tests.menages import Scene, ouvrir, vue


def later(clock: FixedClock, jour: date) -> None:
    """Move the clock to 10:00 in Paris on a day."""
    clock.instant = INSTANT + timedelta(days=(jour - INSTANT.date()).days)


def run(
    database: Database, clock: FixedClock, storage: Storage, *, real: bool = True
) -> tuple[int, int, int]:
    bilan = conservation.passer(database, clock, storage, pour_de_vrai=real)
    return bilan.prevenus, bilan.menages, bilan.brouillons


def codes(session: Session) -> list[str]:
    session.commit()
    return list(session.scalars(select(Menage.code).order_by(Menage.id)))


def test_the_last_day_is_in_and_the_ends_of_months_are_right() -> None:
    """Case 30: two years and a day."""
    assert premier_jour(date(2024, 3, 1), 24) == date(2026, 3, 2)
    assert premier_jour(date(2024, 2, 29), 24) == date(2026, 3, 1)
    assert premier_jour(date(2025, 8, 31), 6) == date(2026, 3, 1)
    for mois in (1, 3, 6, 24):
        for decalage in range(400):
            jour = date(2026, 1, 1) + timedelta(days=decalage)
            last = dernier_echu(jour, mois)
            assert premier_jour(last, mois) <= jour < premier_jour(last + timedelta(days=1), mois)


def test_a_household_is_told_of_a_month_before_then_erased(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    term = premier_jour(scene.menage.dernier_contact_le, 24)
    later(clock, term - timedelta(days=31))
    assert run(database, clock, storage) == (0, 0, 0)
    later(clock, term - timedelta(days=30))
    assert run(database, clock, storage) == (1, 0, 0)
    assert run(database, clock, storage) == (0, 0, 0)  # told once
    later(clock, term - timedelta(days=1))
    assert run(database, clock, storage) == (0, 0, 0)
    later(clock, term)
    assert run(database, clock, storage) == (0, 1, 0)
    assert codes(session) == []
    assert session.scalars(select(PreuveEffacement.motif)).all() == ["duree"]


def test_the_e_mail_says_when_and_names_no_household(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    ouvrir(session, clock, scene.travailleur)
    session.commit()
    later(clock, date(2028, 2, 10))
    assert run(database, clock, storage) == (2, 0, 0)
    message = session.scalars(select(MessageSortant)).one()
    assert message.destinataire == scene.travailleur.email
    assert message.sujet.startswith("2 ménages que vous accompagnez")
    assert "11 mars 2028" in message.corps
    assert "/menages/conservation" in message.corps
    assert scene.menage.code not in message.corps
    assert "Kerfictif" not in message.corps


def test_nobody_is_erased_without_having_been_told(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    """A worker stopped for years: the notice comes first, then its thirty days."""
    later(clock, date(2030, 1, 1))
    assert run(database, clock, storage) == (1, 0, 0)
    later(clock, date(2030, 1, 30))
    assert run(database, clock, storage) == (0, 0, 0)
    later(clock, date(2030, 1, 31))
    assert run(database, clock, storage) == (0, 1, 0)


def test_a_new_contact_puts_everything_off(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    later(clock, date(2028, 2, 20))
    assert run(database, clock, storage) == (1, 0, 0)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.contact(session, clock, scene.travailleur, vise, date(2028, 2, 20), version=scene.menage.version)
    session.commit()
    later(clock, date(2028, 6, 1))
    assert run(database, clock, storage) == (0, 0, 0)
    later(clock, date(2030, 2, 21))
    assert run(database, clock, storage) == (1, 0, 0)  # told anew: the former notice counts no more


def test_the_dry_run_writes_nothing_and_says_what_the_real_one_does(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    remplir(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage))
    second = ouvrir(session, clock, scene.travailleur)
    session.commit()
    for jour in (date(2026, 5, 10), date(2026, 6, 12), date(2028, 2, 3), date(2028, 3, 5), date(2028, 3, 6)):
        later(clock, jour)
        before = (codes(session), session.scalars(select(PreavisEffacement.id)).all())
        dry = run(database, clock, storage, real=False)
        assert (codes(session), session.scalars(select(PreavisEffacement.id)).all()) == before
        assert run(database, clock, storage) == dry, jour
    assert second.code not in codes(session)


def test_an_unfinished_grid_goes_after_three_months_without_a_word(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    remplir(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage))
    session.commit()
    later(clock, date(2026, 5, 4))  # 2 June is the last day; a month before it
    assert run(database, clock, storage) == (1, 0, 0)
    later(clock, date(2026, 6, 2))
    assert run(database, clock, storage) == (0, 0, 0)
    later(clock, date(2026, 6, 3))
    assert run(database, clock, storage) == (0, 0, 1)
    session.commit()
    assert session.scalars(select(GrilleAcces.id)).all() == []
    assert codes(session) == [scene.menage.code]


def test_writing_in_a_section_is_enough_to_keep_a_grid(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    remplir(session, clock, scene.travailleur, vise)
    session.commit()
    later(clock, date(2026, 5, 20))
    remplir(session, clock, scene.travailleur, vise, {"D": {"D2__reponse": ["autonome"]}})
    session.commit()
    later(clock, date(2026, 7, 1))
    assert run(database, clock, storage, real=False) == (0, 0, 0)


def test_a_departement_chooses_how_long(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    for parametre, valeur in ((parametres.CONSERVATION_MOIS, "12"), (parametres.PREAVIS_JOURS, "10")):
        session.add(Parametre(cle=parametre.key, departement_code="22", valeur=valeur))
    ouvrir(session, clock, scene.ailleurs)  # in the 35, where nothing was chosen
    session.commit()
    later(clock, date(2027, 2, 21))
    assert run(database, clock, storage) == (1, 0, 0)
    later(clock, date(2027, 3, 3))
    assert run(database, clock, storage) == (0, 1, 0)
    assert len(codes(session)) == 1


def test_where_the_siao_erases_itself_nothing_goes_alone(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    session.add(Parametre(cle=parametres.AUTOMATIQUE.key, departement_code="22", valeur="non"))
    session.commit()
    later(clock, date(2028, 3, 3))
    run(database, clock, storage)
    later(clock, date(2028, 4, 3))
    assert run(database, clock, storage) == (0, 0, 0)
    [one] = conservation.echeances(session, clock)
    assert (one.etape, one.objet, one.code) == (Etape.A_EFFACER, Objet.MENAGE, scene.menage.code)
    conservation.effacer_echu(session, clock, storage, scene.siao_direction, scene.menage.ref)
    session.commit()
    assert codes(session) == []


def test_who_may_erase_what_is_past_its_term(
    database: Database, session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    ref = scene.menage.ref
    with pytest.raises(DomainError, match="pas_au_terme"):
        conservation.effacer_echu(session, clock, storage, scene.siao_direction, ref)
    with pytest.raises(Forbidden):
        conservation.effacer_echu(session, clock, storage, scene.travailleur, ref)
    for stranger in (scene.agent, scene.bailleur_referent, scene.exterieur, scene.administrateur):
        with pytest.raises(NotVisible):
            conservation.effacer_echu(session, clock, storage, stranger, ref)


def test_what_changes_between_the_look_and_the_act_is_kept(
    database: Database,
    session: Session,
    clock: FixedClock,
    storage: Storage,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A contact is written after the run chose the household, before it erases it."""
    later(clock, date(2030, 1, 1))
    run(database, clock, storage)
    later(clock, date(2030, 3, 1))
    real = conservation._effacer

    def slow(*arguments: object) -> bool:
        session.execute(update(Menage).values(dernier_contact_le=date(2030, 2, 28)))
        session.commit()
        return real(*arguments)  # type: ignore[arg-type]  # its own

    monkeypatch.setattr(conservation, "_effacer", slow)
    assert run(database, clock, storage) == (0, 0, 0)
    assert codes(session) == [scene.menage.code]


def test_the_worker_does_it_each_day(
    database: Database, session: Session, clock: FixedClock, settings: Settings, scene: Scene
) -> None:
    later(clock, date(2030, 1, 1))
    conserver(database, clock, settings)
    later(clock, date(2030, 2, 1))
    conserver(database, clock, settings)
    assert codes(session) == []


def test_the_command_counts_first(
    app: Flask,
    session: Session,
    clock: FixedClock,
    settings: Settings,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions, "portail_settings", settings)
    register(app)
    command = app.test_cli_runner().invoke
    later(clock, date(2030, 1, 1))
    counted = command(args=["menages", "effacer"])
    assert "préavis : 1 ; ménages effacés : 0" in counted.output
    assert "rien n’est écrit" in counted.output
    assert command(args=["menages", "effacer", "--pour-de-vrai"]).output.startswith("préavis : 1 ;")
    later(clock, date(2030, 2, 1))
    assert "ménages effacés : 1" in command(args=["menages", "effacer"]).output
    assert codes(session) == [scene.menage.code]
    assert "ménages effacés : 1" in command(args=["menages", "effacer", "--pour-de-vrai"]).output
    assert codes(session) == []


def test_what_a_former_backup_brought_back_is_erased_again_by_its_code(
    app: Flask,
    session: Session,
    settings: Settings,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions, "portail_settings", settings)
    register(app)
    command = app.test_cli_runner().invoke
    code = scene.menage.code
    assert command(args=["menages", "effacer", "--code", code]).output == "à effacer : 1\n"
    assert codes(session) == [code]
    done = command(args=["menages", "effacer", "--code", code, "--code", "M-AUTRE", "--pour-de-vrai"])
    assert done.output == "ménages effacés de nouveau : 1\n"
    assert codes(session) == []
