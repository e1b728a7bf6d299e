"""After a party refuses to sign: no agreement is found again until that party has given it (§ 5.2)."""

from collections.abc import Collection

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.redaction import fil
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.signature import service
from portal.shared.errors import DomainError
from tests.integration.signature.conftest import Signature
from tests.integration.signature.test_pages import base, clients

__all__ = ["clients"]

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
MOTIF = "La fréquence n’est pas tenable"


def refuser(signature: Signature, partie: Partie = O, clauses: Collection[str] = ()) -> None:
    service.refuser(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[partie],
        signature.ligne.ref,
        signature.fige().empreinte,
        motif=MOTIF,
        clauses=clauses,
    )


def accord_refuse(signature: Signature) -> str:
    with pytest.raises(DomainError) as refus:
        signature.avancer("accorder")
    return refus.value.code


@pytest.mark.parametrize("partie", list(Partie))
def test_who_refuses_the_whole_text_examines_it_again(signature: Signature, partie: Partie) -> None:
    refuser(signature, partie)
    assert accord_refuse(signature) == "redaction.clauses_ouvertes"
    lu = signature.nego.lire()
    for lue in lu.negociees:
        assert lue.positions[partie] is Position.A_EXAMINER
        assert all(lue.positions[autre] is Position.ACCEPTEE for autre in Partie if autre is not partie)
    assert lu.attentes == {partie: len(lu.negociees)}
    for lue in lu.negociees:
        signature.nego.dire(partie, lue.code, Position.ACCEPTEE)
    signature.avancer("accorder")
    assert signature.ligne.statut is Statut.ACCORD_DE_PRINCIPE


def test_the_others_answer_the_clauses_refused(signature: Signature) -> None:
    refuser(signature, O, ["5.2"])
    assert accord_refuse(signature) == "redaction.clauses_ouvertes"
    lu = signature.nego.lire()
    assert [lue.code for lue in lu.ouvertes] == ["5.2"]
    assert lu.clause("5.2").ecrit.positions[O].position is Position.REFUSEE
    assert lu.clause("5.2").ecrit.positions[O].motif == MOTIF
    assert lu.attentes == {S: 1, E: 1}
    dernier = fil.faits(signature.session, signature.nego.clause("5.2").id)[0]
    assert (dernier.genre, dernier.partie, dernier.avant, dernier.apres, dernier.motif) == (
        GenreFait.POSITION,
        O,
        "acceptee",
        "refusee",
        MOTIF,
    )
    journal = signature.session.scalars(
        select(EntreeJournal.changements)
        .where(EntreeJournal.action == "conventions:texte:positions")
        .order_by(EntreeJournal.id.desc())
    ).first()
    assert journal == {"positions": {"5.2 operateur": ["acceptee", "refusee"]}}
    signature.nego.ecrire(S, "5.2", freq_eval_mois="9")
    for partie in (O, E):
        signature.nego.dire(partie, "5.2", Position.ACCEPTEE)
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    assert signature.ligne.statut is Statut.EN_SIGNATURE


def test_a_clause_that_is_not_of_the_text_cannot_be_refused(signature: Signature) -> None:
    with pytest.raises(DomainError, match=r"signature.clause_inconnue"):
        refuser(signature, O, ["5.2", "rien"])


def test_withdrawing_a_signature_is_going_back_on_the_agreement(signature: Signature) -> None:
    signature.signer(O)
    lignes.retirer_signature(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[O],
        signature.ligne.ref,
        signature.ligne.version,
        partie=O,
        motif=MOTIF,
    )
    assert accord_refuse(signature) == "redaction.clauses_ouvertes"
    assert set(signature.nego.lire().attentes) == {O}


def test_the_screen_names_the_clauses_and_says_what_follows(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    page = clients[O].get(f"{base(signature)}/refuser").get_data(as_text=True)
    assert "Les clauses en cause" in page
    assert 'value="5.2"' in page
    donnees = {"empreinte": signature.fige().empreinte, "motif": MOTIF, "clauses": ["5.2"]}
    suite = clients[O].post(f"{base(signature)}/refuser", data=donnees, follow_redirects=True)
    assert "une fois que vous aurez accepté de nouveau" in suite.get_data(as_text=True)
    assert "Accords à constater" not in clients[S].get("/a-faire").get_data(as_text=True)
    lue = clients[S].get(f"/conventions/{signature.ligne.ref}/texte/clauses/5.2").get_data(as_text=True)
    assert MOTIF in lue
    texte = clients[S].get(f"/conventions/{signature.ligne.ref}/texte").get_data(as_text=True)
    assert f"Motif : {MOTIF}" in texte
