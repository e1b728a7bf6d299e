"""Negotiating a clause: values and texts within their bounds, positions, whose turn it is, the thread."""

import pytest
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.redaction import fil, queries, service
from portal.conventions.redaction.enums import EtatClause, GenreFait, Position
from portal.notifications.models import MessageSortant
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests.integration.redaction.conftest import Negociation
from tests.textes import NEGOCIEES

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
A, P, R = Position.ACCEPTEE, Position.PROPOSEE, Position.RESERVE


def code_de(error: pytest.ExceptionInfo[BaseException]) -> str:
    value = error.value
    if isinstance(value, DomainErrors):
        return value.errors[0].code
    assert isinstance(value, DomainError)
    return value.code


def test_opening_makes_a_project_of_the_clauses_that_the_natures_call_for(negociation: Negociation) -> None:
    lu = negociation.lire()
    assert negociation.ligne.statut is Statut.PROJET
    assert tuple(lue.code for lue in lu.negociees) == NEGOCIEES
    assert [retrait.code for retrait in lu.composition.retraits] == ["7.3-CHRS", "7.3-RS"]
    assert "CHRS" in lu.composition.retraits[0].motif.en_langue()
    assert lu.attentes == {O: 5, S: 5, E: 5}
    assert "168 heures" in lu.blocs(lu.clause("7.2"))[0].texte


def test_the_operator_reads_the_project_and_speaks_once_the_negotiation_is_open(
    negociation: Negociation,
) -> None:
    with pytest.raises(DomainError) as refus:
        negociation.dire(O, "6.3", A)
    assert code_de(refus) == "redaction.projet"
    negociation.negocier()
    negociation.dire(O, "6.3", A)
    assert negociation.lire().clause("6.3").positions == {O: A, S: P, E: Position.A_EXAMINER}


def test_opening_the_negotiation_proposes_in_ones_own_name_only_what_is_complete(
    negociation: Negociation,
) -> None:
    negociation.negocier()
    lu = negociation.lire()
    assert lu.clause("6.3").attendues == (O, E)
    assert lu.clause("5.1").attendues == (O, S, E)  # its référent is still owed
    assert lu.attentes == {O: 5, S: 1, E: 5}


def test_a_value_out_of_bounds_is_refused_with_its_reference(negociation: Negociation) -> None:
    with pytest.raises(DomainErrors) as refus:
        negociation.ecrire(S, "5.2", freq_eval_mois="18")
    [erreur] = refus.value.errors
    assert erreur.code == "modeles.valeur_hors_bornes"
    assert erreur.field == "valeur_freq_eval_mois"
    assert erreur.params["origine"] == "modèle présenté par la Dihal"
    assert negociation.lire().clause("5.2").ecrit.valeurs == {}


@pytest.mark.parametrize(
    ("code", "valeurs", "attendu"),
    [
        ("7.2", {"delai_orientation_h": "24"}, "redaction.vert"),
        ("1", {"texte": "Autre objet"}, "redaction.fixe"),
        ("6.3", {"inconnu": "x"}, "redaction.champ_inconnu"),
        ("6.3", {"texte": ""}, "redaction.texte_vide"),
        ("6.3", {"texte": "Voir [[99.9]]"}, "redaction.renvoi_inconnu"),
        ("6.3", {"texte": "Tous les {{mystere}}"}, "redaction.champ_inconnu"),
        ("6.3", {"texte": "La revue a lieu chaque trimestre ; voir [[7.2]]."}, "redaction.inchangee"),
        ("5.2", {"freq_eval_mois": "6"}, "redaction.inchangee"),
    ],
)
def test_what_is_not_the_parties_to_write_is_refused(
    negociation: Negociation, code: str, valeurs: dict[str, str], attendu: str
) -> None:
    version = 1 if code in ("7.2", "1") else negociation.clause(code).version
    texte = valeurs.pop("texte", None)
    with pytest.raises((DomainError, DomainErrors)) as refus:
        service.modifier(
            negociation.session,
            negociation.clock,
            negociation.voix[S],
            negociation.ref,
            code,
            version,
            texte=texte,
            valeurs=valeurs,
        )
    assert code_de(refus) == attendu


def test_writing_asks_the_others_again_and_keeps_what_it_was(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.dire(O, "5.2", A)
    negociation.dire(E, "5.2", A)
    assert negociation.lire().clause("5.2").accordee
    negociation.ecrire(O, "5.2", motif="Nos équipes tournent tous les quatre mois", freq_eval_mois="4")
    lue = negociation.lire().clause("5.2")
    assert lue.positions == {O: P, S: Position.A_EXAMINER, E: Position.A_EXAMINER}
    assert negociation.lire().blocs(lue)[0].texte == "L’évaluation est revue tous les 4 mois."
    fait = fil.faits(negociation.session, lue.ecrit.id)[0]
    assert (fait.genre, fait.avant, fait.apres, fait.partie) == (GenreFait.VALEUR, "6", "4", O)
    assert fait.motif == "Nos équipes tournent tous les quatre mois"
    entree = negociation.session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "conventions:clause:modifier")
    ).one()
    assert entree.changements["freq_eval_mois"] == ["6", "4"]


def test_a_star_needs_the_operators_own_word(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.ecrire(O, "5.2", freq_eval_mois="4")
    negociation.dire(S, "5.2", A)
    negociation.dire(E, "5.2", A)
    lue = negociation.lire().clause("5.2")
    assert not lue.accordee
    assert lue.attendues == (O,)
    negociation.dire(O, "5.2", A)
    assert negociation.lire().clause("5.2").accordee


def test_a_reservation_says_why_and_hands_the_turn_to_those_who_agree(negociation: Negociation) -> None:
    negociation.negocier()
    with pytest.raises(DomainError) as refus:
        negociation.dire(O, "6.3", R)
    assert (code_de(refus), refus.value.field) == ("redaction.motif_obligatoire", "motif")
    negociation.dire(O, "6.3", R, "Une revue par semestre")
    lue = negociation.lire().clause("6.3")
    assert (lue.etat, lue.attendues) == (EtatClause.EN_DISCUSSION, (S, E))
    assert lue.ecrit.positions[O].motif == "Une revue par semestre"


def test_an_incomplete_clause_is_not_accepted(negociation: Negociation) -> None:
    negociation.negocier()
    with pytest.raises(DomainError) as refus:
        negociation.dire(E, "5.1", A)
    assert (code_de(refus), refus.value.params["champ"]) == ("redaction.a_completer", "Référent du ménage")


def test_the_review_of_files_always_carries_its_sentence(negociation: Negociation) -> None:
    negociation.ecrire(S, "6.3", texte="Plus de revue.")
    lu = negociation.lire()
    textes = [bloc.texte for bloc in lu.blocs(lu.clause("6.3"))]
    assert textes == [
        "Plus de revue.",
        "La revue est un exercice de coordination, sans évaluation du service rendu.",
    ]


def test_two_people_on_two_clauses_never_collide_and_on_one_the_second_is_told(
    negociation: Negociation,
) -> None:
    negociation.negocier()
    avant, autre = negociation.clause("6.3").version, negociation.clause("7.3").version
    negociation.ecrire(S, "6.3", texte="Une revue par mois.")
    for code, version in (("7.3", autre), ("6.3", avant)):
        depose = (
            negociation.session,
            negociation.clock,
            negociation.voix[E],
            negociation.ref,
            code,
            version,
        )
        if code == "7.3":
            service.modifier(*depose, texte="Autrement.")
            continue
        with pytest.raises(StaleVersion):
            service.modifier(*depose, texte="Autrement.")
        with pytest.raises(StaleVersion):
            service.prendre_position(*depose, position=A)
    assert negociation.clause("6.3").texte == "Une revue par mois."


def test_accepting_twice_says_it_once(negociation: Negociation) -> None:
    negociation.negocier()
    version = negociation.clause("6.3").version
    for _clic in range(2):
        service.prendre_position(
            negociation.session,
            negociation.clock,
            negociation.voix[O],
            negociation.ref,
            "6.3",
            version,
            position=A,
        )
    dits = [f for f in fil.faits(negociation.session, negociation.clause("6.3").id) if f.partie is O]
    assert len(dits) == 1


def test_the_thread_counts_its_open_remarks(negociation: Negociation) -> None:
    negociation.negocier()
    depose = (negociation.session, negociation.clock, negociation.voix[O], negociation.ref, "6.3")
    un = service.commenter(*depose, texte="Quels participants ?", cle="clic")
    assert service.commenter(*depose, texte="Quels participants ?", cle="clic").ref == un.ref
    assert negociation.lire().clause("6.3").ecrit.commentaires == 1
    service.resoudre(*depose, un.ref)
    assert negociation.lire().clause("6.3").ecrit.commentaires == 0
    with pytest.raises(DomainError) as refus:
        service.commenter(*depose, texte="  ")
    assert code_de(refus) == "redaction.commentaire_vide"


def test_others_may_not_even_know(negociation: Negociation) -> None:
    negociation.negocier()
    depose = (negociation.session, negociation.clock)
    with pytest.raises(NotVisible):
        queries.texte(negociation.session, negociation.ailleurs, negociation.ref)
    with pytest.raises(NotVisible):
        service.commenter(*depose, negociation.ailleurs, negociation.ref, "6.3", texte="Bonjour")
    assert queries.texte(negociation.session, negociation.gestionnaire, negociation.ref).numero
    with pytest.raises(Forbidden):
        service.commenter(*depose, negociation.gestionnaire, negociation.ref, "6.3", texte="Bonjour")


def test_agreement_in_principle_waits_for_every_clause(negociation: Negociation) -> None:
    negociation.negocier()

    def accorder() -> None:
        ligne = negociation.ligne
        lignes.avancer(
            negociation.session, negociation.clock, negociation.voix[S], ligne.ref, ligne.version, "accorder"
        )

    with pytest.raises(DomainError) as refus:
        accorder()
    assert code_de(refus) == "redaction.clauses_ouvertes"
    assert negociation.ligne.statut is Statut.EN_NEGOCIATION
    negociation.accorder_tout()
    assert negociation.lire().ouvertes == []
    accorder()
    assert negociation.ligne.statut is Statut.ACCORD_DE_PRINCIPE
    with pytest.raises(DomainError) as refus:
        negociation.dire(O, "6.3", R, "Finalement non")
    assert code_de(refus) == "redaction.etat"


def test_each_party_is_written_to_when_its_turn_comes_and_not_for_each_clause(
    negociation: Negociation,
) -> None:
    def sujets() -> list[str]:
        lus = negociation.session.scalars(select(MessageSortant).order_by(MessageSortant.id))
        return [message.destinataire for message in lus]

    negociation.negocier()
    adresse = {partie: actor.email for partie, actor in negociation.voix.items()}
    assert sujets() == [adresse[O]]  # the State saw the project coming
    negociation.dire(O, "6.3", A)
    negociation.dire(O, "7.3", A)
    assert sujets() == [adresse[O]]
