"""What a hostile hand may write in the forms of accounts: refused next to its field, never a failure."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import InvitationCompte
from portal.notifications.models import MessageSortant
from portal.security.permissions import Profil
from portal.security.policy import Actor

INVITATION = {
    "email": "alix@partenaire.example",
    "prenom": "Alix",
    "nom": "Neuf",
    "profil": "gestionnaire_structure",
    "departement_code": "22",
    "langue": "fr",
}


@pytest.fixture
def client(client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]) -> FlaskClient:
    return client_for(actor_for(Profil.ADMIN_ORGANISATION))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("nom", "Neuf\u202efueN"),
        ("prenom", "x" * 100_000),
        ("nom", "\u200b"),
        ("nom", "\ue000/piege"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("email", "a@b.example, c@d.example"),
        ("email", "alix@p\u0430rtenaire.example"),
        ("email", f"{'a' * 300}@partenaire.example"),
        ("profil", "admin_departement"),
        ("departement_code", "75"),
        ("langue", "../../etc"),
    ],
)
def test_an_invitation_refuses_what_would_deceive(
    client: FlaskClient, session: Session, field: str, typed: str
) -> None:
    assert client.post("/equipe/inviter", data=INVITATION | {field: typed}).status_code == 422
    assert session.scalars(select(InvitationCompte)).all() == []
    assert session.scalars(select(MessageSortant)).all() == []


def test_a_name_over_several_lines_makes_no_header(client: FlaskClient, session: Session) -> None:
    typed = INVITATION | {"nom": "Neuf\r\nBcc: c@d.example"}
    assert client.post("/equipe/inviter", data=typed).status_code == 303
    assert session.scalars(select(InvitationCompte.nom)).one() == "Neuf Bcc: c@d.example"
    assert "\n" not in session.scalars(select(MessageSortant.sujet)).one()


@pytest.mark.parametrize("key", ["x" * 100_000, "../../../etc", "abc\u202edefghij"])
def test_a_key_tampered_with_is_refused(client: FlaskClient, session: Session, key: str) -> None:
    assert client.post("/equipe/inviter", data=INVITATION | {"cle_idempotence": key}).status_code == 422
    assert session.scalars(select(InvitationCompte)).all() == []


@pytest.mark.parametrize("cookie", ["x" * 4000, "a.b.c", "\u00e9"])
def test_a_cookie_of_someone_else_s_making_signs_nobody_in(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("portail", cookie)
    assert client.get("/compte").status_code == 303
