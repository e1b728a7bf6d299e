"""What the tables of the field write: numbers, names, functions, columns, without database."""

import pytest

from portal.annuaire.echanges import mots, telephones
from portal.annuaire.echanges.champs import COLONNES, Champ
from portal.annuaire.echanges.fiches import entetes
from portal.annuaire.enums import Preference
from portal.annuaire.nomenclatures import fonctions
from portal.organisations.enums import TypeOrganisation
from portal.shared.errors import DomainError


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("0261910001", "02 61 91 00 01"),
        ("02.61.91.00.01", "02 61 91 00 01"),
        ("+33 2 61 91 00 01", "02 61 91 00 01"),
        ("+33 (0)2 61-91-00-01", "02 61 91 00 01"),
        ("0033261910001", "02 61 91 00 01"),
        ("Tél. : 02 61 91 00 01", "02 61 91 00 01"),
        ("261910001", "02 61 91 00 01"),
        ("+262 692 00 00 01", "06 92 00 00 01"),
        ("00262 262 00 00 01", "02 62 00 00 01"),
        ("+590690000001", "06 90 00 00 01"),
        ("+594 (0)594 00 00 01", "05 94 00 00 01"),
        ("+596 696 00 00 01", "06 96 00 00 01"),
        ("0692 00 00 01", "06 92 00 00 01"),
        ("00687 25 00 01", "+687250001"),
        ("+508 41 00 01", "+508410001"),
        ("115", "115"),
        ("3949", "3949"),
    ],
)
def test_les_numeros_de_france_s_ecrivent_d_une_seule_facon(ecrit: str, lu: str) -> None:
    assert telephones.lire(ecrit, "telephone") == lu


@pytest.mark.parametrize("ecrit", ["06 12", "02 61 91 00 0", "zéro six", "+33 12", "00 00 00 00 00"])
def test_ce_qui_n_est_pas_un_numero_est_refuse(ecrit: str) -> None:
    with pytest.raises(DomainError) as refus:
        telephones.lire(ecrit, "telephone")
    assert refus.value.field == "telephone"


@pytest.mark.parametrize(
    ("cellule", "lus"),
    [
        (261910001, ["0261910001"]),  # a spreadsheet's number, whose zero is lost
        (261910001.0, ["0261910001"]),
        ("02 61 91 00 01 / 06 39 98 00 01", ["02 61 91 00 01", "06 39 98 00 01"]),
        ("0261910001 ou 0639980001", ["0261910001", "0639980001"]),
        ("02-61-91-00-01", ["02-61-91-00-01"]),
        ("+33 (0)2 61 91 00 01", ["+33 (0)2 61 91 00 01"]),
    ],
)
def test_une_case_peut_tenir_deux_numeros(cellule: object, lus: list[str]) -> None:
    assert telephones.numeros(cellule) == lus  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ecrit", "inverse", "lu"),
    [
        ("Yann LE GOFF", False, ("Yann", "LE GOFF")),
        ("LE GOFF Yann", False, ("Yann", "LE GOFF")),
        ("Mme Soazig GUÉGAN", False, ("Soazig", "GUÉGAN")),
        ("M. Le Goff", False, ("Le", "Goff")),
        ("Le Goff, Yann", False, ("Yann", "Le Goff")),
        ("Yann Le Goff", False, ("Yann", "Le Goff")),
        ("Le Goff Yann", True, ("Yann", "Le Goff")),
        ("Goff", False, ("", "Goff")),
        ("DUPONT", True, ("", "DUPONT")),
    ],
)
def test_un_nom_entier_se_partage(ecrit: str, inverse: bool, lu: tuple[str, str]) -> None:
    assert mots.prenom_et_nom(ecrit, inverse=inverse) == lu


@pytest.mark.parametrize(
    ("ecrit", "code", "suppose"),
    [
        ("Référent SIAO", "referent_siao", False),
        ("référente siao", "referent_siao", False),
        ("Réf. SIAO", "referent_siao", False),
        ("SIAO contact", "referent_siao", False),  # the label of the interface in English
        ("logement", "referent_logement", False),
        ("Chargée de relogement", "referent_logement", False),
        ("correspondant SI-SIAO", "correspondant_si_siao", False),
        ("Référent SI SIAO", "correspondant_si_siao", False),
        ("CALEOL", "referent_commission", False),
        ("referent_proximite", "referent_proximite", False),
        ("Référent logement et insertion", "referent_logement", True),
        ("Réferent comission", "referent_commission", True),
        ("Cuisinier", "", False),
    ],
)
def test_les_fonctions_se_disent_de_bien_des_facons(ecrit: str, code: str, suppose: bool) -> None:
    trouve = mots.fonction(ecrit, fonctions(), TypeOrganisation.BAILLEUR)
    assert (trouve.code, trouve.suppose) == (code, suppose)


@pytest.mark.parametrize(
    ("ecrit", "code"),
    [
        ("BPI", "refugies"),
        ("18-25 ans", "jeunes"),
        ("Familles", "familles"),
        ("femmes isolées", "femmes_seules"),
    ],
)
def test_les_publics_aussi(ecrit: str, code: str) -> None:
    assert mots.public(ecrit).code == code


def test_la_facon_de_joindre_et_ce_qui_vaut_pour_tout() -> None:
    assert mots.preference("par mail") is Preference.COURRIEL
    assert mots.preference("Plutôt par téléphone") is Preference.TELEPHONE
    assert mots.preference("pigeon") is None
    assert mots.dit_tout("Tout le département")
    assert mots.parties("Lannion 22300, Perros-Guirec ; Saint-Brieuc\nPlérin") == [
        "Lannion 22300",
        "Perros-Guirec",
        "Saint-Brieuc",
        "Plérin",
    ]


def test_les_titres_d_un_export_sont_tous_reconnus() -> None:
    assert COLONNES.deviner(entetes()) == {champ: rang for rang, champ in enumerate(Champ)}


def test_les_titres_du_terrain_sont_reconnus() -> None:
    trouves = COLONNES.deviner(
        [
            "Gestionnaire",
            "Établissement",
            "Type de référent",
            "NOM Prénom du référent",
            "N° de téléphone",
            "Adresse mail",
            "Suppléant(e)",
            "Mail suppléant",
            "Territoire",
            "Remarques",
        ]
    )
    assert [champ for champ, _rang in sorted(trouves.items(), key=lambda un: un[1])] == [
        Champ.ORGANISATION,
        Champ.STRUCTURE,
        Champ.FONCTION,
        Champ.NOM,
        Champ.TELEPHONE,
        Champ.EMAIL,
        Champ.SUPPLEANT_NOM,
        Champ.SUPPLEANT_EMAIL,
        Champ.TERRITOIRES,
        Champ.MENTION,
    ]
    assert mots.nom_d_abord("NOM Prénom du référent")
    assert not mots.nom_d_abord("Prénom et nom")


def test_une_colonne_ne_sert_qu_une_fois_et_la_fonction_est_dite() -> None:
    with pytest.raises(DomainError, match="colonne_double"):
        COLONNES.verifier({Champ.FONCTION: 0, Champ.NOM: 0}, ["A"])
    with pytest.raises(DomainError, match="fonction_colonne"):
        COLONNES.verifier({Champ.NOM: 0}, ["A"])
    with pytest.raises(DomainError, match=r"tableau\.colonne"):
        COLONNES.verifier({Champ.FONCTION: 7}, ["A"])
