"""The nomenclatures kept as data say what domaine.md § 13 says."""

import csv
from zoneinfo import ZoneInfo

from portal.organisations.enums import FamilleNature
from portal.organisations.natures import REFERENCE, categories_l345_2_6, read_toml, types_place


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_nature_of_the_domain_is_there():
    codes = [row["code"] for row in read_toml("natures")]
    expected = """115 ACCUEIL_JOUR MARAUDE SAO CHU CHRS_URG HOTEL HALTE_HIVER AUTRE_URG STAB_CHRS STAB_HORS
        CHRS_INS INS_AUTRE ALT RS RS_FJT FJT_NT FTM_NT PF RA IML_SL IML_MG RHVS PLAI_ADAPTE LHSS LAM ACT
        CADA HUDA CAES CPH MERE_ENFANT AVDL ASLL AUTRE_MESURE"""
    assert codes == expected.split()


def test_each_nature_is_labelled_and_of_a_known_family():
    for row in read_toml("natures"):
        assert FamilleNature(row["famille"])
        assert row["libelle"]
        assert row["libelle_en"]
    outside = {row["code"] for row in read_toml("natures") if row.get("hors_accord_cadre")}
    assert outside == {"FJT_NT", "FTM_NT"}


def test_finess_categories_lead_to_known_natures():
    natures = {row["code"] for row in read_toml("natures")}
    rows = {row["code"]: row.get("nature") for row in read_toml("categories_finess")}
    assert " ".join(sorted(rows)) == "165 166 180 213 214 219 256 257 258 259 442 443"
    assert {nature for nature in rows.values() if nature} <= natures
    assert [code for code, nature in rows.items() if nature is None] == ["219", "257"]


def test_places_and_partners():
    assert len(types_place()) == 11
    assert types_place()["hivernale"].en_langue("en") == "Winter place"
    assert list(categories_l345_2_6()) == list(range(1, 12))
    assert categories_l345_2_6()[8].en_langue("fr") == "Bailleurs sociaux"


def test_every_departement_has_a_region_and_a_real_time_zone():
    regions = {row["code"] for row in table("regions.csv")}
    rows = {row["code"]: row for row in table("departements.csv")}
    assert len(rows) == 107
    assert {"2A", "2B", "75", "92"} < set(rows)
    overseas = " ".join(code for code in rows if len(code) == 3)
    assert overseas == "971 972 973 974 975 976 977 978 986 987 988"
    for row in rows.values():
        assert row["region_code"] in regions
        assert ZoneInfo(row["fuseau"])
    assert rows["974"]["fuseau"] == "Indian/Reunion"
    assert rows["92"]["fuseau"] == "Europe/Paris"
