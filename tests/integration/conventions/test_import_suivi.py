"""The follow-up that a département already has comes in, is previewed, applied, undone."""

import io
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.conventions import service
from portal.conventions.enums import Mode, Statut
from portal.conventions.import_suivi import travaux
from portal.conventions.import_suivi.analyse import Apercu, analyser
from portal.conventions.import_suivi.colonnes import COLONNES, Champ
from portal.conventions.import_suivi.ecriture import Bilan, appliquer
from portal.conventions.models import Convention
from portal.documents.exports import to_xlsx
from portal.documents.spreadsheets import Table, read_table
from portal.documents.storage import Storage
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.runner import run_due
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.integration.conventions.conftest import Parties

ENTETES = "Opérateur;SIREN;SIAO;Natures;Places;Mode;État;Date cible;Signature;Effet;Fin;Notes"


def csv(*lignes: str) -> bytes:
    return "\n".join([ENTETES, *lignes]).encode()


def table(*lignes: str) -> Table:
    return read_table(csv(*lignes), "suivi.csv")


Analyser = Callable[..., Apercu]


@pytest.fixture
def lire(session: Session, clock: FixedClock, parties: Parties) -> Analyser:
    """Return a function (lines of CSV) → preview."""

    def make(*lignes: str, actor: Actor | None = None, choix: dict[str, str] | None = None) -> Apercu:
        lue = table(*lignes)
        return analyser(session, clock, actor or parties.agent, lue, COLONNES.deviner(lue.headers), choix)

    return make


@pytest.fixture
def importer(session: Session, clock: FixedClock, parties: Parties, lire: Analyser) -> Callable[..., Bilan]:
    """Return a function (lines of CSV) → what importing them did."""

    def make(*lignes: str, tout: bool = True, **kwargs: Any) -> Bilan:
        apercu = lire(*lignes, **kwargs)
        return appliquer(session, clock, kwargs.get("actor") or parties.agent, apercu, None, tout=tout)

    return make


def sorts(apercu: Apercu) -> list[str]:
    return [ligne.sort.value for ligne in apercu.lignes]


def erreurs(apercu: Apercu) -> list[tuple[int, str, str]]:
    return [
        (ligne.lue.numero, e.champ.value if e.champ else "", e.code.removeprefix("conventions."))
        for ligne in apercu.lignes
        for e in ligne.lue.erreurs
    ]


def test_lines_come_in_with_all_they_say(
    session: Session, parties: Parties, importer: Callable[..., Bilan]
) -> None:
    bilan = importer(
        "Association L’Étoile d’Armor;;SIAO 22;RS + CHU;40+12;collectif;;;12/12/2022;;12/12/2026;Note",
        "Les Ajoncs;732829320;;RS;;;en négociation;30/09/2026;;;;",
    )
    assert (bilan.creees, len(bilan.operateurs)) == (2, 1)
    signee, ouverte = session.scalars(select(Convention).order_by(Convention.id))
    assert (signee.statut, signee.reprise, signee.mode) == (Statut.SIGNEE, True, Mode.COLLECTIF)
    assert (signee.date_signature, signee.date_effet, signee.fin_effective, signee.fin_tri) == (
        date(2022, 12, 12),
        date(2022, 12, 12),
        date(2026, 12, 12),
        date(2026, 12, 12),
    )
    assert {n.nature_code: n.places for n in signee.natures} == {"RS": 40, "CHU": 12}
    assert (signee.operateur_id, signee.etat_id, signee.notes) == (
        parties.operateur.id,
        parties.etat.id,
        "Note",
    )
    assert (ouverte.statut, ouverte.date_cible) == (Statut.EN_NEGOCIATION, date(2026, 9, 30))
    nouveau = ouverte.operateur
    assert (nouveau.nom, nouveau.siren, nouveau.nom_provisoire) == ("Les Ajoncs", "732829320", True)
    assert nouveau.type is TypeOrganisation.GESTIONNAIRE


def test_importing_again_changes_nothing(
    session: Session, lire: Analyser, importer: Callable[..., Bilan]
) -> None:
    lignes = (
        "Les Ajoncs;;;RS;;;;;12/12/2022;;12/12/2026;",
        "Les Bruyères;;;RS;;;à engager;;;;;",
    )
    importer(*lignes)
    assert sorts(lire(*lignes)) == ["deja", "deja"]
    assert importer(*lignes).deja == 2
    assert session.scalar(select(func.count(Convention.id))) == 2


def test_a_signed_line_signs_the_open_one(
    session: Session, parties: Parties, importer: Callable[..., Bilan], ouvrir: Callable[..., Convention]
) -> None:
    ligne = ouvrir()
    bilan = importer("Association L’Étoile d’Armor;;;RS;;;;;12/12/2022;;12/12/2026;")
    assert (bilan.creees, bilan.signees, list(bilan.reprises)) == (0, 1, [ligne.ref])
    assert (ligne.statut, ligne.reprise, ligne.date_fin) == (Statut.SIGNEE, True, date(2026, 12, 12))


def test_the_ctps_of_a_pair_are_linked_in_order(session: Session, importer: Callable[..., Bilan]) -> None:
    importer(
        "Les Ajoncs;;;;;;à engager;;;;;",
        "Les Ajoncs;;;;;;;;01/01/2024;;31/12/2027;",
        "Les Ajoncs;;;;;;;;01/01/2020;;31/12/2023;",
    )
    ouverte, recente, ancienne = session.scalars(select(Convention).order_by(Convention.id))
    assert (ancienne.remplace_id, recente.remplace_id, ouverte.remplace_id) == (
        None,
        ancienne.id,
        recente.id,
    )


@pytest.mark.parametrize(
    ("lignes", "attendues"),
    [
        (
            ["Les Ajoncs;;;;;;;;01/01/2024;;31/12/2027;", "LES AJONCS;;;;;;;;01/01/2024;;31/12/2027;"],
            [(3, "", "import_doublon")],
        ),
        (
            ["Les Ajoncs;;;;;;;;01/01/2024;;31/12/2027;", "Les Ajoncs;;;;;;;;01/01/2026;;31/12/2029;"],
            [(3, "date_effet", "import_chevauchement")],
        ),
        (["Les Ajoncs;;;;;;prévue;;;;;", "Les Ajoncs;;;;;;projet;;;;;"], [(3, "", "import_doublon")]),
        (["Les Ajoncs;;SIAO 35;;;;;;;;;"], [(2, "siao", "import_siao_inconnu")]),
        ([";732829320;;;;;;;;;;"], [(2, "operateur", "obligatoire")]),
        (
            ["Association L’Étoile d’Armor;;;;;;;;01/06/2025;;31/12/2029;"],
            [(2, "date_effet", "chevauchement")],
        ),
    ],
)
def test_what_is_refused_is_told_at_its_line_and_column(
    lire: Analyser,
    importer: Callable[..., Bilan],
    lignes: list[str],
    attendues: list[tuple[int, str, str]],
) -> None:
    importer("Association L’Étoile d’Armor;;;;;;;;12/12/2022;;12/12/2026;")
    assert erreurs(lire(*lignes)) == attendues


def test_all_or_nothing_or_valid_lines_only(session: Session, importer: Callable[..., Bilan]) -> None:
    lignes = ("Les Ajoncs;;;RS;;;;;12/12/2022;;;", "Les Bruyères;;;RS;;;;;31/02/2022;;;")
    with pytest.raises(DomainError, match="import_refusees"):
        importer(*lignes)
    assert session.scalar(select(func.count(Convention.id))) == 0
    assert session.scalar(select(func.count(Organisation.id)).where(Organisation.nom == "Les Ajoncs")) == 0
    bilan = importer(*lignes, tout=False)
    assert (bilan.creees, bilan.refusees) == (1, 1)


def test_an_unknown_operator_is_matched_with_a_close_one(
    session: Session, factories: SimpleNamespace, lire: Analyser, importer: Callable[..., Bilan]
) -> None:
    connue = factories.Organisation(nom="Association Les Ajoncs Bleus", sigle="AAB")
    ailleurs = factories.Organisation(nom="Les Ajoncs Bleus du Sud", departement_code="75")
    apercu = lire("Les ajoncs bleu;;;RS;;;;;;;;", "AAB;;;CHU;;;;;;;;")
    (inconnu,) = apercu.inconnus.values()
    assert (inconnu.cle, inconnu.lignes) == ("les ajoncs bleu", [2])
    assert [connu.ref for connu in inconnu.propositions] == [connue.ref]
    assert apercu.lignes[1].operateur_id == connue.id
    bilan = importer("Les ajoncs bleu;;;RS;;;;;;;;", choix={"les ajoncs bleu": ailleurs.ref})
    assert bilan.operateurs == []
    assert session.scalars(select(Convention)).one().operateur_id == ailleurs.id
    session.expire(ailleurs)
    assert {d.departement_code for d in ailleurs.departements} == {"22", "75"}
    for genre in (TypeOrganisation.SIAO, TypeOrganisation.AUTRE):
        autre = factories.Organisation(type=genre)
        assert erreurs(lire("Les ajoncs bleu;;;RS;;;;;;;;", choix={"les ajoncs bleu": autre.ref})) == [
            (2, "operateur", "import_choix")
        ]


def test_the_state_imports_for_every_siao_of_its_departement(
    factories: SimpleNamespace, parties: Parties, lire: Analyser
) -> None:
    lignes = ("Les Ajoncs;;;RS;;;;;;;;", "Les Bruyères;;SIAO Fictif 22;RS;;;;;;;;")
    assert sorts(lire(*lignes, actor=parties.pilote)) == ["creer", "creer"]
    factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Sud 22")
    apercu = lire(*lignes, actor=parties.pilote)
    assert erreurs(apercu) == [(2, "siao", "import_siao_absent")]


@pytest.mark.parametrize(
    "profil", [Profil.OPERATEUR_DIRECTION, Profil.OBSERVATEUR_AGREGE, Profil.ADMIN_TECHNIQUE]
)
def test_who_may_not_import(actor_for: Callable[..., Actor], lire: Analyser, profil: Profil) -> None:
    with pytest.raises(Forbidden):
        lire("Les Ajoncs;;;;;;;;;;;", actor=actor_for(profil))


# --- Through the jobs ----------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environnement="test", var_dir=tmp_path / "var")


@pytest.fixture
def travailler(database: Database, clock: FixedClock, settings: Settings) -> Callable[[], None]:
    """Return a function that does the jobs that wait."""

    def make() -> None:
        run_due(database, clock, settings, threading.Event())

    return make


@pytest.fixture
def passer(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    settings: Settings,
    travailler: Callable[[], None],
) -> Callable[..., Travail]:
    """Return a function that goes from the file to the end of the import."""

    def make(contenu: bytes, nom: str = "suivi.csv", *, tout: bool = True, **choix: str) -> Travail:
        args = (session, clock, parties.agent)
        donne = travaux.deposer(*args, Storage(settings), io.BytesIO(contenu), nom)
        depot = travaux.ETAPES.depot(session, parties.agent, donne.ref)
        apercu = travaux.demander_apercu(*args, donne.ref, depot.colonnes)
        session.commit()
        travailler()
        session.refresh(apercu)
        assert apercu.statut is StatutTravail.TERMINE, apercu.erreur
        travail = travaux.confirmer(*args, apercu.ref, tout=tout, choix=choix)
        assert travaux.confirmer(*args, apercu.ref, tout=tout, choix=choix) is travail
        session.commit()
        travailler()
        session.expire_all()
        return travail

    return make


LIGNES = ("Les Ajoncs;;;RS;30;;;;12/12/2022;;12/12/2026;", "Les Bruyères;;;RS;;;à engager;;;;;")


def test_from_the_file_to_the_lines_then_back(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    passer: Callable[..., Travail],
    ouvrir: Callable[..., Convention],
) -> None:
    ouverte = ouvrir()
    travail = passer(csv(*LIGNES, "Association L’Étoile d’Armor;;;RS;;;;;12/12/2022;;;"))
    assert travail.statut is StatutTravail.TERMINE, travail.erreur
    assert travail.resultat is not None
    assert (travail.resultat["creees"], travail.resultat["signees"]) == (2, 1)
    assert ouverte.statut is Statut.SIGNEE
    assert travaux.annulable(clock, travail)
    bilan = travaux.annuler(session, clock, parties.agent, travail.ref)
    session.commit()
    assert (bilan.retirees, bilan.rouvertes, bilan.gardees) == (2, 1, [])
    session.expire_all()
    assert session.scalars(select(Convention)).all() == [ouverte]
    assert (ouverte.statut, ouverte.date_signature, ouverte.fin_effective) == (Statut.A_ENGAGER, None, None)
    assert session.scalar(select(Organisation.id).where(Organisation.nom == "Les Ajoncs")) is None
    with pytest.raises(DomainError, match="import_deja_annule"):
        travaux.annuler(session, clock, parties.agent, travail.ref)


def test_what_changed_since_stays(
    session: Session, clock: FixedClock, parties: Parties, passer: Callable[..., Travail]
) -> None:
    travail = passer(csv(*LIGNES))
    signee, ouverte = session.scalars(select(Convention).order_by(Convention.id))
    clock.instant += timedelta(hours=1)
    service.avancer(session, clock, parties.agent, ouverte.ref, ouverte.version, "engager")
    service.renouveler(session, clock, parties.agent, signee.ref)
    bilan = travaux.annuler(session, clock, parties.agent, travail.ref)
    assert (bilan.retirees, bilan.gardees) == (
        0,
        [[signee.ref, "conventions.import_renouvelee"], [ouverte.ref, "conventions.import_modifiee"]],
    )
    assert session.scalar(select(func.count(Convention.id))) == 3


def test_not_undone_the_next_day(
    session: Session, clock: FixedClock, parties: Parties, passer: Callable[..., Travail]
) -> None:
    travail = passer(csv(*LIGNES))
    clock.instant += timedelta(days=1)
    assert not travaux.annulable(clock, travail)
    with pytest.raises(DomainError, match="import_annulation_tardive"):
        travaux.annuler(session, clock, parties.agent, travail.ref)


def test_the_day_to_undo_is_that_of_the_lines() -> None:
    soir = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)  # half past eleven at night in Réunion
    travail = Travail(statut=StatutTravail.TERMINE, departement_code="974", termine_le=soir)
    assert travaux.annulable(FixedClock(soir + timedelta(minutes=20)), travail)
    assert not travaux.annulable(FixedClock(soir + timedelta(hours=1)), travail)
    travail.departement_code = "75"
    assert travaux.annulable(FixedClock(soir + timedelta(hours=1)), travail)


def test_a_workbook_whose_matching_is_remembered(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    settings: Settings,
) -> None:
    classeur = to_xlsx(
        ["Qui", "Signature", "Fin"],
        [["Les Ajoncs", date(2022, 12, 12), date(2026, 12, 12)]],
        created=clock.now(),
    )
    args = (session, clock, parties.agent)
    donne = travaux.deposer(*args, Storage(settings), io.BytesIO(classeur), "suivi.xlsx")
    depot = travaux.ETAPES.depot(session, parties.agent, donne.ref)
    assert depot.entetes == ["Qui", "Signature", "Fin"]
    assert depot.exemples == [["Les Ajoncs", "12/12/2022", "12/12/2026"]]
    assert not depot.retenues
    with pytest.raises(DomainError, match="import_operateur_colonne"):
        travaux.demander_apercu(*args, donne.ref, depot.colonnes)
    travaux.demander_apercu(*args, donne.ref, depot.colonnes | {Champ.OPERATEUR: 0})
    encore = travaux.deposer(*args, Storage(settings), io.BytesIO(classeur), "suivi.xlsx")
    memoire = travaux.ETAPES.depot(session, parties.agent, encore.ref)
    assert memoire.retenues
    assert memoire.colonnes[Champ.OPERATEUR] == 0
    with pytest.raises(NotVisible):
        travaux.ETAPES.depot(session, parties.pilote, donne.ref)


def test_a_refused_line_fails_the_whole_import_with_its_reason(
    session: Session, passer: Callable[..., Travail]
) -> None:
    travail = passer(csv(LIGNES[0], "Les Bruyères;;;château;;;;;;;;"))
    assert (travail.statut, travail.erreur) == (StatutTravail.ECHOUE, "conventions.import_refusees")
    assert session.scalar(select(func.count(Convention.id))) == 0


def test_killed_before_its_end_an_import_leaves_nothing(
    session: Session,
    passer: Callable[..., Travail],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class PanneError(Exception):
        pass

    def panne(*args: object, **kwargs: object) -> None:
        raise PanneError

    monkeypatch.setattr(JobContext, "complete", panne)
    travail = passer(csv(*LIGNES))
    assert travail.statut is not StatutTravail.TERMINE
    assert session.scalar(select(func.count(Convention.id))) == 0
