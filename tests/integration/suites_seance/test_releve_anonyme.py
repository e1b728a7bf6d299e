"""A commission that keeps anonymised minutes alone: once they are sent, the full text is over (domaine.md
§ 7.8)."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.commissions.enums import Releve
from portal.commissions.models_decisions import ReleveSeance
from portal.commissions.suites_seance import releves, travaux
from portal.commissions.suites_seance.releves import ANONYME, COMPLETE
from portal.config import Settings
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.suites_seance.conftest import Suite
from tests.integration.suites_seance.test_releves import projet, reglages, relu, version  # noqa: F401 (fixtures)
from tests.integration.web_organisations import reread
from tests.suites import MOTIF


def test_sent_the_minutes_are_anonymous_for_everyone_and_the_full_text_is_gone(
    session: Session,
    clock: FixedClock,
    database: Database,
    reglages: Settings,  # noqa: F811
    suite: Suite,
    relu: ReleveSeance,  # noqa: F811
    client_for: Callable[..., FlaskClient],
) -> None:
    suite.seance.commission.releve = Releve.ANONYME
    releves.approuver(session, clock, suite.table.president, suite.seance, version=relu.version)
    session.commit()
    assert version(session, clock, suite.secretaire, suite, relu) == COMPLETE, "until it is sent"
    secretaire, ici = client_for(suite.secretaire), f"/seances/{suite.seance.ref}/releve"
    avant = secretaire.get(ici).text
    assert MOTIF in avant
    assert "l’envoi efface la version complète" in avant, "said before it is sent"
    assert secretaire.post(f"{ici}/envoyer", data={"version": relu.version}).status_code == 303
    reread(session)
    relu = session.get_one(ReleveSeance, relu.id)
    assert version(session, clock, suite.secretaire, suite, relu) == ANONYME
    apres = secretaire.get(ici).text
    assert MOTIF not in apres
    assert "Il ne reste que la version anonyme." in apres
    assert "lisent la version complète jusqu’au" not in apres
    assert travaux.releves_en_pdf(database, clock, reglages, suite.seance.id, None) == 1
    reread(session)
    relu = session.get_one(ReleveSeance, relu.id)
    assert relu.anonyme_id is not None
    assert relu.complet_id is None
    clock.instant += timedelta(minutes=1)
    assert travaux.reduire(database, clock, reglages) == 1
    reread(session)
    relu = session.get_one(ReleveSeance, relu.id)
    assert MOTIF not in str(releves.lu(session, suite.seance, relu))
