"""Passwords, e-mails, names, telephones; the review's day; who may give what."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from portal.comptes.policies import PROFILS_NATURELS, Acces, grantable, may_edit, may_invite, may_read
from portal.comptes.queries import review_limit
from portal.comptes.regles_mot_de_passe import check_new_password
from portal.comptes.saisie import read_email, read_name, read_phone
from portal.comptes.territoire import OrganisationLue
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Permission, Profil
from portal.security.policy import can, registered
from portal.shared.errors import DomainError

P = Profil
EMAIL = "claude.modele@partenaire.example"


def refusal(call: Any, *args: Any) -> str | None:
    try:
        call(*args)
    except DomainError as error:
        return error.code.removeprefix("comptes.")
    return None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("onze caract", "mot_de_passe_court"),
        ("x" * 64 + "a passer" * 9, "mot_de_passe_long"),
        ("aaaaaaaaaaaaaaaa", "mot_de_passe_courant"),
        ("ababababababab", "mot_de_passe_courant"),
        ("tartetartetarte", "mot_de_passe_courant"),
        ("123456789012", "mot_de_passe_courant"),
        ("abcdefghijklmn", "mot_de_passe_courant"),
        ("mlkjhgfdsqpoiuy", "mot_de_passe_courant"),
        ("Mot de passe 2026", "mot_de_passe_courant"),
        ("AdministrateuR1!", "mot_de_passe_courant"),
        ("claude.modele@partenaire.example", "mot_de_passe_personnel"),
        ("Claude.Modele22", "mot_de_passe_personnel"),
        ("cheval agrafe pile juste", None),
        ("ñandú çédille œuf", None),
        ("密码很长但是没有意义的句子在这里", None),
    ],
    ids=str,
)
def test_what_a_password_must_be(password: str, code: str | None) -> None:
    assert refusal(check_new_password, password, EMAIL) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" Jean.Dupont@Exemple.FR ", "jean.dupont@exemple.fr"),
        ("é@exemple.fr", "é@exemple.fr"),
        ("jean@exemple", None),
        ("jean exemple.fr", None),
        ("a@b.fr\nBcc: x@y.fr", None),
        ("<a@b.fr>", None),
        ("a@b@c.fr", None),
        ("a" * 250 + "@b.fr", None),
        ("", None),
    ],
)
def test_reading_an_email(typed: str, read: str | None) -> None:
    if read is None:
        assert refusal(read_email, typed) == "email_forme"
    else:
        assert read_email(typed) == read


def test_reading_a_name() -> None:
    assert read_name("  Anne-Lise   d’Été ", "nom") == "Anne-Lise d’Été"
    assert refusal(read_name, " ", "nom") == "obligatoire"
    assert refusal(read_name, "x" * 81, "nom") == refusal(read_name, "a\x00b", "nom") == "nom_forme"


@pytest.mark.parametrize(
    ("typed", "good"),
    [("", True), ("02 96 00 00 00", True), ("+262 262 00 00 00", True), ("3949", False), ("appeler", False)],
)
def test_reading_a_telephone(typed: str, good: bool) -> None:
    assert (refusal(read_phone, typed) is None) is good


@pytest.mark.parametrize(
    ("today", "limit"),
    [
        (date(2026, 8, 31), date(2026, 2, 28)),
        (date(2024, 8, 31), date(2024, 2, 29)),
        (date(2026, 3, 2), date(2025, 9, 2)),
        (date(2026, 6, 30), date(2025, 12, 30)),
        (date(2026, 12, 31), date(2026, 6, 30)),
        (date(2026, 1, 31), date(2025, 7, 31)),
    ],
)
def test_the_day_six_months_before(today: date, limit: date) -> None:
    assert review_limit(today) == limit


def actor(profil: Profil, organisation_id: int = 1, departements: tuple[str, ...] = ("22",)) -> Any:
    return SimpleNamespace(
        profil=profil, organisation_id=organisation_id, departements=departements, personne_id=7
    )


def team(kind: str, ident: int = 1, departements: tuple[str, ...] = ("22",)) -> OrganisationLue:
    return OrganisationLue(ident, "r", "Équipe fictive", kind, departements, departement_code=departements[0])


def test_working_in_a_departement_does_not_give_its_administrator_the_keys() -> None:
    who, guest = actor(P.ADMIN_DEPARTEMENT), team("gestionnaire", 5, ("75", "22"))
    assert grantable(who, guest) == ()
    assert not may_invite(who, guest)
    assert not may_read(who, guest)
    assert not may_edit(who, Acces(8, P.ADMIN_ORGANISATION, guest))
    assert grantable(actor(P.ADMIN_DEPARTEMENT, departements=("75",)), guest) == (P.ADMIN_ORGANISATION,)


def test_every_type_of_organisation_has_its_profiles() -> None:
    assert set(PROFILS_NATURELS) == {member.value for member in TypeOrganisation}
    given = {profil for profils in PROFILS_NATURELS.values() for profil in profils}
    assert set(Profil) - given == {P.ADMIN_TECHNIQUE, P.ADMIN_DEPARTEMENT, P.INVITE_PONCTUEL}
    assert all(P.ADMIN_ORGANISATION in profils for profils in PROFILS_NATURELS.values())


@pytest.mark.parametrize("profil", sorted(set(Profil), key=lambda p: p.value), ids=lambda p: p.value)
def test_who_gives_access(profil: Profil) -> None:
    own, near, far = team("etat"), team("siao", 2), team("siao", 3, ("75",))
    expected: dict[Profil, tuple[set[Profil], set[Profil], set[Profil]]] = {
        P.ADMIN_ORGANISATION: (set(PROFILS_NATURELS["etat"]), set(), set()),
        P.ADMIN_DEPARTEMENT: (
            {P.ADMIN_DEPARTEMENT, *PROFILS_NATURELS["etat"]},
            {P.ADMIN_ORGANISATION},
            set(),
        ),
        P.ADMIN_TECHNIQUE: (
            {P.ADMIN_ORGANISATION, P.ADMIN_DEPARTEMENT, P.ADMIN_TECHNIQUE},
            {P.ADMIN_ORGANISATION},
            {P.ADMIN_ORGANISATION},
        ),
    }
    who = actor(profil)
    found = tuple(set(grantable(who, organisation)) for organisation in (own, near, far))
    assert found == expected.get(profil, (set(), set(), set()))
    assert may_invite(who, None) is (profil in expected)
    assert not (profil is P.ADMIN_DEPARTEMENT and grantable(who, team("etat", 4)))


def test_nobody_changes_their_own_access() -> None:
    for profil in Profil:
        assert not may_edit(actor(profil), Acces(7, P.ETAT_AGENT, team("etat")))
        assert not may_edit(actor(profil), Acces(7))


def test_an_administrator_does_not_withdraw_what_they_could_not_give() -> None:
    who = actor(P.ADMIN_ORGANISATION)
    assert may_edit(who, Acces(8, P.ETAT_AGENT, team("etat")))
    assert not may_edit(who, Acces(8, P.ADMIN_DEPARTEMENT, team("etat")))
    assert not may_edit(who, Acces(8, P.SIAO_DIRECTION, team("siao", 2)))
    assert not may_edit(who, Acces(8))
    assert may_edit(actor(P.ADMIN_TECHNIQUE), Acces(8))


def test_directions_see_their_team_and_others_do_not() -> None:
    assert may_read(actor(P.SIAO_DIRECTION), team("siao"))
    assert not may_read(actor(P.SIAO_DIRECTION), team("siao", 2))
    assert not may_read(actor(P.SIAO_REGULATEUR), team("siao"))
    assert not may_read(actor(P.OBSERVATEUR_AGREGE), None)


def test_every_permission_on_accounts_has_a_policy() -> None:
    mine = {permission for permission in Permission if permission.value.startswith("comptes:")}
    assert mine <= registered()
    assert not can(None, Permission.COMPTE_GERER_LE_SIEN)
