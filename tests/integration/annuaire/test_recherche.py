"""Searching as people ask: relevance, filters, rights, bounds."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.annuaire.candidats import BORNES
from portal.annuaire.models import Referent
from portal.annuaire.recherche import FiltreAnnuaire, chercher
from portal.annuaire.service import fermer
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.annuaire.conftest import CAMILLE, DONNEES
from tests.integration.web_organisations import statements

Trouver = Callable[..., list[str]]


@pytest.fixture
def trouver(
    session: Session, clock: FixedClock, regulatrice: Actor, annuaire: dict[str, Referent]
) -> Trouver:
    """Return a function (text, filters, actor) → keys of the entries found, in order."""
    cles = {referent.id: cle for cle, referent in annuaire.items()}

    def find(texte: str = "", actor: Actor | None = None, **filtres: Any) -> list[str]:
        who = actor or regulatrice
        found = chercher(session, who, FiltreAnnuaire(texte=texte, **filtres), clock.today())
        return [cles[ligne.id] for ligne in found.lignes]

    return find


def test_each_way_of_asking_is_answered_by_the_entry_expected(trouver: Trouver) -> None:
    assert len(DONNEES["demande"]) >= 60
    wrong = []
    for demande in DONNEES["demande"]:
        found = trouver(demande["texte"])
        if found[:1] != [demande["attendu"]]:
            wrong.append(f"{demande['texte']}: {demande['attendu']} expected, not {found[:4]}")
    assert not wrong, "\n".join(wrong)


def test_what_answers_to_nothing_finds_nothing_and_signs_are_no_operators(trouver: Trouver) -> None:
    for texte in ("introuvable", "zzz", "λd22", "fjt introuvable", "toile"):
        assert trouver(texte) == [], texte
    for texte in ('"', "* OR", "'", "&|!", "()", "NEAR(a b)", "a'b\"c", "%", "_", "\\", "grandpré\x01"):
        trouver(texte)


def test_filters_combine_with_the_words(trouver: Trouver) -> None:
    assert trouver("siao", fonction_code="referent_logement", type=TypeOrganisation.SIAO) == [
        "siao22_logement"
    ]
    assert trouver("ajoncs", nature_code="PF") == ["pf_lannion"]
    assert set(trouver("référent", public="jeunes", fonction_code="referent_siao", nature_code="RS_FJT")) == {
        "fjt_st_brieuc",
        "fjt_lannion",
        "ccas",  # which answers for every nature and every public
    }
    assert trouver("katell", departement_code="35") == ["ille_et_vilaine"]


def test_a_filter_alone_lists_by_organisation(trouver: Trouver) -> None:
    assert trouver(type=TypeOrganisation.ETAT) == ["etat_contingent", "etat_signataire"]
    assert trouver(departement_code="35") == ["ille_et_vilaine"]
    assert len(trouver()) == 25


def test_a_territory_finds_what_covers_it_by_name_or_as_a_whole(trouver: Trouver) -> None:
    agences = {"fonction_code": "referent_proximite"}
    assert trouver(lieu=Lieu(Maille.COMMUNE, "22113"), **agences) == ["bailleur_agence_lannion"]
    assert trouver(lieu=Lieu(Maille.COMMUNE, "22278"), **agences) == ["bailleur_agence_st_brieuc"]
    assert trouver("agence", lieu=Lieu(Maille.EPCI, "200069409")) == ["bailleur_agence_st_brieuc"]
    assert "etat_contingent" in trouver("contingent", lieu=Lieu(Maille.COMMUNE, "22113"))
    assert trouver("katell", lieu=Lieu(Maille.COMMUNE, "22113")) == ["siao22_logement"]


def test_nobody_finds_what_they_may_not_see(
    trouver: Trouver, actor_for: Callable[..., Actor], factories: SimpleNamespace
) -> None:
    tours = actor_for(
        Profil.SIAO_DIRECTION, factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37")
    )
    assert trouver("grandpré", tours) == trouver("", tours) == []
    observateur = actor_for(Profil.OBSERVATEUR_AGREGE)
    assert trouver("", observateur) == []
    invite = actor_for(Profil.INVITE_PONCTUEL, factories.Organisation(type=TypeOrganisation.SANTE))
    assert trouver("grandpré", invite) == []
    assert trouver("siao", invite)[0].startswith("siao22")
    assert {cle.partition("_")[0] for cle in trouver("", invite)} == {"siao22"}


def test_to_be_verified_is_a_filter(
    trouver: Trouver, session: Session, clock: FixedClock, annuaire: dict[str, Referent]
) -> None:
    assert trouver(a_verifier=True) == trouver("siao", a_verifier=True) == []
    annuaire["adoma_siao"].verifie_le = clock.today().replace(year=2025)
    annuaire["adoma_si"].verifie_le = None
    session.commit()
    assert set(trouver(a_verifier=True)) == {"adoma_siao", "adoma_si"}
    assert trouver("référent siao", a_verifier=True)[0] == "adoma_siao"


def test_a_closed_entry_is_found_no_more(
    trouver: Trouver, session: Session, clock: FixedClock, annuaire: dict[str, Referent], regulatrice: Actor
) -> None:
    cada = annuaire["cada"]
    fermer(session, clock, regulatrice, cada, clock.today(), version=cada.version)
    session.commit()
    assert trouver("orvalet") == []
    assert "cada" not in trouver(fonction_code="referent_siao")


def test_a_frequent_word_is_answered_in_bounded_steps(
    session: Session,
    clock: FixedClock,
    database: Database,
    regulatrice: Actor,
    siao: Organisation,
    ouvrir: Callable[..., Referent],
) -> None:
    for number in range(BORNES[2] + 20):
        ouvrir(siao, "signataire", replace(CAMILLE, nom=f"Saint{number:03d}"))
    last = ouvrir(siao, "signataire", replace(CAMILLE, prenom="Yanis", nom="Saint"))
    session.commit()
    chercher(session, regulatrice, FiltreAnnuaire(texte="saint"), clock.today())
    with statements(database) as seen:
        found = chercher(session, regulatrice, FiltreAnnuaire(texte="saint"), clock.today())
    assert len(seen) <= 4  # whatever the number of entries
    assert found.plus
    assert len(found.lignes) == 25
    assert (
        chercher(session, regulatrice, FiltreAnnuaire(texte="yanis saint"), clock.today()).lignes[0].id
        == last.id
    )
