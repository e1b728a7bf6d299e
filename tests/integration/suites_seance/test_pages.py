"""The screens of what follows a session, as each profile uses them."""

import html
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import docx
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.enums_dossiers import IssueRecours, StatutDecision, StatutPrescription, StatutReleve
from portal.commissions.models_decisions import (
    ConduiteSeance,
    Decision,
    Prescription,
    Recours,
    ReleveSeance,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance import travaux
from portal.grilles.menages.models import LectureMenage
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.suites_seance.conftest import REGLAGES, Suite
from tests.integration.web_organisations import reread, statements
from tests.suites import MOTIF, SECRETE, decider, prescrire

Clients = Callable[..., FlaskClient]


def text(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.get_data(as_text=True)


def test_minutes_from_the_draft_to_the_sending(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    here = f"/seances/{suite.seance.ref}/releve"
    secretaire, president = client_for(suite.secretaire), client_for(suite.table.president)
    conseil = client_for(suite.table.conseil)
    assert conseil.get(here).status_code == 404
    assert "Rédiger le relevé" in text(secretaire, "/a-faire")
    assert secretaire.post(f"{here}/rediger").status_code == 303
    page = text(secretaire, here)
    assert MOTIF in page
    [courant] = re.findall(r'<a href="([^"]+)"[^>]* aria-current="[^"]+"', page)
    assert courant == "/commissions"
    assert conseil.get(here).status_code == 404, "a draft is nobody else's"
    assert "Des noms ou des codes" not in page
    releve = session.query(ReleveSeance).one()
    long = secretaire.post(f"{here}/points", data={"points": "x" * 8001, "version": releve.version})
    assert long.status_code == 422
    assert "x" * 8001 in long.get_data(as_text=True), "nothing typed is lost"
    stale = secretaire.post(f"{here}/points", data={"points": "Mes mots.", "version": "99"})
    assert stale.status_code == 409
    assert "Mes mots." in stale.get_data(as_text=True)
    assert (
        secretaire.post(f"{here}/points", data={"points": "Adopté.", "version": releve.version}).status_code
        == 303
    )
    reread(session)
    version = session.query(ReleveSeance).one().version
    named = {"points": f"Adopté. Voir le dossier {suite.dossier.code}.", "version": version}
    assert secretaire.post(f"{here}/points", data=named).status_code == 303
    assert "Des noms ou des codes" in text(secretaire, here), "told before it is sent"
    reread(session)
    late = {"relire_avant": "2026-01-01", "version": session.query(ReleveSeance).one().version}
    assert secretaire.post(f"{here}/relire", data=late).status_code == 422
    avant = (clock.today() + timedelta(days=7)).isoformat()
    assert secretaire.post(f"{here}/relire", data=late | {"relire_avant": avant}).status_code == 303
    assert MOTIF in text(conseil, here)
    assert "Relire le relevé" in text(conseil, "/a-faire")
    for other in (suite.table.operateur, suite.table.ajoute, suite.table.president, suite.secretaire):
        assert "Relire le relevé" not in text(client_for(other), "/a-faire"), other.profil
    assert conseil.post(f"{here}/remarques", data={"texte": ""}).status_code == 422
    assert conseil.post(f"{here}/remarques", data={"texte": "Un mot à corriger."}).status_code == 303
    assert "Relire le relevé" not in text(conseil, "/a-faire"), "it said what it had to"
    held = text(president, here)
    assert "Un mot à corriger." in held
    assert "Approuver ce relevé" not in held, "the remark waits for the secretariat"
    assert "Donner suite aux remarques" in held
    assert "Approuver le relevé" not in text(president, "/a-faire")
    assert f"remarques sur le relevé : {suite.commission.nom}, " in text(secretaire, "/a-faire")
    reread(session)
    releve = session.query(ReleveSeance).one()
    [remark] = releve.commentaires
    assert secretaire.post(f"{here}/remarques/{remark.ref}/traiter").status_code == 303
    day = f"{suite.seance.debut.astimezone(ZoneInfo('Europe/Paris')):%d/%m/%Y %H:%M}"
    assert f"Approuver le relevé : {suite.commission.nom}, {day}" in text(president, "/a-faire")
    assert "Approuver ce relevé" in text(president, here)
    assert "Donner suite aux remarques" not in text(secretaire, "/a-faire")
    assert conseil.post(f"{here}/approuver", data={"version": releve.version}).status_code == 403
    assert president.post(f"{here}/approuver", data={"version": releve.version}).status_code == 303
    assert "Envoyer le relevé" in text(secretaire, "/a-faire")
    reread(session)
    version = session.query(ReleveSeance).one().version
    assert secretaire.post(f"{here}/envoyer", data={"version": version}).status_code == 303
    reread(session)
    assert session.query(ReleveSeance).one().statut is StatutReleve.ENVOYE
    anonymous = text(client_for(suite.table.dehors), here)
    assert MOTIF not in anonymous
    assert suite.dossier.code not in anonymous
    waits = conseil.get(f"{here}.pdf")
    assert waits.status_code == 303, "the worker makes it"


def test_a_session_closed_before_its_hour_has_its_minutes_written_at_once(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    clock.instant = suite.seance.debut + timedelta(hours=1)
    secretaire, here = client_for(suite.secretaire), f"/seances/{suite.seance.ref}/releve"
    bouton = f'action="{here}/rediger"'
    assert bouton not in text(secretaire, here)
    assert "Rédiger le relevé" not in text(secretaire, "/a-faire")
    conduite = session.query(ConduiteSeance).filter_by(seance_id=suite.seance.id).one_or_none()
    if conduite is None:
        conduite = ConduiteSeance(seance_id=suite.seance.id)
        session.add(conduite)
    conduite.close_le = clock.now()
    session.commit()
    assert bouton in text(secretaire, here)
    assert "Rédiger le relevé" in text(secretaire, "/a-faire")
    assert secretaire.post(f"{here}/rediger").status_code == 303
    assert MOTIF in text(secretaire, here)


def test_the_word_file_is_that_of_the_reader_and_is_journalled(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    here = f"/seances/{suite.seance.ref}/releve"
    secretaire = client_for(suite.secretaire)
    secretaire.post(f"{here}/rediger")
    for query, full in (("", True), ("?version=anonyme", False)):
        answer = secretaire.get(f"{here}.docx{query}")
        assert answer.headers["Cache-Control"] == "no-store"
        assert suite.dossier.code not in answer.headers["Content-Disposition"]
        read = docx.Document(io.BytesIO(answer.get_data()))
        words = " ".join(cell.text for table in read.tables for row in table.rows for cell in row.cells)
        assert (MOTIF in words) is full
    assert client_for(suite.table.dehors).get(f"{here}.docx").status_code == 404
    taken = session.query(EntreeJournal).filter_by(action="commissions:releve:telecharger").count()
    assert taken == 2


def test_a_decision_is_read_by_its_prescriber_who_appeals(
    database: Database, session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    suite.decision.code = "HORS_CHAMP"
    session.commit()
    travaux.notifier(database, clock, REGLAGES)
    worker, here = client_for(suite.travailleur), f"/decisions/{suite.decision.ref}"
    page = text(worker, here)
    for said in (MOTIF, SECRETE, "Former un recours", "DALO", "Préparer le courrier du ménage"):
        assert said in page
    assert "Kerfictif" not in page, "by its code"
    assert f'href="/dossiers/{suite.dossier.ref}"' in page
    assert worker.get(here).headers["Cache-Control"] == "no-store"
    member = text(client_for(suite.table.conseil), here)
    assert "Former un recours" not in member
    assert "Préparer le courrier" not in member
    assert "/dossiers/" + suite.dossier.ref not in member, "its papers are not open"
    assert client_for(suite.table.dehors).get(here).status_code == 404
    reread(session)
    assert session.query(LectureMenage).filter_by(quoi="decision").count() >= 2
    empty = worker.post(f"{here}/recours", data={"motif": "", "elements": "Du nouveau."})
    assert empty.status_code == 422
    assert "Du nouveau." in empty.get_data(as_text=True)
    made = worker.post(f"{here}/recours", data={"motif": "Une erreur.", "elements": "Du nouveau."})
    assert made.status_code == 303
    recours = session.query(Recours).one()
    assert recours.ref in made.headers["Location"]
    assert "Une erreur." in text(worker, f"/recours/{recours.ref}")
    encore = worker.get(f"{here}/recours")
    assert encore.headers["Location"] == here, "no form for what would be refused"
    assert "Un recours a déjà été formé" in text(worker, here)
    secretaire = client_for(suite.secretaire)
    assert "Faire examiner le recours" in text(secretaire, "/a-faire")
    none = secretaire.post(f"/recours/{recours.ref}/designer", data={"version": recours.version})
    assert none.status_code == 422
    assert worker.post(f"{here}/courrier").status_code == 303


def test_the_bearer_says_what_became_of_a_prescription(
    database: Database, session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    travaux.notifier(database, clock, REGLAGES)
    clock.instant = clock.instant.replace(month=4, day=10)
    bearer, here = client_for(suite.table.bailleur), f"/prescriptions/{suite.prescription.ref}"
    assert "Dire où en est la prescription" in text(bearer, "/a-faire")
    assert suite.dossier.code in text(bearer, "/prescriptions")
    page = text(bearer, here)
    assert "Dix séances." in page
    assert "Sans nouvelles" not in page, "the secretariat's own"
    assert bearer.post(here, data={"version": suite.prescription.version}).status_code == 422
    stale = bearer.post(here, data={"statut": "fait", "version": "99"})
    assert stale.status_code == 409
    done = {"statut": "fait", "version": suite.prescription.version}
    assert bearer.post(here, data=done).status_code == 303
    reread(session)
    assert session.get_one(Prescription, suite.prescription.id).statut is StatutPrescription.FAIT
    assert suite.dossier.code not in text(bearer, "/prescriptions")
    assert suite.dossier.code in text(bearer, "/prescriptions?voir=faites")
    assert client_for(suite.table.place.scene.exterieur).get(here).status_code == 404


def test_the_prescriptions_are_all_there_page_after_page_the_most_pressing_first(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    bearer, jour = suite.table.place.scene.bailleur, date(2026, 4, 1)
    for rang in range(70):
        quand = jour + timedelta(days=rang) if rang % 7 else None
        prescrire(session, suite.decision, bearer, echeance=quand, code="ASLL")
    session.commit()
    client, address, refs = client_for(suite.table.bailleur), "/prescriptions", []
    while address:
        page = text(client, address)
        refs += re.findall(r'<a class="insecable" href="/prescriptions/([^"]+)"', page)
        suivant = re.search(r'href="([^"]+)"[^>]*><span class="texte">Suivant', page)
        address = html.unescape(suivant[1]) if suivant else ""
    assert len(refs) == len(set(refs)) == 71
    jours = {one.ref: one.echeance or date.max for one in session.query(Prescription)}
    assert [jours[ref] for ref in refs] == sorted(jours.values())
    assert "1 à 50 sur 71" in text(client, "/prescriptions")


def test_the_appeals_are_all_there_page_after_page_those_without_an_outcome_first(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    for rang in range(71):
        dossier = copie(suite, rang)
        session.add(dossier)
        session.flush()
        le = clock.now() - timedelta(hours=rang)
        appel(session, decider(session, dossier, le), le, tranche=rang % 3 == 0)
    session.commit()
    client, address, refs = client_for(suite.secretaire), "/recours", []
    while address:
        page = text(client, address)
        refs += re.findall(r'<a href="/recours/([^"]+)"', page)
        suivant = re.search(r'href="([^"]+)"[^>]*><span class="texte">Suivant', page)
        address = html.unescape(suivant[1]) if suivant else ""
    assert len(refs) == len(set(refs)) == 71
    lus = {one.ref: (one.decide_le is not None, -one.forme_le.timestamp()) for one in session.query(Recours)}
    assert [lus[ref] for ref in refs] == sorted(lus.values())
    assert "1 à 50 sur 71" in text(client, "/recours")


def copie(suite: Suite, rang: int) -> Dossier:
    """Return another dossier of the same session and household."""
    memes = (
        "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id",
        "presentation", "pieces", "depose_le", "statut", "created_at", "updated_at",
    )  # fmt: skip
    champs = {name: getattr(suite.dossier, name) for name in memes}
    return Dossier(**champs, code=f"D-X{rang:05d}", seance_id=suite.seance.id)


def appel(session: Session, decision: Decision, le: datetime, *, tranche: bool = False) -> None:
    """Have an appeal formed against a decision."""
    session.add(
        Recours(
            decision_id=decision.id,
            forme_le=le,
            forme_par="",
            motif="",
            issue=IssueRecours.MAINTIEN if tranche else None,
            decide_le=le if tranche else None,
            created_at=le,
            updated_at=le,
        )
    )


def test_pages_take_as_many_statements_for_twenty_decisions_as_for_one(
    database: Database, session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    client = client_for(suite.secretaire)
    client.post(f"/seances/{suite.seance.ref}/releve/rediger")
    pages = (
        "/prescriptions?voir=toutes",
        "/recours",
        f"/decisions/{suite.decision.ref}",
        f"/prescriptions/{suite.prescription.ref}",
        f"/seances/{suite.seance.ref}/releve",
        f"/commissions/{suite.commission.ref}/indicateurs",
        f"/commissions/{suite.commission.ref}/indicateurs/K6",
    )

    def measure() -> list[int]:
        counts = []
        for page in pages:
            with statements(database) as seen:
                text(client, page)
            counts.append(len(seen))
        return counts

    measure()
    before = measure()
    for rang in range(20):
        dossier = copie(suite, rang)
        session.add(dossier)
        session.flush()
        decision = decider(session, dossier, clock.now())
        prescrire(session, decision, suite.table.place.scene.bailleur, code="ASLL")
        appel(session, decision, clock.now())
    session.commit()
    assert session.query(Decision).filter_by(statut=StatutDecision.PRISE).count() == 21
    assert measure() == before
    assert max(before) <= 8


def test_no_letter_is_prepared_of_a_decision_that_the_session_did_not_confirm(
    session: Session, suite: Suite, client_for: Callable[..., FlaskClient]
) -> None:
    client, page = client_for(suite.travailleur), f"/decisions/{suite.decision.ref}"
    assert "Préparer le courrier" in client.get(page).text
    suite.decision.statut = StatutDecision.INFIRMEE
    session.commit()
    after = client.get(page).text
    assert "Préparer le courrier" not in after
    assert "Cette décision ne vaut plus" in after
