"""The steps of an answer, the reasons that ground one, those that nobody may give."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from portal.grilles.transmissions.circuit import SUIVANTES, effectives, possibles
from portal.grilles.transmissions.enums import DEFAVORABLES, TERMINAUX, Issue, StatutTransmission
from portal.grilles.transmissions.nomenclatures import interdit_dans, interdits, motifs, motifs_de
from portal.grilles.transmissions.saisie import SaisieSuite, defavorable, lire
from portal.organisations.enums import TypeOrganisation
from portal.shared.errors import DomainErrors

S = StatutTransmission
BAILLEUR, GESTIONNAIRE = TypeOrganisation.BAILLEUR, TypeOrganisation.GESTIONNAIRE
ENVOYEE, JOUR = date(2026, 3, 2), date(2026, 3, 20)


@dataclass
class Pas:
    id: int
    statut: S
    corrige_id: int | None = None
    annule: bool = False


def lues(kind: TypeOrganisation = BAILLEUR, **typed: Any) -> dict[str, Any]:
    return lire(SaisieSuite(**typed), kind, envoyee=ENVOYEE, jour=JOUR)


def refused(kind: TypeOrganisation = BAILLEUR, **typed: Any) -> set[tuple[str, str | None]]:
    with pytest.raises(DomainErrors) as caught:
        lues(kind, **typed)
    return {(one.code, one.field) for one in caught.value.errors}


def test_every_state_says_what_may_follow_and_ends_have_nothing() -> None:
    assert set(SUIVANTES) == set(S)
    assert {one for one, suites in SUIVANTES.items() if not suites} == set(TERMINAUX)


def test_a_corrected_step_counts_no_more_and_stays() -> None:
    steps = [Pas(1, S.RECUE), Pas(2, S.NON_RETENUE), Pas(3, S.POSITIONNEE, corrige_id=2)]
    assert [one.id for one in effectives(steps)] == [1, 3]
    assert S.DECIDEE in possibles(steps)
    assert S.NON_RETENUE in possibles(steps, corrige=True)


def test_a_step_taken_back_leaves_what_was_before() -> None:
    steps = [Pas(1, S.RECUE), Pas(2, S.BAIL_SIGNE), Pas(3, S.RECUE, corrige_id=2, annule=True)]
    assert [one.id for one in effectives(steps)] == [1]
    assert possibles(steps) == SUIVANTES[S.RECUE]


def test_receipt_is_not_corrected() -> None:
    assert possibles([Pas(1, S.RECUE)], corrige=True) == ()
    assert possibles([], corrige=True) == ()


def test_outcomes_are_those_of_r_441_3() -> None:
    assert {one.value for one in Issue} == {
        "attribution",
        "attribution_rang",
        "attribution_sous_condition",
        "non_attribution",
        "rejet_irrecevable",
    }


def test_dates_are_asked_for_and_bounded() -> None:
    assert refused(statut=S.POSITIONNEE) == {("transmissions.jour", "jour")}
    assert refused(statut=S.POSITIONNEE, jour=date(2026, 3, 1)) == {("transmissions.jour_ancien", "jour")}
    assert refused(statut=S.POSITIONNEE, jour=date(2028, 3, 1)) == {("transmissions.jour_lointain", "jour")}
    assert refused(statut=S.BAIL_SIGNE, jour=date(2026, 3, 21)) == {("transmissions.jour_futur", "jour")}
    assert lues(statut=S.POSITIONNEE, jour=date(2026, 4, 2)) == {"jour": "2026-04-02"}


def test_a_rank_goes_with_the_outcome_that_has_one() -> None:
    common: dict[str, Any] = {"statut": S.DECIDEE, "jour": JOUR}
    assert refused(**common) == {("transmissions.issue", "issue")}
    assert refused(**common, issue=Issue.ATTRIBUTION_RANG) == {("transmissions.rang", "rang")}
    assert lues(**common, issue=Issue.ATTRIBUTION_RANG, rang=2)["rang"] == 2
    assert "rang" not in lues(**common, issue=Issue.ATTRIBUTION, rang=2)


@pytest.mark.parametrize("issue", [one for one in Issue if one in DEFAVORABLES])
def test_a_refusal_gives_an_admissible_reason(issue: Issue) -> None:
    common: dict[str, Any] = {"statut": S.DECIDEE, "jour": JOUR, "issue": issue}
    assert refused(**common) == {("transmissions.motif", "motif")}
    detail = lues(**common, motif="PLAFOND")
    assert detail["motif"] == "PLAFOND"
    assert defavorable(S.DECIDEE, detail)
    assert not defavorable(S.REFUS_MENAGE, {})


def test_a_landlord_s_reasons_are_not_a_gestionnaire_s() -> None:
    assert {one.code for one in motifs_de(BAILLEUR)} & {one.code for one in motifs_de(GESTIONNAIRE)} == {
        "INJOIGNABLE"
    }
    assert refused(statut=S.NON_RETENUE, motif="G_AGE") == {("transmissions.motif", "motif")}
    assert lues(GESTIONNAIRE, statut=S.NON_RETENUE, motif="G_AGE") == {"motif": "G_AGE"}


def test_the_application_itself_is_rejected_for_a_condition_of_access_alone() -> None:
    """CCH, art. R. 441-3 e and R. 441-2-8 d: the other reasons refuse one home."""
    common: dict[str, Any] = {"statut": S.DECIDEE, "jour": JOUR, "motif": "OFFRE"}
    assert refused(**common, issue=Issue.REJET_IRRECEVABLE) == {("transmissions.motif", "motif")}
    assert lues(**common, issue=Issue.NON_ATTRIBUTION)["motif"] == "OFFRE"
    assert [one.code for one in motifs_de(BAILLEUR, Issue.REJET_IRRECEVABLE)] == [
        "PLAFOND",
        "SEJOUR",
    ]
    proprietaire = common | {"motif": "PROPRIETAIRE"}  # L. 441-2-2: « peut constituer un motif de refus »
    assert refused(**proprietaire, issue=Issue.REJET_IRRECEVABLE) == {("transmissions.motif", "motif")}
    assert lues(**proprietaire, issue=Issue.NON_ATTRIBUTION)["motif"] == "PROPRIETAIRE"


def test_every_reason_has_its_ground_and_both_languages() -> None:
    for one in motifs().values():
        assert one.fondement
        assert one.libelle.fr
        assert one.libelle.en
    for other in interdits().values():
        assert other.fondement
        assert other.explication.fr
        assert other.explication.en


def test_solvency_takes_the_calculation() -> None:
    """domaine.md § 15, case 12."""
    typed: dict[str, Any] = {"statut": S.NON_RETENUE, "motif": "SOLVABILITE"}
    assert {field for _code, field in refused(**typed)} == {"loyer", "aides", "ressources"}
    assert refused(**typed, loyer="abc", aides="0", ressources="900") == {("transmissions.montant", "loyer")}
    assert refused(**typed, loyer="1", aides="0", ressources="0") == {("transmissions.calcul", "ressources")}
    detail = lues(**typed, loyer="612,50 €", aides="200", ressources="1 100")
    assert detail["calcul"] == {"loyer": 61250, "aides": 20000, "ressources": 110000, "taux": 375}


def test_facts_are_asked_for_where_the_reason_says_so() -> None:
    assert refused(statut=S.NON_RETENUE, motif="TAILLE") == {("transmissions.precision", "precision")}
    assert refused(statut=S.NON_RETENUE, motif="TAILLE", precision="x" * 301) == {
        ("transmissions.trop_long", "precision")
    }


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("Bénéficiaire du RSA", "MINIMA_SOCIAUX"),
        ("Ménage aux minima sociaux", "MINIMA_SOCIAUX"),
        ("perçoit l’AAH", "MINIMA_SOCIAUX"),
        ("touche l’ASS", "MINIMA_SOCIAUX"),
        ("Monsieur est au chômage (ARE)", "CHOMAGE"),
        ("jeune en CEJ", "JEUNES"),
        ("Bénéficiaire du R S A", "MINIMA_SOCIAUX"),
        ("au r.s.a", "MINIMA_SOCIAUX"),
        ("R. S. A. depuis deux ans", "MINIMA_SOCIAUX"),
        ("perçoit l’A.A.H.", "MINIMA_SOCIAUX"),
        ("vit de l'a-s-s", "MINIMA_SOCIAUX"),
        ("A.S.P.A", "MINIMA_SOCIAUX"),
        ("Madame touche l’A.R.E.", "CHOMAGE"),
        ("en C. E. J.", "JEUNES"),
        ("suivi a.p.j.m", "JEUNES"),
        ("connu comme S.D.F.", "HEBERGEMENT"),
        ("famille d’origine étrangère", "ORIGINE"),
        ("port du voile", "CONVICTIONS"),
        ("Madame est enceinte", "SANTE"),
        ("mère seule avec enfants", "FAMILLE"),
        ("aucun lien avec la commune", "COMMUNE"),
        ("sort d’un CHRS", "HEBERGEMENT"),
        ("ancien détenu", "JUSTICE"),
    ],
)
def test_a_ground_that_nobody_may_give_is_recognised(texte: str, code: str) -> None:
    found = interdit_dans(texte)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "texte",
    [
        "Le logement demandé est un T4, le ménage compte deux personnes.",
        "Pièces réclamées le 3 mars puis le 10 mars, sans réponse.",
        "Aucun T3 libre avant septembre, ni dans cette commune ni à côté.",
        "La classe énergétique du logement interdit de le relouer.",
        "Le loyer de 612 euros prend 48 % des ressources mesurées.",
        "M. R. S. a refusé la visite du logement.",
        "Mme R. S. A. et M. A. R. E. ont signé le bail.",
        "Logements A, R et E visités ; il y a a priori un accord sur le bâtiment S.",
        "Rue A. Sarre, bâtiment A, étage S.",
    ],
)
def test_facts_are_left_alone(texte: str) -> None:
    assert interdit_dans(texte) is None


def test_it_is_refused_with_the_explanation_wherever_it_is_written() -> None:
    assert refused(statut=S.NON_RETENUE, motif="AUTRE", precision="Au RSA") == {
        ("transmissions.motif_interdit", "precision")
    }
    assert refused(statut=S.NON_RETENUE, motif="MINIMA_SOCIAUX") == {
        ("transmissions.motif_interdit", "motif")
    }
    with pytest.raises(DomainErrors) as caught:
        lues(statut=S.NON_RETENUE, motif="OFFRE", precision="famille au chômage")
    (error,) = caught.value.errors
    assert error.params["interdit"] == "CHOMAGE"
    assert error.params["fondement"]
