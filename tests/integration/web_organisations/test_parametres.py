"""The values that a département changes."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions.parametres import ALERTES, DATE_CIBLE, DELAI_RENOUVELLEMENT, ORDRE_SIGNATURES
from portal.organisations import parametres
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import Forbidden
from portal.web.parametres.routes import SALLES
from tests.integration.web_organisations import reread, text_of


def name(parameter: parametres.Parameter[object]) -> str:
    return parameter.key.replace(".", "__")


def typed(session: Session, **changes: str) -> dict[str, str]:
    """What the form sends: every value as it was opened, some changed."""
    present = parametres.values(session, "22")
    data: dict[str, str] = {}
    for parameter in parametres.registered():
        data[name(parameter)] = data[f"avant_{name(parameter)}"] = parameter.write(present[parameter.key])
    return data | changes


def test_what_changes_is_saved_and_journalled_and_reset(admin: FlaskClient, session: Session) -> None:
    changes = {
        name(DELAI_RENOUVELLEMENT): "200",
        name(ALERTES): " 90 ; 30, 180",
        name(DATE_CIBLE): "30/06/2026",
        name(ORDRE_SIGNATURES): "libre",
    }
    assert admin.post("/parametres", data=typed(session, **changes)).status_code == 303
    reread(session)
    assert parametres.own_values(session, "22") == {
        DELAI_RENOUVELLEMENT.key: "200",
        ALERTES.key: "180,90,30",
        DATE_CIBLE.key: "2026-06-30",
        ORDRE_SIGNATURES.key: "libre",
    }
    page = text_of(admin.get("/parametres"))
    assert "4 valeurs enregistrées." in page
    assert page.count("Valeur de votre département") == 4
    assert "Par défaut : 365." in page
    assert "Proposition du portail, à adapter" in page
    assert admin.post("/parametres/defaut", data={"cle": ALERTES.key}).status_code == 303
    reread(session)
    assert ALERTES.key not in parametres.own_values(session, "22")
    actions = session.scalars(
        select(EntreeJournal.action).where(EntreeJournal.action.startswith("parametres:"))
    ).all()
    assert len(actions) == 5


def test_nothing_changed_writes_nothing(admin: FlaskClient, session: Session) -> None:
    assert admin.post("/parametres", data=typed(session)).status_code == 303
    assert "Rien n’avait changé." in text_of(admin.get("/parametres"))
    reread(session)
    assert parametres.own_values(session, "22") == {}


@pytest.mark.parametrize(
    ("parameter", "text", "message"),
    [
        (DELAI_RENOUVELLEMENT, "12", "Écrivez un nombre entier entre 30 et 1095."),
        (DELAI_RENOUVELLEMENT, "douze", "Écrivez un nombre entier entre 30 et 1095."),
        (DELAI_RENOUVELLEMENT, "", "Ce champ est obligatoire."),
        (ALERTES, "90, demain", "séparés par des virgules"),
        (DATE_CIBLE, "2021-01-01", "Écrivez une date entre le"),
        (DATE_CIBLE, "2026-02-31", "Cette date n’existe pas."),
        (ORDRE_SIGNATURES, "siao", "Ce choix n’est pas proposé."),
    ],
)
def test_a_value_out_of_bounds_is_refused_and_the_others_wait(
    admin: FlaskClient, session: Session, parameter: parametres.Parameter[object], text: str, message: str
) -> None:
    changes = {"conventions__preavis_mois": "7", name(parameter): text}
    answer = admin.post("/parametres", data=typed(session, **changes))
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert 'value="7"' in text_of(answer)
    reread(session)
    assert parametres.own_values(session, "22") == {}


def test_the_second_of_two_editors_is_told(
    admin: FlaskClient, admin_actor: Actor, session: Session, clock: FixedClock
) -> None:
    opened = typed(session, **{name(DELAI_RENOUVELLEMENT): "100"})
    parametres.set_value(session, admin_actor, clock, DELAI_RENOUVELLEMENT.key, "22", "300")
    session.commit()
    answer = admin.post("/parametres", data=opened)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "elle est maintenant « 300 »" in page
    assert 'value="100"' in page
    again = opened | {f"avant_{name(DELAI_RENOUVELLEMENT)}": "300"}
    assert admin.post("/parametres", data=again).status_code == 303
    reread(session)
    assert parametres.value(session, DELAI_RENOUVELLEMENT, "22") == 100


def test_others_neither_read_nor_write(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    client = client_for(actor_for(Profil.SIAO_DIRECTION))
    assert client.get("/parametres").status_code == 403
    assert client.post("/parametres/defaut", data={"cle": ALERTES.key}).status_code == 403


def test_an_unknown_parameter_is_refused(admin: FlaskClient) -> None:
    assert admin.post("/parametres/defaut", data={"cle": "inconnu"}).status_code == 422


def test_each_room_names_its_values(admin: FlaskClient) -> None:
    page = text_of(admin.get("/parametres"))
    for parameter in parametres.registered():
        assert SALLES[parameter.key.partition(".")[0]] in page


def test_nobody_changes_the_values_of_another_departement(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor]
) -> None:
    pilote = actor_for(Profil.ETAT_PILOTE)
    ailleurs = "75" if pilote.departement_code != "75" else "22"
    with pytest.raises(Forbidden):
        parametres.set_value(session, pilote, clock, DELAI_RENOUVELLEMENT.key, ailleurs, "200")
    assert parametres.own_values(session, ailleurs) == {}
