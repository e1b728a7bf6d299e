"""What is typed about a household: numbers, identities, and their keyed hashes."""

from datetime import UTC, date, datetime

import pytest
from cryptography.fernet import Fernet, MultiFernet

from portal.grilles.menages.acces import etat
from portal.grilles.menages.enums import EtatAcces, StatutAcces
from portal.grilles.menages.identites import Identite, cle_du_numero, cle_si_siao
from portal.grilles.menages.saisie import SaisieAdulte, lire_identite, lire_numero_unique, lire_si_siao
from portal.security.coffre import Coffre
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, DomainErrors

MIDI = datetime(2026, 3, 2, 12, tzinfo=UTC)
COFFRE = Coffre(MultiFernet([Fernet(Fernet.generate_key())]), b"secret")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("022032600123410200", "022032600123410200"),
        (" 022 0326 001234 10200 ", "022032600123410200"),
        ("022-0326-001234-10200", "022032600123410200"),
        ("02a032600123410200", "02A032600123410200"),
        ("974032600123410200", "974032600123410200"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_demand_number_is_read_as_people_copy_it(typed: str, read: str) -> None:
    assert lire_numero_unique(typed) == read


@pytest.mark.parametrize(
    "typed", ["12345", "0220326001234102001", "A22032600123410200", "numéro à venir", "²" * 18]
)
def test_another_shape_is_refused(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        lire_numero_unique(typed)
    assert (refused.value.code, refused.value.field) == ("menages.numero_unique", "numero_unique")


def test_a_reference_is_free_and_short() -> None:
    assert lire_si_siao("  SI   22/4471 ") == "SI 22/4471"
    with pytest.raises(DomainError):
        lire_si_siao("x" * 41)


@pytest.mark.parametrize(
    ("naissance", "refus"),
    [
        (date(2012, 3, 2), None),
        (date(2012, 3, 3), "menages.naissance_absurde"),
        (date(1906, 3, 2), None),
        (date(1906, 3, 1), "menages.naissance_absurde"),
        (date(2030, 1, 1), "menages.naissance_absurde"),
        (None, "menages.naissance"),
    ],
)
def test_a_date_of_birth_is_that_of_an_adult_of_a_household(
    naissance: date | None, refus: str | None
) -> None:
    typed = SaisieAdulte(nom="Fictif", prenom="Anne", naissance=naissance)
    if refus is None:
        assert lire_identite(FixedClock(MIDI), typed).naissance == naissance
        return
    with pytest.raises(DomainErrors) as refused:
        lire_identite(FixedClock(MIDI), typed)
    assert [one.code for one in refused.value.errors] == [refus]


def test_everything_missing_is_said_at_once() -> None:
    with pytest.raises(DomainErrors) as refused:
        lire_identite(FixedClock(MIDI), SaisieAdulte(), "adulte_2_")
    assert [one.field for one in refused.value.errors] == [
        "adulte_2_nom",
        "adulte_2_prenom",
        "adulte_2_naissance",
    ]


@pytest.mark.parametrize(
    ("nom", "prenom"),
    [("LE FICTIF-COZ", "Yann"), ("le fictif coz", "YANN"), ("Lé  Fictif’Coz", "yànn")],
)
def test_one_person_has_one_hash_however_typed(nom: str, prenom: str) -> None:
    un = Identite("Le Fictif-Coz", "Yann", date(1988, 11, 3))
    assert Identite(nom, prenom, date(1988, 11, 3)).cle(COFFRE) == un.cle(COFFRE)
    assert Identite(nom, prenom, date(1988, 11, 4)).cle(COFFRE) != un.cle(COFFRE)
    assert Identite(nom, prenom, date(1988, 11, 3)).nom_cle(COFFRE) == un.nom_cle(COFFRE)


def test_numbers_and_references_are_found_without_their_punctuation() -> None:
    assert cle_du_numero(COFFRE, "022 0326-001234 10200") == cle_du_numero(COFFRE, "022032600123410200")
    assert cle_si_siao(COFFRE, "si/22.4471") == cle_si_siao(COFFRE, "SI-22-4471")
    assert cle_si_siao(COFFRE, "224471") != cle_du_numero(COFFRE, "224471")


def test_an_identity_comes_back_as_it_was() -> None:
    un = Identite("Le Fictif", "Yann", date(1988, 11, 3), "Service Fictif de protection")
    ferme = un.fermer(COFFRE)
    assert "Fictif" not in ferme
    assert Identite.ouvrir(COFFRE, ferme) == un
    assert Identite.ouvrir(COFFRE, "") is None


AVANT, APRES = datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statut", "repondre_avant", "jusqu_au", "repondu", "attendu"),
    [
        (StatutAcces.DEMANDE, APRES, None, False, EtatAcces.DEMANDE),
        (StatutAcces.DEMANDE, MIDI, None, False, EtatAcces.SANS_REPONSE),
        (StatutAcces.REFUSE, AVANT, None, False, EtatAcces.SANS_REPONSE),
        (StatutAcces.REFUSE, AVANT, None, True, EtatAcces.REFUSE),
        (StatutAcces.ACCORDE, AVANT, APRES, True, EtatAcces.OUVERT),
        (StatutAcces.ACCORDE, AVANT, MIDI, True, EtatAcces.FINI),
        (StatutAcces.FERME, AVANT, APRES, True, EtatAcces.FERME),
    ],
)
def test_where_a_request_stands(
    statut: StatutAcces,
    repondre_avant: datetime,
    jusqu_au: datetime | None,
    repondu: bool,
    attendu: EtatAcces,
) -> None:
    assert etat(statut, repondre_avant, jusqu_au, repondu, MIDI) is attendu
