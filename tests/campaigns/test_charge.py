"""The portal under load, and ten hands on one form, through real web processes."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from portal.config import Settings
from portal.conventions.models import Convention
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.security.permissions import Profil
from portal.shared.clock import SystemClock
from portal.shared.db import Database, new_ref
from portal.shared.text import searchable, sort_key
from tests.bench.serveur import DEPARTEMENT, Client, fill, served, settings_for
from tests.campaigns.conftest import SHORT

pytestmark = pytest.mark.campaign
Figure = Callable[[str, object], None]


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The demonstration with a thousand lines, served by two web processes."""
    folder: Path = tmp_path_factory.mktemp("charge")
    settings = settings_for(engine_name, folder, 1000)
    fill(settings, 1000)
    with served(settings, workers=2, profil=Profil.SIAO_DIRECTION) as client:
        yield SimpleNamespace(client=client, settings=settings)


def test_pages_under_load(site: SimpleNamespace, figure: Figure) -> None:
    client: Client = site.client
    paths = ["/a-faire", "/conventions", "/conventions?en_retard=1", "/progression", "/organisations"]
    rounds = 40 if SHORT else 400

    def ask(number: int) -> float:
        return client.time(paths[number % len(paths)])

    begin = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        times = sorted(pool.map(ask, range(rounds * len(paths))))
    seconds = time.perf_counter() - begin
    figure("pages", len(times))
    figure("pages per second", round(len(times) / seconds, 1))
    figure("median ms", round(statistics.median(times) * 1000))
    figure("95th percentile ms", round(times[int(len(times) * 0.95)] * 1000))
    assert times[-1] < 10


def test_ten_hands_on_one_form_make_one_line(site: SimpleNamespace, figure: Figure) -> None:
    client: Client = site.client
    operateur, siao = pair_to_come(site.settings)
    url = f"/conventions/nouvelle?operateur={operateur}"
    page, cookie = client.open_form(url)
    form = {name: field(page, name) for name in ("csrf_token", "adhesion", "cle_idempotence")}
    form |= {"siao": siao, "date_cible": "2026-12-31", "mode": "", "notes": ""}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: client.post(url, form, cookie), range(10)))
    figure("statuses", sorted({status for status, _ in answers}))
    assert {status for status, _ in answers} == {303}
    assert len({target for _, target in answers}) == 1
    assert lines_of(site.settings, operateur) == 1


def field(page: str, name: str) -> str:
    """Return the value of a hidden field of the page's form (the last one of that name)."""
    found = re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return str(found[-1])


def pair_to_come(settings: Settings) -> tuple[str, str]:
    """Open an operator that has no line yet; return its reference and that of the département's SIAO."""
    database = Database(settings.database_url)
    now = SystemClock().now()
    with database.session(write=True) as session:
        name = f"Association Nouvelle {new_ref()}"
        operateur = Organisation(
            nom=name,
            type=TypeOrganisation.GESTIONNAIRE,
            departement_code=DEPARTEMENT,
            created_at=now,
            updated_at=now,
            tri=sort_key(name),
            texte_recherche=searchable(name),
        )
        session.add(operateur)
        session.flush()
        session.add(OrganisationDepartement(organisation_id=operateur.id, departement_code=DEPARTEMENT))
        siao = session.scalars(
            select(Organisation.ref)
            .where(Organisation.type == TypeOrganisation.SIAO, Organisation.departement_code == DEPARTEMENT)
            .order_by(Organisation.id)
        ).first()
        session.commit()
        reference = operateur.ref
    database.dispose()
    assert siao is not None
    return reference, siao


def lines_of(settings: Settings, operateur: str) -> int:
    database = Database(settings.database_url)
    with database.session() as session:
        count = session.scalar(
            select(func.count(Convention.id))
            .join(Organisation, Organisation.id == Convention.operateur_id)
            .where(Organisation.ref == operateur)
        )
    database.dispose()
    return count or 0
