"""The minutes: what they say, who reads which version, their approval; files opened by other programs."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docx
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.commissions.enums import Qualite, Reponse
from portal.commissions.enums_dossiers import IssueRecours, StatutReleve
from portal.commissions.models_decisions import ApprobationReleve, PassageSeance, ReleveSeance
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.commissions.nomenclatures import decisions_simples, prereglages, prescriptions_simples
from portal.commissions.suites_seance import contenu, courrier, document, recours, releves, travaux
from portal.commissions.suites_seance.releves import ANONYME, COMPLETE
from portal.config import Settings
from portal.documents.models import Fichier
from portal.documents.rendu.docx import en_docx
from portal.documents.rendu.pdf import en_pdf
from portal.documents.storage import Storage
from portal.documents.texte import Document
from portal.grilles.fin_de_vie.effacement import effacer
from portal.grilles.menages import crochets
from portal.jobs.runner import run_due
from portal.security.coffre import coffre
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests import dossiers
from tests.integration.suites_seance.conftest import Suite, ecrits
from tests.integration.web_organisations import reread
from tests.menages import ADULTES
from tests.suites import MOTIF, SECRETE

Clients = Callable[..., FlaskClient]
POINTS = "Le calendrier du semestre est adopté."
NOMS = (ADULTES[0].nom, ADULTES[0].prenom)


@pytest.fixture
def reglages(database: Database, tmp_path: Path) -> Settings:
    """Files and keys of one test."""
    return Settings(environnement="test", var_dir=tmp_path / "var")


@pytest.fixture
def projet(session: Session, clock: FixedClock, suite: Suite) -> ReleveSeance:
    """The draft, with a general point."""
    made = releves.rediger(session, clock, suite.secretaire, suite.seance)
    releves.ecrire_points(session, clock, suite.secretaire, suite.seance, POINTS, version=made.version)
    session.commit()
    return made


@pytest.fixture
def relu(session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance) -> ReleveSeance:
    """Sent to be read."""
    avant = clock.today() + timedelta(days=7)
    releves.faire_relire(session, clock, suite.secretaire, suite.seance, avant, version=projet.version)
    session.commit()
    return projet


@pytest.fixture
def envoye(session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance) -> ReleveSeance:
    """Approved and sent."""
    releves.approuver(session, clock, suite.table.president, suite.seance, version=relu.version)
    releves.envoyer(session, clock, suite.secretaire, suite.seance, version=relu.version)
    session.commit()
    return relu


def version(session: Session, clock: FixedClock, actor: Actor, suite: Suite, lu: ReleveSeance) -> str:
    return releves.version_lue(session, clock, actor, suite.seance, lu)


def test_the_draft_says_who_came_what_was_decided_and_no_vote(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    suite.decision.votes = coffre(session).fermer({"voix": {"1": "contre"}})
    said = releves.lu(session, suite.seance, projet)
    [dossier] = said["dossiers"]
    assert (dossier["code"], dossier["motif"], dossier["expression"]) == (suite.dossier.code, MOTIF, SECRETE)
    assert dossier["prescriptions"][0]["porteur"] == suite.table.place.scene.bailleur.nom
    states = {m["nom"]: m["etat"] for one in said["presents"] for m in one["membres"]}
    assert states[suite.table.conseil.nom] == contenu.PRESENT
    assert states[suite.table.operateur.nom] == contenu.ABSENT
    assert "contre" not in str(said)
    assert said["points"] == POINTS


def test_the_anonymised_version_names_nobody(session: Session, suite: Suite, projet: ReleveSeance) -> None:
    said = str(releves.lu_anonyme(session, suite.seance, projet))
    names = [actor.nom for actor in (suite.table.president, suite.table.conseil, suite.table.bailleur)]
    for secret in (*names, suite.dossier.code, MOTIF, SECRETE, suite.table.place.scene.operateur.nom + "'}"):
        assert secret not in said
    assert "ORIENTATION_VALIDEE" in said
    assert "AVDL" in said


def test_the_anonymised_general_points_name_neither_household_nor_member_nor_dossier(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    menage = suite.dossier.menage
    said = (
        f"Le calendrier est adopté. {suite.table.conseil.nom} rappelle le dossier {suite.dossier.code} de "
        f"madame {ADULTES[0].nom.upper()}."
    )
    act = (session, clock, suite.secretaire, suite.seance)
    releves.ecrire_points(*act, said, version=projet.version)
    for statut in (StatutReleve.BROUILLON, StatutReleve.RELECTURE):
        assert projet.statut is statut
        anonyme = releves.lu_anonyme(session, suite.seance, projet)
        assert anonyme["points"].startswith("Le calendrier est adopté.")
        for secret in (suite.table.conseil.nom, suite.dossier.code, ADULTES[0].nom):
            assert secret.lower() not in str(anonyme).lower()
        assert releves.lu(session, suite.seance, projet)["points"] == said, "the full one is as it was typed"
        if statut is StatutReleve.BROUILLON:
            releves.faire_relire(*act, clock.today() + timedelta(days=7), version=projet.version)
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    releves.reprendre(*act, version=projet.version)
    said_of = releves.lu_anonyme(session, suite.seance, projet)["dossiers"]
    assert [one["protege"] for one in said_of] == [False], "nothing tells that it is protected"


def test_a_protected_dossier_is_a_code_and_a_decision(
    session: Session, suite: Suite, projet: ReleveSeance
) -> None:
    menage = suite.dossier.menage
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    [dossier] = releves.lu(session, suite.seance, projet)["dossiers"]
    assert dossier["code"] == suite.dossier.code
    assert not {"motif", "conditions", "expression", "prescripteur"} & dossier.keys()


def test_a_draft_before_the_end_or_by_somebody_else_is_refused(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    with pytest.raises(Forbidden):
        releves.rediger(session, clock, suite.table.conseil, suite.seance)
    clock.instant = suite.seance.debut + timedelta(minutes=5)
    with pytest.raises(DomainError, match="pas_finie"):
        releves.rediger(session, clock, suite.secretaire, suite.seance)


def test_read_remarked_approved_and_sent(
    session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance
) -> None:
    told = {one.destinataire for one in ecrits(session, "Relevé à relire")}
    assert suite.table.conseil.email in told
    assert suite.table.operateur.email not in told, "it did not come: it could not read it"
    assert suite.table.ajoute.email not in told, "a guest of the day"
    remark = releves.commenter(
        session, clock, suite.table.conseil, suite.seance, "Le Département était représenté."
    )
    assert "Département" not in remark.texte, "encrypted"
    act = (session, clock, suite.table.president, suite.seance)
    with pytest.raises(DomainError, match=r"suites\.remarques"):
        releves.approuver(*act, version=relu.version)
    releves.traiter(session, clock, suite.secretaire, suite.seance, remark.ref)
    with pytest.raises(Forbidden):
        releves.approuver(session, clock, suite.table.conseil, suite.seance, version=relu.version)
    with pytest.raises(StaleVersion):
        releves.approuver(*act, version=99)
    with pytest.raises(DomainError, match="transition_impossible"):
        releves.envoyer(session, clock, suite.secretaire, suite.seance, version=relu.version)
    assert releves.approuver(*act, version=relu.version)
    assert relu.statut.value == "approuve"
    releves.envoyer(session, clock, suite.secretaire, suite.seance, version=relu.version)
    assert relu.statut.value == "envoye"
    with pytest.raises(DomainError, match="transition_impossible"):
        releves.commenter(session, clock, suite.table.conseil, suite.seance, "Trop tard.")
    for message in ecrits(session, "Relevé de décisions"):
        assert MOTIF not in message.corps
        assert NOMS[0] not in message.corps


def test_the_deputy_who_came_reads_the_draft_too(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    invitations = session.query(InvitationSeance).filter_by(seance_id=suite.seance.id)
    sent = invitations.filter_by(personne_id=suite.table.conseil.personne_id).one()
    sent.statut, sent.remplacant = Reponse.SUPPLEANT, "Adjointe Fictive"
    sent.suppleance = Suppleance(
        nom="Adjointe Fictive", email="adjointe@conseil.example", statut=Reponse.ACCEPTEE
    )
    session.flush()
    avant = clock.today() + timedelta(days=7)
    releves.faire_relire(session, clock, suite.secretaire, suite.seance, avant, version=projet.version)
    told = {one.destinataire for one in ecrits(session, "Relevé à relire")}
    assert {suite.table.conseil.email, "adjointe@conseil.example"} <= told


def test_taking_the_draft_back_voids_the_approvals(
    session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance
) -> None:
    releves.approuver(session, clock, suite.table.president, suite.seance, version=relu.version)
    releves.reprendre(session, clock, suite.secretaire, suite.seance, version=relu.version)
    assert (relu.statut, relu.approbations) == (StatutReleve.BROUILLON, [])
    assert releves.lu(session, suite.seance, relu)["points"] == POINTS


def test_what_was_sent_to_be_read_does_not_change(
    session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance
) -> None:
    suite.decision.motif = coffre(session).fermer("Un autre motif.")
    session.flush()
    assert releves.lu(session, suite.seance, relu)["dossiers"][0]["motif"] == MOTIF


def test_a_day_to_read_by_is_to_come(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    for days in (-1, 61):
        avant = clock.today() + timedelta(days=days)
        with pytest.raises(DomainError, match="relire_avant"):
            releves.faire_relire(
                session, clock, suite.secretaire, suite.seance, avant, version=projet.version
            )


def test_who_reads_which_version(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    table, scene = suite.table, suite.table.place.scene
    chiefs, sat = (suite.secretaire, table.president), (table.conseil, table.bailleur)
    others = (table.operateur, table.ajoute, table.dehors, scene.exterieur, scene.ailleurs)
    expected = [
        (StatutReleve.BROUILLON, COMPLETE, "", ""),
        (StatutReleve.RELECTURE, COMPLETE, COMPLETE, ""),
        (StatutReleve.APPROUVE, COMPLETE, COMPLETE, ""),
    ]
    for statut, *wanted in expected:
        projet.statut = statut
        for actors, one in zip((chiefs, sat, others), wanted, strict=True):
            for actor in actors:
                assert version(session, clock, actor, suite, projet) == one, (statut, actor.profil)
    projet.statut, projet.envoye_le = StatutReleve.ENVOYE, clock.now()
    projet.complet_jusqu_au = clock.now() + timedelta(days=90)
    assert version(session, clock, table.conseil, suite, projet) == COMPLETE
    assert version(session, clock, table.dehors, suite, projet) == ANONYME
    assert version(session, clock, table.operateur, suite, projet) == ANONYME, "it did not come"
    assert version(session, clock, table.ajoute, suite, projet) == ANONYME, "a guest, it did not sit"
    assert version(session, clock, suite.travailleur, suite, projet) == ""
    assert version(session, clock, scene.ailleurs, suite, projet) == ""
    clock.instant += timedelta(days=91)
    for actor in (*chiefs, *sat):
        assert version(session, clock, actor, suite, projet) == ANONYME


def test_a_draft_that_was_never_sent_gets_no_remark(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance, client_for: Clients
) -> None:
    with pytest.raises(NotVisible):
        releves.commenter(session, clock, suite.table.conseil, suite.seance, "Une remarque.")
    with pytest.raises(DomainError, match="transition_impossible"):
        releves.commenter(session, clock, suite.table.president, suite.seance, "Une remarque.")
    here = f"/seances/{suite.seance.ref}/releve/remarques"
    assert client_for(suite.table.conseil).post(here, data={"texte": "Un mot."}).status_code == 404
    reread(session)
    assert not session.get_one(ReleveSeance, projet.id).commentaires


def test_somebody_who_did_not_sit_writes_no_remark(
    session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance
) -> None:
    with pytest.raises(NotVisible):
        releves.commenter(session, clock, suite.table.dehors, suite.seance, "Une remarque.")
    with pytest.raises(DomainError, match="commentaire_vide"):
        releves.commenter(session, clock, suite.table.conseil, suite.seance, "  ")


def lue(letter: Document, clock: FixedClock) -> str:
    reader = PdfReader(io.BytesIO(en_pdf(letter, clock.now())))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def words(document: docx.document.Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_word_and_pdf_are_opened_by_other_programs_and_say_the_same(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance
) -> None:
    said = releves.lu(session, suite.seance, projet)
    for one, full in ((said, True), (releves.lu_anonyme(session, suite.seance, projet), False)):
        fait = document.document(one, suite.seance, suite.commission, projet=False)
        word = words(docx.Document(io.BytesIO(en_docx(fait, clock.now()))))
        reader = PdfReader(io.BytesIO(en_pdf(fait, clock.now())))
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"], "tagged"  # type: ignore[index]
        pdf = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        for text in (word, pdf):
            assert "Relevé de décisions" in text
            assert "Orientation validée" in text
            assert POINTS in text
            assert (suite.dossier.code in text) is full
            assert (suite.table.conseil.nom in text) is full
            assert (MOTIF in text) is full


def test_the_document_says_where_who_approved_and_which_dossiers_come_back(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    suite.seance.lieu = "Salle des Genêts"
    session.add(
        PassageSeance(
            dossier_id=suite.dossier.id,
            seance_id=dossiers.seance(session, clock, suite.commission).id,
            rang=1,
            inscrit_le=clock.now(),
            issue="REPORTE",
            details={},
        )
    )
    session.flush()
    reportee = session.query(PassageSeance).filter_by(issue="REPORTE").one().seance_id
    dits = contenu.composer(session, session.get_one(Seance, reportee), "")
    assert dits["reportes"] == [suite.dossier.code]
    approuve = ApprobationReleve(par="Ange Préside (État fictif)", le=clock.now(), organisation_id=1)
    entier = dits | {"points_anonymes": ""}
    for one, complete in ((entier, True), (contenu.anonyme(entier), False)):
        fait = document.document(one, suite.seance, suite.commission, projet=False, approbations=[approuve])
        text = lue(fait, clock)
        assert "Lieu : Salle des Genêts" in text
        assert ("Approuvé par Ange Préside (État fictif), le" in text) is complete
        assert ("Approuvé par la présidence, le" in text) is not complete
        codes = suite.dossier.code if complete else "1"
        assert f"Dossiers non examinés, qui reviennent à une prochaine séance : {codes}." in text


def test_the_letter_is_plain_and_says_what_may_be_done(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    suite.decision.code, suite.decision.notifiee_le = "HORS_CHAMP", clock.now()
    letter = courrier.composer(session, clock, suite.decision)
    text = lue(letter, clock)
    for said in (MOTIF, ADULTES[0].prenom, "DALO", "DAHO", "le juge", "jusqu’au 15 avril 2026"):
        assert said in text
    assert "Le 16 mars 2026" in text
    assert "il faut une demande de logement social" in text
    assert "Une aide pour trouver un logement" in text
    assert SECRETE not in text
    assert ADULTES[0].nom not in letter.titre + letter.pied


def test_a_letter_made_later_tells_what_became_of_the_remedy(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    suite.decision.code, suite.decision.notifiee_le = "HORS_CHAMP", clock.now()
    session.flush()
    notified = clock.instant
    clock.instant += timedelta(days=31)
    late = lue(courrier.composer(session, clock, suite.decision), clock)
    assert "s’est terminé le 15 avril 2026" in late
    assert "peut demander" not in late
    clock.instant = notified
    formed = recours.former(session, clock, suite.travailleur, suite.decision, "Une erreur.", "")
    said = lue(courrier.composer(session, clock, suite.decision), clock)
    assert "a demandé, le 16 mars 2026, que la commission revoie sa décision" in said
    assert "va être examinée par d’autres personnes" in said
    formed.issue = IssueRecours.MAINTIEN
    assert "la décision reste la même" in lue(courrier.composer(session, clock, suite.decision), clock)


def test_every_decision_of_a_household_is_said_plainly_in_its_letter() -> None:
    nominatifs = [one for one in prereglages().values() if one.valeurs["dossiers"] == "nominatifs"]
    decided = {code for one in nominatifs for code in one.valeurs["decisions"]}
    prescribed = {code for one in nominatifs for code in one.valeurs["prescriptions"]}
    assert decided <= decisions_simples().keys()
    assert prescribed <= prescriptions_simples().keys()


def test_the_worker_makes_both_files_the_full_one_encrypted(
    database: Database,
    session: Session,
    clock: FixedClock,
    suite: Suite,
    envoye: ReleveSeance,
    reglages: Settings,
) -> None:
    assert run_due(database, clock, reglages)
    reread(session)
    held = session.get_one(ReleveSeance, envoye.id)
    assert held.complet is not None
    assert held.anonyme is not None
    assert (held.complet.chiffre, held.anonyme.chiffre) == (True, False)
    for file, full in ((held.complet, True), (held.anonyme, False)):
        reader = PdfReader(io.BytesIO(Storage(reglages).read(file)))
        text = " ".join(page.extract_text() for page in reader.pages)
        assert (suite.dossier.code in text) is full
        assert suite.dossier.code not in file.nom


def test_the_letter_is_made_for_who_may_still_read_it(
    database: Database, session: Session, clock: FixedClock, suite: Suite, reglages: Settings
) -> None:
    travail = travaux.demander_courrier(session, clock, suite.travailleur, suite.decision)
    session.commit()
    assert run_due(database, clock, reglages)
    reread(session)
    file = session.get_one(Fichier, travail.fichier_id or 0)
    assert file.chiffre
    again = travaux.demander_courrier(session, clock, suite.table.dehors, suite.decision)
    session.commit()
    assert run_due(database, clock, reglages)
    reread(session)
    assert (again.fichier_id, again.erreur) == (None, "suites.acces")


def test_a_household_erased_leaves_its_code_and_the_decision(
    database: Database,
    session: Session,
    clock: FixedClock,
    suite: Suite,
    envoye: ReleveSeance,
    reglages: Settings,
) -> None:
    run_due(database, clock, reglages)
    reread(session)
    code, complete = suite.dossier.code, session.get_one(ReleveSeance, envoye.id).complet_id
    effacer(session, clock, Storage(reglages), suite.dossier.menage, "demande")
    session.commit()
    held = session.get_one(ReleveSeance, envoye.id)
    said = coffre(session).ouvrir(held.contenu)
    assert [one["code"] for one in said["dossiers"]] == [code]
    assert MOTIF not in str(said)
    assert SECRETE not in str(said)
    assert held.complet_id is None
    assert session.get(Fichier, complete) is None
    assert held.anonyme_id is not None


def test_a_household_that_enters_the_protected_circuit_leaves_the_same(
    database: Database,
    session: Session,
    clock: FixedClock,
    suite: Suite,
    envoye: ReleveSeance,
    reglages: Settings,
) -> None:
    run_due(database, clock, reglages)
    reread(session)
    complete = session.get_one(ReleveSeance, envoye.id).complet_id
    crochets.protection(session, clock, suite.secretaire, suite.dossier.menage, [])
    session.commit()
    held = session.get_one(ReleveSeance, envoye.id)
    said = coffre(session).ouvrir(held.contenu)
    assert [one["code"] for one in said["dossiers"]] == [suite.dossier.code]
    assert MOTIF not in str(said)
    assert held.complet_id is None
    assert session.get(Fichier, complete) is None


def test_the_full_version_goes_away_at_its_term(
    database: Database,
    session: Session,
    clock: FixedClock,
    suite: Suite,
    envoye: ReleveSeance,
    reglages: Settings,
) -> None:
    run_due(database, clock, reglages)
    reread(session)
    assert travaux.reduire(database, clock, reglages) == 0
    clock.instant += timedelta(days=90)
    assert travaux.reduire(database, clock, reglages) == 1
    reread(session)
    held = session.get_one(ReleveSeance, envoye.id)
    assert held.complet_id is None
    assert MOTIF not in str(coffre(session).ouvrir(held.contenu))


def test_minutes_that_cannot_be_read_stop_no_others(
    database: Database,
    session: Session,
    clock: FixedClock,
    suite: Suite,
    envoye: ReleveSeance,
    reglages: Settings,
) -> None:
    autre = ReleveSeance(
        seance_id=dossiers.seance(session, clock, suite.commission).id,
        statut=StatutReleve.ENVOYE,
        contenu=coffre(session).fermer(
            {"presents": [], "dossiers": [], "points": POINTS, "points_anonymes": POINTS}
        ),
        envoye_le=clock.now(),
        complet_jusqu_au=clock.now() + timedelta(days=30),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(autre)
    envoye.contenu = "illisible"
    session.commit()
    assert envoye.seance_id < autre.seance_id
    clock.instant += timedelta(hours=2)
    assert travaux.refaire(database, clock, reglages) == 1
    reread(session)
    made = session.get_one(ReleveSeance, autre.id)
    assert made.anonyme is not None
    assert session.get_one(ReleveSeance, envoye.id).anonyme_id is None
    clock.instant += timedelta(days=91)
    assert travaux.reduire(database, clock, reglages) == 1
    reread(session)
    assert session.get_one(ReleveSeance, autre.id).complet_jusqu_au is None


@pytest.mark.parametrize("qui", ["conseil", "bailleur"])
def test_a_reading_of_the_draft_is_not_open_before_it_is_sent(
    session: Session, clock: FixedClock, suite: Suite, projet: ReleveSeance, qui: str
) -> None:
    actor: Actor = getattr(suite.table, qui)
    assert version(session, clock, actor, suite, projet) == ""


def test_each_president_approves_and_one_who_chairs_since_does_too(
    session: Session, clock: FixedClock, suite: Suite, relu: ReleveSeance
) -> None:
    bailleur = suite.table.bailleur
    siege = next(
        one for one in suite.commission.sieges if one.referent.organisation_id == bailleur.organisation_id
    )
    siege.qualite, siege.college_id = Qualite.PRESIDENCE, None
    session.flush()
    act = (session, clock, suite.table.president, suite.seance)
    assert not releves.approuver(*act, version=relu.version), "two chair"
    with pytest.raises(DomainError, match="deja_approuve"):
        releves.approuver(*act, version=relu.version)
    with pytest.raises(DomainError, match="transition_impossible"):
        releves.envoyer(session, clock, suite.secretaire, suite.seance, version=relu.version)
    assert releves.approuver(session, clock, bailleur, suite.seance, version=relu.version)


def test_a_remark_typed_while_the_draft_is_taken_back_is_kept(
    session: Session,
    clock: FixedClock,
    suite: Suite,
    relu: ReleveSeance,
    client_for: Clients,
) -> None:
    releves.reprendre(session, clock, suite.secretaire, suite.seance, version=relu.version)
    session.commit()
    here = f"/seances/{suite.seance.ref}/releve"
    member = client_for(suite.table.conseil)
    answer = member.post(f"{here}/remarques", data={"texte": "Le Département était là."})
    assert answer.status_code == 303
    assert member.get(answer.headers["Location"]).status_code == 200, "not the draft, that it reads no more"
    assert client_for(suite.table.dehors).post(f"{here}/remarques", data={"texte": "x"}).status_code == 404
    page = client_for(suite.secretaire).get(here).get_data(as_text=True)
    assert "Le Département était là." in page


def test_a_remark_typed_once_approved_is_refused_and_not_lost(
    session: Session,
    clock: FixedClock,
    suite: Suite,
    relu: ReleveSeance,
    client_for: Clients,
) -> None:
    releves.approuver(session, clock, suite.table.president, suite.seance, version=relu.version)
    session.commit()
    here = f"/seances/{suite.seance.ref}/releve"
    late = client_for(suite.table.conseil).post(f"{here}/remarques", data={"texte": "Une coquille, page 2."})
    assert late.status_code == 422
    assert "Une coquille, page 2." in late.get_data(as_text=True)
    points = client_for(suite.secretaire).post(f"{here}/points", data={"points": "Mes mots.", "version": "1"})
    assert points.status_code == 409
    assert "Mes mots." in points.get_data(as_text=True)


def test_the_file_is_named_after_the_day_where_the_session_is_held(suite: Suite) -> None:
    seance = suite.seance
    seance.debut = datetime(2026, 3, 16, 21, 30, tzinfo=UTC)
    seance.departement_code = "974"
    assert document.nom_de_fichier(seance, "pdf", complet=True) == "releve-2026-03-17-complet.pdf"
