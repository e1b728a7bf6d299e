"""Nothing of an erased household is left: no row, no file, no job, no message; a proof without content."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import Text, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.documents.storage import CHUNK, Storage, _decrypted
from portal.grilles.fin_de_vie import effacement, perimetre
from portal.grilles.fin_de_vie.models import DemandeMenage, PreuveEffacement
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.security.coffre import Illisible, coffre
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError
from portal.tables import CHIFFREES, metadata
from tests.integration.fin_de_vie.conftest import MOT
from tests.monde_menages import MenageMeuble

TABLES = {
    "menage",
    "menage_adulte",
    "menage_acces",
    "menage_lecture",
    "menage_preavis",
    "menage_recu",
    "menage_remarque",
    "grille_acces",
    "grille_rappel",
    "grille_section",
    "autorisation",
    "autorisation_adulte",
    "transmission",
    "transmission_suite",
    "dossier",
    "dossier_avis",
    "dossier_deport",
    "dossier_note",
    "decision",
    "decision_prescription",
    "decision_recours",
    "seance_invite_dossier",
    "seance_passage",
}
"""Everything that may hold something of a household and goes away with it."""

RESTENT = {"menage_demande", "menage_effacement", "menage_relais"}
"""What outlives it, without its content: the request, the proof; who stood in for whom names no household."""


def test_the_list_of_what_holds_a_household_is_complete() -> None:
    """A table that depends on a household is found by its foreign key, and is thought of here."""
    assert set(perimetre.tables()) == TABLES


def test_nothing_that_depends_on_a_household_keeps_it_from_being_erased() -> None:
    for table in metadata.sorted_tables:
        for one in perimetre._etrangeres(table):
            if one.target in TABLES:
                assert one.ondelete in ("CASCADE", "SET NULL"), f"{table.name}.{one.parent.name}"


def test_what_is_encrypted_of_a_household_goes_or_is_emptied() -> None:
    """An encrypted column stands in a table that goes, or is known to be emptied by its room."""
    emptied = {"menage_demande", "seance_conduite", "seance_releve", "seance_releve_commentaire", "personne"}
    assert set(CHIFFREES) <= TABLES | emptied


def test_every_long_text_kept_of_a_household_is_among_the_encrypted_columns() -> None:
    """A text without length holds what someone says of a household: encrypted, and turned with the keys."""
    for name in {*TABLES, *CHIFFREES, *RESTENT}:
        texts = {c.name for c in metadata.tables[name].c if type(c.type) is Text}
        assert texts <= set(CHIFFREES.get(name, ())), name
        assert set(CHIFFREES.get(name, ())) <= {c.name for c in metadata.tables[name].c}, name


def everything(session: Session, storage: Storage) -> Iterator[tuple[str, str]]:
    """Yield each value of each row of each table, decrypted when it can be, and each file's content."""
    for table in metadata.sorted_tables:
        for row in session.execute(select(table)).all():
            for column, value in zip(table.c, row, strict=True):
                yield f"{table.name}.{column.name}", str(value)
                yield f"{table.name}.{column.name} decrypted", opened(session, value)
    for path in sorted(p for p in storage.settings.var_dir.rglob("*") if p.is_file()):
        yield path.name, path.read_bytes().decode(errors="replace")
        try:
            with path.open("rb") as handle:
                clear = b"".join(_decrypted(handle, storage.cipher))
        except (DomainError, InvalidToken):
            continue
        assert len(clear) < CHUNK
        yield f"{path.name} decrypted", clear.decode(errors="replace")


def opened(session: Session, value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("gAAAA"):
        return ""
    try:
        return str(coffre(session).ouvrir(value))
    except (Illisible, ValueError):
        return ""


def found(session: Session, storage: Storage, *words: str) -> set[str]:
    """Return where any of the words still stands."""
    session.expire_all()
    return {where for where, text in everything(session, storage) if any(word in text for word in words)}


def erase(session: Session, clock: FixedClock, storage: Storage, menage: Menage) -> PreuveEffacement:
    preuve = effacement.effacer(session, clock, storage, menage, effacement.DUREE)
    session.commit()
    return preuve


def test_the_search_itself_finds_what_is_there(
    session: Session, storage: Storage, meuble: MenageMeuble
) -> None:
    """Before the erasure each encrypted column, and each file, gives its canary."""
    where = found(session, storage, MOT)
    for table in ("menage", "menage_adulte", "menage_acces", "grille_section", "autorisation_adulte"):
        assert any(place.startswith(f"{table}.") for place in where), table
    for table in ("menage_remarque", "transmission", "transmission_suite", "menage_demande"):
        assert any(place.startswith(f"{table}.") for place in where), table
    clear = {place for place in where if not place.endswith("decrypted")}
    assert clear == set()  # at rest, nothing is in clear
    assert sum("." not in place.removesuffix(" decrypted") for place in where) == 3  # two papers, a copy


def test_nothing_is_left(session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble) -> None:
    menage = meuble.menage
    code, refs = menage.code, perimetre.du_menage(session, menage.id).refs
    assert len(refs) > 10
    preuve = erase(session, clock, storage, menage)
    assert found(session, storage, MOT) == set()
    left = {place.split(".")[0] for place in found(session, storage, *refs)}
    assert left <= {"journal"}  # its own entries, without content
    assert [p for p in storage.folder.rglob("*") if p.is_file()] == []
    assert {place.split(".")[0] for place in found(session, storage, code)} <= RESTENT
    assert preuve.comptes["grille_section"] == 12
    assert preuve.comptes["fichiers"] == 3
    assert preuve.comptes["travail"] == preuve.comptes["message_sortant"] == 1
    assert preuve.par == "Portail"


def test_the_request_outlives_it_without_its_words(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble
) -> None:
    code = meuble.menage.code
    erase(session, clock, storage, meuble.menage)
    demande = session.scalars(select(DemandeMenage)).one()
    assert (demande.menage_id, demande.code) == (None, code)
    assert (demande.detail, demande.reponse, demande.fichier_id) == ("", "", None)


def test_another_household_keeps_everything(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble, scene: Any
) -> None:
    other = perimetre.du_menage(session, scene.menage.id)
    erase(session, clock, storage, meuble.menage)
    assert perimetre.du_menage(session, scene.menage.id) == other


def test_a_rollback_keeps_rows_and_files(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble
) -> None:
    before = found(session, storage, MOT)
    effacement.effacer(session, clock, storage, meuble.menage, effacement.DUREE)
    session.rollback()
    assert found(session, storage, MOT) == before


def test_one_draft_goes_alone(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble
) -> None:
    effacement.effacer_brouillon(session, clock, storage, meuble.objets["brouillon"])
    session.commit()
    assert session.scalars(select(GrilleAcces.numero)).all() == [1]
    assert session.get(Menage, meuble.menage.id) is not None
    assert session.scalars(select(PreuveEffacement.motif)).all() == [effacement.BROUILLON]


def test_the_journal_says_who_erased_and_nothing_of_what(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble, scene: Any
) -> None:
    effacement.effacer(session, clock, storage, meuble.menage, effacement.DEMANDE, actor=scene.siao_direction)
    session.commit()
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "menages:menage:effacer")
    ).one()
    assert entry.changements == {"motif": "demande"}
    assert entry.personne_id == scene.siao_direction.personne_id


@pytest.mark.parametrize("kept", ["Portail", "signed"])
def test_a_frozen_grid_is_still_frozen_for_anyone_else(
    session: Session, clock: FixedClock, storage: Storage, meuble: MenageMeuble, kept: str
) -> None:
    """The way out of the triggers closes with the erasure."""
    if kept == "signed":
        effacement.effacer_brouillon(session, clock, storage, meuble.objets["brouillon"])
    with pytest.raises(Exception, match="frozen"):
        session.execute(GrilleAcces.__table__.delete())  # type: ignore[attr-defined]  # a table, not a mapper
