"""Whether the prescriber comes to present a dossier, as the commission chose (domaine.md § 7.1)."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import seances
from portal.commissions.conduite import seance as conduite
from portal.commissions.dossiers import ordre
from portal.commissions.enums import PresencePrescripteur
from portal.commissions.models_dossiers import Dossier
from portal.commissions.seances import SaisieSeance
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from tests import dossiers
from tests.dossiers import SITUATION
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import reread, text_of
from tests.menages import ADULTES

Clients = Callable[..., FlaskClient]
LIEU = "Maison des associations"


def au_prescripteur(session: Session, table: Table, depuis: int = 0) -> list[MessageSortant]:
    """What the prescriber was written to, by time; nothing of it names the household."""
    found = session.scalars(
        select(MessageSortant)
        .where(MessageSortant.id > depuis, MessageSortant.destinataire == table.place.scene.travailleur.email)
        .order_by(MessageSortant.id)
    ).all()
    for one in found:
        assert ADULTES[0].nom not in one.corps + one.sujet
        assert SITUATION not in one.corps
    return list(found)


def dernier(session: Session) -> int:
    return max(session.scalars(select(MessageSortant.id)), default=0)


@pytest.mark.parametrize(
    ("presence", "dit", "tu"),
    [
        (PresencePrescripteur.OUI, f"Vous y présentez ce dossier : {LIEU}.", "Vous n’y assistez pas"),
        (PresencePrescripteur.NON, "Vous n’y assistez pas : la décision vous sera dite.", LIEU),
        (PresencePrescripteur.SUR_INVITATION, "Vous y venez si le secrétariat vous invite", LIEU),
    ],
)
def test_the_prescriber_is_told_whether_they_come(
    session: Session, clock: FixedClock, table: Table, presence: PresencePrescripteur, dit: str, tu: str
) -> None:
    table.place.commission.prescripteur = presence
    dossiers.inscrit(session, clock, table.place)
    told = au_prescripteur(session, table)[-1]
    assert "examinera ce dossier" in told.corps
    assert dit in told.corps
    assert tu not in told.corps


def test_the_secretariat_invites_the_prescriber_once_where_the_commission_leaves_it_to_them(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier, client_for: Clients
) -> None:
    held, page = table.place.scene, f"/dossiers/{inscrit.ref}"
    client, prescripteur = client_for(held.siao_direction), client_for(held.travailleur)
    assert "Inviter le prescripteur" not in text_of(client.get(page)), "the prescriber never comes here"
    sent = {"version": str(inscrit.version)}
    refused = client.post(f"{page}/convier", data=sent)
    assert refused.status_code == 422
    assert "si la commission le prévoit" in text_of(refused)
    table.place.commission.prescripteur = PresencePrescripteur.SUR_INVITATION
    session.commit()
    assert "Inviter le prescripteur à le présenter" in text_of(client.get(page))
    assert "Vous y venez si le secrétariat vous y invite." in text_of(prescripteur.get(page))
    assert prescripteur.post(f"{page}/convier", data=sent).status_code == 403
    mark = dernier(session)
    assert client.post(f"{page}/convier", data=sent).status_code == 303
    reread(session)
    [told] = au_prescripteur(session, table, mark)
    assert "vous invite à présenter ce dossier" in told.corps
    assert LIEU in told.corps
    assert "prescripteur invité à le présenter" in text_of(client.get(page))
    assert "Inviter le prescripteur à le présenter" not in text_of(client.get(page))
    table.place.seance.visio = "https://visio.example/salle"
    session.commit()
    ou = f"Vous le présentez en séance : {LIEU} – https://visio.example/salle."
    assert ou in text_of(prescripteur.get(page)), "the place and the link, as in the e-mail"
    again = session.get_one(Dossier, inscrit.id)
    assert client.post(f"{page}/convier", data={"version": str(again.version)}).status_code == 303
    reread(session)
    assert len(au_prescripteur(session, table, mark)) == 1, "twice is as once"


def test_who_comes_is_told_of_another_place_and_the_table_says_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    seance, secretaire = table.place.seance, table.place.scene.siao_direction
    debut = seance.debut.astimezone(ZoneInfo("Europe/Paris"))

    def deplacer(lieu: str) -> list[MessageSortant]:
        mark = dernier(session)
        typed = SaisieSeance(jour=debut.date(), heure=debut.time(), duree_minutes=180, lieu=lieu)
        seances.modifier(session, clock, secretaire, seance, typed, version=seance.version)
        return au_prescripteur(session, table, mark)

    assert deplacer("Préfecture") == [], "who does not come is told of another day alone"
    table.place.commission.prescripteur = PresencePrescripteur.OUI
    [told] = deplacer("Sous-préfecture")
    assert "change le lieu de la séance" in told.corps
    assert "Vous y présentez ce dossier : Sous-préfecture." in told.corps
    session.commit()
    clock.instant = seance.debut + timedelta(minutes=1)
    conduite.ouvrir(session, clock, secretaire, seance)
    conduite.examiner(session, clock, secretaire, seance, ouvert)
    session.commit()
    page = client_for(table.conseil).get(f"/seances/{seance.ref}/conduite")
    assert "Le prescripteur vient le présenter" in text_of(page)


def test_a_dossier_taken_out_of_an_agenda_is_told_to_its_prescriber(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    secretaire, mark = table.place.scene.siao_direction, dernier(session)
    vise = dossiers.vise(session, clock, secretaire, inscrit)
    ordre.desinscrire(session, clock, secretaire, vise, version=inscrit.version)
    [told] = au_prescripteur(session, table, mark)
    assert "a retiré ce dossier de l’ordre du jour" in told.corps
