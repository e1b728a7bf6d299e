"""The indicators of a commission: what each counts, what leaves the commission, what is exported."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.enums import Presence, Qualite, Reponse
from portal.commissions.enums_dossiers import IssueRecours, StatutPrescription
from portal.commissions.models import College
from portal.commissions.models_decisions import ConduiteSeance, Decision, Recours
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance
from portal.commissions.suites_seance import indicateurs
from portal.shared.clock import FixedClock
from portal.shared.pagination import LAST_PAGE
from tests import dossiers
from tests.integration.suites_seance.conftest import Suite
from tests.suites import decider

Clients = Callable[..., FlaskClient]


def text(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.get_data(as_text=True)


def multiplier(session: Session, clock: FixedClock, suite: Suite, *codes: str) -> list[Decision]:
    """Add dossiers of the session, decided so."""
    made = []
    for rang, code in enumerate(codes):
        champs = (
            "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id",
            "presentation", "pieces", "depose_le", "statut", "created_at", "updated_at",
        )  # fmt: skip
        dossier = Dossier(
            **{champ: getattr(suite.dossier, champ) for champ in champs},
            code=f"D-X{rang:05d}",
            seance_id=suite.seance.id,
        )
        session.add(dossier)
        session.flush()
        made.append(decider(session, dossier, suite.seance.fin - timedelta(minutes=5), code=code))
    session.commit()
    return made


def test_figures_open_their_lines_inside_and_are_masked_outside(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    here = f"/commissions/{suite.commission.ref}/indicateurs"
    secretaire = client_for(suite.secretaire)
    page = text(secretaire, here)
    assert f"{here}/K1" in page
    assert "Sans objet" in page, "nothing is three months old"
    assert suite.dossier.code in text(secretaire, f"{here}/K1")
    assert "Masqué" in text(secretaire, f"{here}?diffusion=1")
    outside = client_for(suite.table.place.scene.exterieur)
    assert outside.get(here).status_code == 403, "a worker reads no commission"
    other = client_for(suite.table.ajoute)
    masked = text(other, here)
    assert "Masqué" in masked
    assert f"{here}/K1" not in masked
    assert other.get(f"{here}/K1").status_code == 403
    assert secretaire.get(f"{here}/K9").status_code == 404
    absurd = secretaire.get(f"{here}?du=2026-05-01&au=2026-01-01")
    assert absurd.status_code == 422
    assert " sur " in text(secretaire, f"{here}/K6"), "by session and college"
    empty = text(secretaire, f"{here}?du=2024-01-01&au=2024-12-31")
    assert "0 %" not in empty
    assert "Sans objet" in empty


def test_the_lines_of_a_figure_are_all_there_page_after_page(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    multiplier(session, clock, suite, *["LABELLISE"] * 230)
    client = client_for(suite.secretaire)
    address, codes, pages = f"/commissions/{suite.commission.ref}/indicateurs/K1", set(), []
    while address:
        page = text(client, address)
        pages.append(page.count("<tr>"))
        codes |= set(re.findall(r'<th scope="row">(D-[^<]+)<', page))
        suivant = re.search(r'href="([^"]+)"[^>]*><span class="texte">Suivant', page)
        address = html.unescape(suivant[1]) if suivant else ""
    assert len(codes) == 231
    assert len(pages) == 3
    assert max(pages) <= 101
    last = text(client, f"/commissions/{suite.commission.ref}/indicateurs/K1?curseur={LAST_PAGE.encode()}")
    assert "132 à 231 sur 231" in last
    assert "1 à 100 sur 231" in text(client, f"/commissions/{suite.commission.ref}/indicateurs/K1?curseur=x")


def test_nothing_is_left_out_of_the_figures_of_a_busy_commission(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    model, taken, nombre = suite.dossier, suite.decision, 5100
    champs = ("departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id",
              "presentation", "pieces", "depose_le", "statut", "created_at", "updated_at")  # fmt: skip
    session.execute(
        insert(Dossier),
        [
            {champ: getattr(model, champ) for champ in champs} | {"code": f"D-X{rang:05d}", "ref": f"r{rang}"}
            for rang in range(nombre)
        ],
    )
    cles = session.scalars(select(Dossier.id).where(Dossier.id != model.id)).all()
    champs = ("seance_id", "statut", "code", "prise_le", "created_at", "updated_at")
    held = {champ: getattr(taken, champ) for champ in champs}
    session.execute(insert(Decision), [held | {"dossier_id": cle, "ref": f"d{cle}"} for cle in cles])
    du, au = indicateurs.periode(clock, "22")
    found = {
        one.code: one.mesure
        for one in indicateurs.calculer(session, clock, suite.commission, du, au, diffusion=False)
    }
    assert found["K1"].numerateur == nombre + 1
    assert found["K3"].denominateur == found["K4"].denominateur == nombre + 1


def test_colleges_come_in_the_order_of_the_commission(
    session: Session, clock: FixedClock, suite: Suite, factories: SimpleNamespace
) -> None:
    premier, dernier = suite.commission.colleges[0], suite.commission.colleges[-1]
    assert premier is not dernier
    before = dossiers.seance(session, clock, suite.commission, jours=0)
    before.debut, before.fin = before.debut - timedelta(days=9), before.fin - timedelta(days=9)
    there = session.query(InvitationSeance).filter_by(seance_id=suite.seance.id).first()
    assert there is not None
    session.add(
        InvitationSeance(
            seance_id=before.id,
            referent_id=there.referent_id,
            college=dernier,
            qualite=Qualite.MEMBRE,
            statut=Reponse.ACCEPTEE,
            presence=Presence.PRESENTE,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    )
    session.commit()
    du, au = indicateurs.periode(clock, "22")
    [k6] = indicateurs.calculer(session, clock, suite.commission, du, au, diffusion=False, codes=["K6"])
    assert [nom for nom, _part in k6.parts] == ["", premier.nom, dernier.nom]


def test_a_session_closed_before_its_hour_counts_for_the_attendance_at_once(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    du, au = indicateurs.periode(clock, "22")
    clock.instant = suite.seance.debut + timedelta(hours=1)

    def convoques() -> int | None:
        figures = indicateurs.calculer(
            session, clock, suite.commission, du, au, diffusion=False, codes=["K6"]
        )
        return figures[0].mesure.denominateur

    assert convoques() == 0, "it is being held"
    conduite = session.query(ConduiteSeance).filter_by(seance_id=suite.seance.id).one_or_none()
    if conduite is None:
        conduite = ConduiteSeance(seance_id=suite.seance.id)
        session.add(conduite)
    conduite.close_le = clock.now()
    session.flush()
    assert convoques() == 6


def test_each_figure_counts_what_it_says(session: Session, clock: FixedClock, suite: Suite) -> None:
    du, au = indicateurs.periode(clock, "22")
    found = {
        one.code: one
        for one in indicateurs.calculer(session, clock, suite.commission, du, au, diffusion=False)
    }
    assert (found["K1"].mesure.numerateur, found["K1"].mesure.denominateur) == (1, 1)
    assert (found["K2"].mesure.numerateur, found["K2"].mesure.denominateur) == (0, 1)
    assert found["K3"].mesure.numerateur == 14
    assert (found["K4"].mesure.numerateur, found["K4"].mesure.denominateur) == (0, 1)
    assert found["K5"].mesure.sans_objet
    parts = dict(found["K6"].parts)
    assert sum(one.denominateur or 0 for one in parts.values()) == 6
    assert found["K6"].mesure.numerateur == 5
    assert found["K7"].mesure.sans_objet
    suite.prescription.statut = StatutPrescription.FAIT
    suite.prescription.statut_le = clock.now() + timedelta(days=60)
    session.flush()
    clock.instant += timedelta(days=100)
    found = {
        one.code: one
        for one in indicateurs.calculer(session, clock, suite.commission, du, au, diffusion=False)
    }
    assert found["K7"].mesure.taux == 1


def test_what_leaves_the_commission_is_told_by_year_and_by_shares(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    multiplier(session, clock, suite, *["LABELLISE"] * 6, *["HORS_CHAMP"] * 6)
    here = f"/commissions/{suite.commission.ref}/indicateurs"
    outside = client_for(suite.table.ajoute)
    whole = text(outside, here)
    assert "dossiers décidés" not in whole, "less those examined, it would tell who was postponed"
    day = suite.seance.debut.date()
    narrow = text(outside, f"{here}?du={day}&au={day}")
    assert 'name="du"' not in narrow
    assert narrow.count("<strong") == whole.count("<strong")
    past = text(outside, f"{here}?annee={day.year - 1}")
    assert "13 dossiers" in whole
    assert "13 dossiers" not in past
    assert "13 dossiers" in text(outside, f"{here}?annee=1789"), "not offered: the present one"


@pytest.mark.parametrize(
    ("formes", "issues", "dites"),
    [(12, 6, True), (10, 6, False), (12, 12, True), (12, 2, False)],
)
def test_the_outcomes_are_told_when_what_is_left_without_one_may_be(
    session: Session, clock: FixedClock, suite: Suite, formes: int, issues: int, dites: bool
) -> None:
    made = multiplier(session, clock, suite, *["HORS_CHAMP"] * 20)
    for rang, decision in enumerate(made[:formes]):
        session.add(
            Recours(
                decision=decision,
                forme_le=clock.now(),
                forme_par="x",
                motif="x",
                created_at=clock.now(),
                updated_at=clock.now(),
                issue=IssueRecours.MAINTIEN if rang < issues else None,
            )
        )
    session.commit()
    du, au = indicateurs.annee(2026)
    found = indicateurs.calculer(session, clock, suite.commission, du, au, diffusion=True)
    [k5] = [one for one in found if one.code == "K5"]
    assert not k5.masque
    assert bool(k5.issues) is dites


def test_the_exports_say_what_the_page_says_masked_outside_and_run_no_formula(
    session: Session, clock: FixedClock, suite: Suite, client_for: Clients
) -> None:
    for college in session.query(College).filter_by(commission_id=suite.commission.id):
        college.nom = f"=SOMME({college.id})"
    session.commit()
    here = f"/commissions/{suite.commission.ref}/indicateurs"
    for actor, masked in ((suite.secretaire, False), (suite.table.ajoute, True)):
        client = client_for(actor)
        answer = client.get(f"{here}.csv")
        assert "attachment" in answer.headers["Content-Disposition"]
        read = answer.get_data().decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(read), delimiter=";"))
        rows = {(row["Code"], row["Détail"]): row for row in lines}
        k1, k2 = rows["K1", ""], rows["K2", ""]
        assert (k1["Valeur"] == "1.0" or k1["Valeur"] == "1,0" or k1["Valeur"] == "1") is not masked
        assert (k1["Numérateur"], k1["Dénominateur"]) == (("", "") if masked else ("1", "1"))
        assert k2["Valeur"] == ("Masqué" if masked else "0")
        assert not any(cell.startswith("=") for row in rows.values() for cell in row.values())
        assert any(detail.startswith("'=SOMME") for _code, detail in rows)
        book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{here}.xlsx").get_data()))
        sheet = book.get_sheet_by_index(0).to_python()
        assert [str(row[0]) for row in sheet[1:]] == [
            row["Code"] for row in csv.DictReader(io.StringIO(read), delimiter=";")
        ]
    assert client_for(suite.table.place.scene.exterieur).get(f"{here}.csv").status_code == 403
    assert client_for(suite.table.place.scene.ailleurs).get(f"{here}.csv").status_code in (403, 404)
    assert session.query(EntreeJournal).filter_by(action="commissions:indicateurs:exporter").count() == 4
