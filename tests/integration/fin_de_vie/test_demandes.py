"""A household's requests about its data: received, followed within a month, answered or refused."""

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.config import Settings
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import copie, demandes, queries, travaux
from portal.grilles.fin_de_vie.enums import GenreDemande, StatutDemande
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages.models import Menage
from portal.jobs.runner import run_due
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared import attentes
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.fin_de_vie.conftest import MOT
from tests.menages import Scene, vue
from tests.monde_menages import MenageMeuble

JOUR = date(2026, 3, 2)


def recevoir(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    genre: GenreDemande,
    detail: str = "",
    *,
    actor: Actor | None = None,
    le: date = JOUR,
    key: str = "",
) -> DemandeMenage:
    actor = actor or scene.travailleur
    vise = vue(session, clock, actor, scene.menage)
    made = demandes.recevoir(session, clock, actor, vise, genre, le, detail, key=key)
    session.commit()
    return made


def test_only_the_siao_of_its_departement_may_erase(scene: Scene, actor_for: Callable[..., Actor]) -> None:
    """Whatever else would let another read it, the act itself looks at whose household it is."""
    ailleurs = actor_for(Profil.SIAO_DIRECTION)
    assert can(scene.siao_direction, Permission.MENAGES_EFFACER, scene.menage)
    for departements, permis in ((("22", "35"), True), (("35",), False)):
        actor = replace(ailleurs, departement_code="35", departements=departements)
        assert can(actor, Permission.MENAGES_EFFACER, scene.menage) is permis


def test_the_month_runs_from_the_day_it_was_received(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.ACCES, le=date(2026, 1, 31))
    assert made.echeance == date(2026, 2, 28)
    assert made.statut is StatutDemande.RECUE


def test_what_it_says_is_encrypted(session: Session, clock: FixedClock, scene: Scene) -> None:
    made = recevoir(session, clock, scene, GenreDemande.RECTIFICATION, "Mon nom s’écrit Kerfictiv")
    assert "Kerfictiv" not in made.detail
    lue = queries.demande(session, clock, scene.travailleur, made.ref)
    assert lue.detail == "Mon nom s’écrit Kerfictiv"
    journal = session.scalars(select(EntreeJournal.changements).order_by(EntreeJournal.id)).all()
    assert "Kerfictiv" not in str(journal)


@pytest.mark.parametrize(
    ("genre", "le", "code"),
    [
        (GenreDemande.ACCES, date(2026, 3, 3), "fin_de_vie.recue_le"),
        (GenreDemande.ACCES, date(2025, 3, 1), "fin_de_vie.recue_le"),
        (GenreDemande.RECTIFICATION, JOUR, "fin_de_vie.detail"),
    ],
)
def test_what_is_missing_is_said(
    session: Session, clock: FixedClock, scene: Scene, genre: GenreDemande, le: date, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        recevoir(session, clock, scene, genre, le=le)
    assert refused.value.code == code


def test_ten_clicks_make_one_and_the_same_is_not_asked_twice(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    once = recevoir(session, clock, scene, GenreDemande.ACCES, key="abcdefghijkl")
    again = recevoir(session, clock, scene, GenreDemande.ACCES, key="abcdefghijkl")
    assert once.id == again.id
    with pytest.raises(DomainError, match="deja_recue"):
        recevoir(session, clock, scene, GenreDemande.ACCES, key="mnopqrstuvwx")
    recevoir(session, clock, scene, GenreDemande.EFFACEMENT)


def test_who_follows_it(session: Session, clock: FixedClock, scene: Scene) -> None:
    made = recevoir(session, clock, scene, GenreDemande.ACCES)
    for reader in (scene.travailleur, scene.siao_direction, scene.mission_logement):
        assert queries.demande(session, clock, reader, made.ref).demande.id == made.id
        assert [row.ref for row in queries.demandes(session, clock, reader)] == [made.ref]
    others = (scene.collegue, scene.exterieur, scene.agent, scene.bailleur_referent, scene.administrateur)
    for stranger in (*others, scene.direction, scene.ailleurs):
        with pytest.raises(NotVisible):
            queries.demande(session, clock, stranger, made.ref)
        assert queries.demandes(session, clock, stranger) == []


def test_an_answer_is_written_once(session: Session, clock: FixedClock, scene: Scene) -> None:
    made = recevoir(session, clock, scene, GenreDemande.RECTIFICATION, "Deux enfants et non trois")
    with pytest.raises(DomainError, match="reponse"):
        demandes.faire(session, clock, scene.travailleur, made, " ", version=made.version)
    demandes.faire(session, clock, scene.travailleur, made, "Corrigé avec elle", version=made.version)
    session.commit()
    assert made.statut is StatutDemande.FAITE
    assert made.traitee_par.startswith(scene.travailleur.nom)
    with pytest.raises(DomainError, match="deja_traitee"):
        demandes.faire(session, clock, scene.travailleur, made, "Encore", version=made.version)
    with pytest.raises(StaleVersion):
        demandes.faire(session, clock, scene.travailleur, made, "Encore", version=1)


def test_only_the_siao_refuses_and_gives_its_reason(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.EFFACEMENT)
    motif = "Un recours est en cours : les données servent à le défendre."
    with pytest.raises(Forbidden):
        demandes.refuser(session, clock, scene.travailleur, made, motif, version=made.version)
    with pytest.raises(DomainError, match="motif"):
        demandes.refuser(session, clock, scene.siao_direction, made, "non", version=made.version)
    demandes.refuser(session, clock, scene.siao_direction, made, motif, version=made.version)
    session.commit()
    lue = queries.demande(session, clock, scene.travailleur, made.ref)
    assert (lue.demande.statut, lue.reponse) == (StatutDemande.REFUSEE, motif)


def test_an_erasure_asks_for_the_code_and_leaves_the_request(
    session: Session, clock: FixedClock, storage: Storage, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.EFFACEMENT, "Je veux partir")
    code = scene.menage.code
    act = lambda actor, typed: demandes.executer(  # noqa: E731  (told in one line below)
        session, clock, storage, actor, made, typed, version=made.version
    )
    with pytest.raises(Forbidden):
        act(scene.travailleur, code)
    with pytest.raises(DomainError, match="code"):
        act(scene.siao_direction, "M-AUTRE")
    with pytest.raises(DomainError, match="par_effacement"):
        demandes.faire(session, clock, scene.siao_direction, made, "Fait", version=made.version)
    act(scene.siao_direction, code.lower())
    session.commit()
    assert session.scalars(select(Menage.id)).all() == []
    lue = queries.demande(session, clock, scene.siao_direction, made.ref)
    assert (lue.menage, lue.detail, lue.demande.statut) == (None, "", StatutDemande.FAITE)
    with pytest.raises(NotVisible):
        queries.demande(session, clock, scene.travailleur, made.ref)
    assert [one.motif for one in queries.preuves(session, scene.siao_direction)] == ["demande"]
    assert queries.preuves(session, scene.travailleur) == []


def test_it_waits_in_what_is_to_be_done_and_the_late_ones_are_counted(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    recevoir(session, clock, scene, GenreDemande.ACCES, le=date(2026, 1, 15))
    recevoir(session, clock, scene, GenreDemande.RECTIFICATION, "Le numéro", le=date(2026, 2, 2))
    for actor, expected in (
        (scene.travailleur, (2, 1)),
        (scene.siao_direction, (2, 1)),
        (scene.collegue, (0, 0)),
        (scene.agent, (0, 0)),
    ):
        lues = attentes.lire(session, queries.attentes(clock, actor))
        seen = (attentes.nombre(lues, queries.A_TRAITER), attentes.nombre(lues, queries.EN_RETARD))
        assert seen == expected


def texte(octets: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(octets)).pages)


def test_the_copy_holds_everything_in_words(
    session: Session, clock: FixedClock, meuble: MenageMeuble
) -> None:
    document = copie.composer(session, clock, meuble.menage)
    dit = "\n".join(bloc.texte for bloc in document.blocs)
    for mot in (
        "nom",
        "prenomb",
        "prenomc",
        "representant",
        "sisiao",
        "numero",
        "reponse",
        "remarque",
        "suite",
        "motif",
        "detail",
    ):
        assert f"{MOT}{mot}" in dit, mot
    assert "1 234,56 €" in dit
    assert "01/06/2025" in dit
    assert ", le 02/03/2026)" in dit  # a computed value, with its formula and its day
    assert JOUR.isoformat() not in dit
    assert "Qui a lu vos données" in dit
    assert "La fiche du ménage" in dit
    assert "signature" not in document.titre
    assert MOT not in document.titre + document.sous_titre + document.pied  # the code alone


def test_the_copy_is_made_by_the_worker_encrypted_and_forgotten_after_a_month(
    database: Database, session: Session, clock: FixedClock, settings: Settings, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.ACCES)
    travail = demandes.preparer_copie(session, clock, scene.travailleur, made, version=made.version)
    session.commit()
    assert travail.parametres == {"demande": made.ref}
    run_due(database, clock, settings, threading.Event())
    session.refresh(made)
    storage = Storage(settings)
    assert made.fichier is not None
    assert made.fichier.nom == "copie-de-mes-donnees.pdf"
    assert b"%PDF" not in (settings.files_path / made.fichier.chemin).read_bytes()
    lu = texte(storage.read(made.fichier))
    assert "Maëlle KERFICTIF" in lu
    session.refresh(travail)
    assert travail.fichier_id is None  # read through the request, whose reader is checked each time
    path = settings.files_path / made.fichier.chemin
    clock.instant = clock.instant.replace(month=4, day=10)
    assert travaux.oublier(session, clock, storage) == 1
    session.commit()
    assert not path.exists()


def test_a_household_erased_meanwhile_gives_no_copy(
    database: Database, session: Session, clock: FixedClock, settings: Settings, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.ACCES)
    demandes.preparer_copie(session, clock, scene.travailleur, made, version=made.version)
    session.execute(Menage.__table__.delete())  # type: ignore[attr-defined]  # a table, not a mapper
    session.commit()
    run_due(database, clock, settings, threading.Event())
    assert not any(p.is_file() for p in settings.files_path.rglob("*"))
    session.refresh(made)
    assert made.fichier_id is None
