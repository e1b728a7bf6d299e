"""How voices are counted (domaine.md § 7.2)."""

from fractions import Fraction

from portal.commissions.conduite.regles import motif_interdit
from portal.commissions.conduite.votes import Present, Vote, decompter, votants
from portal.commissions.enums import RegleDecision, VoixPar

O, C = VoixPar.ORGANISME, VoixPar.COLLEGE
VOTE, PONDERE = RegleDecision.VOTE, RegleDecision.PONDERE
POUR, CONTRE, BLANC = Vote.POUR, Vote.CONTRE, Vote.ABSTENTION


def assis(cle: int, college: int | None = 1, *, poids: int = 1, **autres: bool) -> Present:
    faits = {"preside": False, "delibere": True, "deport": False} | autres
    return Present(cle, f"Organisme {cle}", college, f"Collège {college}", poids, **faits)


def voix(**votes: Vote) -> dict[str, Vote]:
    return votes


def test_an_organisation_that_sits_twice_has_one_voice() -> None:
    found = votants([assis(1), assis(1, 2), assis(2)], O)
    assert [one.cle for one in found] == ["o1", "o2"]


def test_a_president_who_also_sits_in_a_college_votes_there() -> None:
    (seul,) = votants([assis(1, None, preside=True), assis(1, 2, poids=51)], O)
    assert (seul.college_id, seul.poids, seul.preside) == (2, 51, True)


def test_consultative_seats_have_no_voice() -> None:
    assert votants([assis(1, delibere=False)], O) == []
    assert votants([assis(1, delibere=False)], C) == []


def test_who_is_party_to_the_dossier_is_told_and_does_not_vote() -> None:
    found = votants([assis(1, deport=True), assis(2)], O)
    assert [(one.cle, one.deport) for one in found] == [("o2", False), ("o1", True)]
    result = decompter(VOTE, found, voix(o1=CONTRE, o2=POUR))
    assert (result.pour, result.contre, result.adopte) == (1, 0, True)


def test_a_college_votes_once_and_withdraws_only_when_all_of_it_does() -> None:
    found = votants([assis(1), assis(2, deport=True), assis(3, 2, deport=True)], C)
    assert [(one.cle, one.deport) for one in found] == [("c1", False), ("c2", True)]


def test_abstentions_are_not_voices_cast() -> None:
    found = votants([assis(key) for key in range(1, 6)], O)
    result = decompter(VOTE, found, voix(o1=POUR, o2=BLANC, o3=BLANC, o4=BLANC))
    assert (result.pour, result.contre, result.abstentions, result.adopte) == (1, 0, 4, True)


def test_nobody_for_is_not_adopted() -> None:
    assert not decompter(VOTE, votants([assis(1)], O), {}).adopte


def test_as_many_on_each_side_is_not_adopted_without_a_casting_voice() -> None:
    found = votants([assis(1, preside=True), assis(2)], O)
    assert not decompter(VOTE, found, voix(o1=POUR, o2=CONTRE)).adopte


def test_the_casting_voice_is_that_of_the_presidents_when_they_agree() -> None:
    found = votants([assis(1, preside=True), assis(2, preside=True), assis(3), assis(4)], O)
    agree = decompter(VOTE, found, voix(o1=POUR, o2=POUR, o3=CONTRE, o4=CONTRE), preponderante=True)
    assert (agree.adopte, agree.preponderante) == (True, True)
    split = decompter(VOTE, found, voix(o1=POUR, o2=CONTRE, o3=POUR, o4=CONTRE), preponderante=True)
    assert (split.adopte, split.preponderante) == (False, False)


def test_a_president_who_withdraws_casts_no_voice() -> None:
    found = votants([assis(1, preside=True, deport=True), assis(2), assis(3)], O)
    assert not decompter(VOTE, found, voix(o1=POUR, o2=POUR, o3=CONTRE), preponderante=True).adopte


def test_the_weight_of_a_college_is_shared_by_the_voices_cast_in_it() -> None:
    found = votants([assis(1, 1, poids=51), assis(2, 2, poids=49), assis(3, 2, poids=49)], O)
    result = decompter(PONDERE, found, voix(o1=POUR, o2=CONTRE, o3=CONTRE))
    assert (result.pour, result.contre, result.adopte) == (51, 49, True)
    partage = decompter(PONDERE, found, voix(o1=CONTRE, o2=POUR, o3=CONTRE))
    assert (partage.pour, partage.contre) == (Fraction(49, 2), 51 + Fraction(49, 2))


def test_a_president_outside_of_the_colleges_has_no_weight_but_the_casting_voice() -> None:
    found = votants([assis(9, None, preside=True), assis(1, 1, poids=50), assis(2, 2, poids=50)], O)
    result = decompter(PONDERE, found, voix(o9=POUR, o1=POUR, o2=CONTRE), preponderante=True)
    assert (result.pour, result.contre, result.adopte, result.preponderante) == (50, 50, True, True)


def test_a_refusal_is_not_founded_on_a_forbidden_ground() -> None:
    found = motif_interdit("NON_LABELLISE", "Bénéficiaire du RSA", "")
    assert found is not None
    assert found.code == "MINIMA_SOCIAUX"
    assert motif_interdit("NON_LABELLISE", "Loyer trop élevé", "perçoit l’ARE") is not None
    assert motif_interdit("RADIE", "", "En CEJ depuis un an") is not None
    assert motif_interdit("SORTIE", "Sa religion") is not None


def test_a_favourable_decision_may_name_the_rights_of_a_household() -> None:
    assert motif_interdit("LABELLISE", "RSA ouvert, FSL demandé") is None
    assert motif_interdit("AJOURNE", "Attente de l’AAH") is None
