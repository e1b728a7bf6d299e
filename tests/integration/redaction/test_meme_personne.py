"""One legal person carries the SIAO and an operator: its two teams stay apart (domaine.md § 10.4)."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie, Statut
from portal.conventions.redaction import cadre, fil, ouverture, queries, service
from portal.conventions.redaction import forme as formes
from portal.conventions.redaction.enums import FormeSignature, Position
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.signature.parametres import FORME, LETTRE
from portal.conventions.tours import service as tours
from portal.organisations import parametres
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.errors import DomainError, NotVisible
from tests.integration.redaction.conftest import Negociation

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
Clients = Callable[[Actor | None], FlaskClient]


@pytest.fixture
def porteuse(negociation: Negociation, factories: SimpleNamespace) -> tuple[Negociation, str]:
    """Return the negotiation of a legal person with its own SIAO, and the reference of a neighbour's line."""
    ligne = negociation.ligne
    ligne.operateur.siren = ligne.siao.siren = "123456789"
    voisine = factories.Convention(
        operateur=factories.Organisation(nom="Association Voisine"),
        siao=ligne.siao,
        etat=ligne.etat,
        natures={"CHU": 5},
    )
    session, clock, siao = negociation.session, negociation.clock, negociation.voix[S]
    ouverture.ouvrir(session, clock, siao, voisine.ref, voisine.version)
    version = queries.texte(session, siao, voisine.ref).version
    cadre.encadrer(
        session,
        clock,
        siao,
        voisine.ref,
        version,
        mode=None,
        dialogue_le=None,
        participants="",
        preparation="Point réservé au SIAO",
    )
    negociation.negocier()
    session.commit()
    return negociation, voisine.ref


@pytest.mark.parametrize("suite", ["", "/texte", "/texte/etat?n=0", "/texte/lecture", "/texte/clauses/5.2"])
def test_the_operator_s_team_never_reads_what_the_siao_negotiates_with_others(
    porteuse: tuple[Negociation, str], client_for: Clients, suite: str
) -> None:
    negociation, voisine = porteuse
    operateur, siao = client_for(negociation.voix[O]), client_for(negociation.voix[S])
    assert operateur.get(f"/conventions/{voisine}{suite}").status_code == 404
    assert siao.get(f"/conventions/{voisine}{suite}").status_code == 200
    assert operateur.get(f"/conventions/{negociation.ref}{suite}").status_code == 200
    for page in ("/conventions", "/conventions/export.csv", "/a-faire", "/tours"):
        assert "Voisine" not in operateur.get(page).get_data(as_text=True)


def test_each_team_speaks_for_its_own_party_only(porteuse: tuple[Negociation, str]) -> None:
    negociation, voisine = porteuse
    negociation.ecrire(O, "5.2", freq_eval_mois="4")
    [fait] = [
        f
        for f in fil.faits(negociation.session, negociation.clause("5.2").id)
        if f.parametre_code == "freq_eval_mois"
    ]
    assert fait.partie is O
    with pytest.raises(NotVisible):
        service.commenter(
            negociation.session, negociation.clock, negociation.voix[O], voisine, "5.2", texte="Bonjour"
        )


def test_at_a_round_of_its_own_siao_the_operator_sees_its_column_alone(
    porteuse: tuple[Negociation, str], client_for: Clients
) -> None:
    negociation, voisine = porteuse
    session, ligne = negociation.session, negociation.ligne
    voisin = queries.entete(session, negociation.voix[S], voisine).operateur_id
    tour = tours.ouvrir(
        session,
        negociation.clock,
        negociation.voix[S],
        nature_code="CHU",
        operateurs=[ligne.operateur.ref, session.get_one(Organisation, voisin).ref],
    )
    session.commit()
    page = client_for(negociation.voix[O]).get(f"/tours/{tour.ref}").get_data(as_text=True)
    assert "Le socle, et vos réponses" in page
    assert "Voisine" not in page
    assert "Voisine" in client_for(negociation.voix[S]).get(f"/tours/{tour.ref}").get_data(as_text=True)


def choisir(negociation: Negociation, partie: Partie, forme: FormeSignature | None) -> None:
    version = negociation.lire().version
    formes.choisir(
        negociation.session,
        negociation.clock,
        negociation.voix[partie],
        negociation.ref,
        version,
        forme=forme,
    )


def test_the_form_is_chosen_and_told_during_the_negotiation(
    porteuse: tuple[Negociation, str], client_for: Clients
) -> None:
    negociation, _voisine = porteuse
    pages = [client_for(negociation.voix[partie]) for partie in (E, O, S)]
    adresse = f"/conventions/{negociation.ref}/texte"
    for page in pages:
        lue = page.get(adresse).get_data(as_text=True)
        assert "Forme et signataires" in lue
        assert "Selon la règle du département." in lue
    assert f"{adresse}/forme" in pages[0].get(adresse).get_data(as_text=True)
    envoi = {"forme": "lettre", "version": str(negociation.lire().version)}
    assert pages[0].post(f"{adresse}/forme", data=envoi).status_code == 303
    for page in pages:
        for lue in (page.get(adresse), page.get(f"{adresse}/etat?n=0"), page.get(circuit(negociation))):
            assert "la personne morale signe une seule fois" in lue.get_data(as_text=True)
    negociation.session.rollback()
    assert negociation.session.scalars(
        select(EntreeJournal.changements).where(EntreeJournal.action == "conventions:texte:forme")
    ).all() == [{"forme": [None, "lettre"]}]


def circuit(negociation: Negociation) -> str:
    return f"/conventions/{negociation.ref}/circuit"


@pytest.mark.parametrize("forme", list(FormeSignature))
def test_no_form_opens_one_team_to_the_other(
    porteuse: tuple[Negociation, str], client_for: Clients, forme: FormeSignature
) -> None:
    negociation, voisine = porteuse
    choisir(negociation, E, forme)
    negociation.session.commit()
    operateur = client_for(negociation.voix[O])
    assert operateur.get(f"/conventions/{voisine}/texte").status_code == 404
    assert "Voisine" not in operateur.get("/conventions").get_data(as_text=True)
    negociation.ecrire(O, "5.2", freq_eval_mois="4")
    assert negociation.lire().clause("5.2").positions[S] is Position.A_EXAMINER


@pytest.mark.parametrize(("partie", "code"), [(O, 403), (S, 403), (E, 200)])
def test_the_state_alone_chooses(
    porteuse: tuple[Negociation, str], client_for: Clients, partie: Partie, code: int
) -> None:
    negociation, voisine = porteuse
    client = client_for(negociation.voix[partie])
    assert client.get(f"/conventions/{negociation.ref}/texte/forme").status_code == code
    if partie is E:  # its neighbour is another legal person: there is nothing to choose
        assert client.get(f"/conventions/{voisine}/texte/forme").status_code == 404


def test_what_is_chosen_for_one_convention_wins_over_the_departement(
    porteuse: tuple[Negociation, str],
) -> None:
    negociation, _voisine = porteuse
    session, ligne = negociation.session, negociation.ligne
    parametres.set_value(
        session, negociation.voix[E], negociation.clock, FORME.key, ligne.departement_code, LETTRE
    )
    assert formes.forme_de(session, ligne) is FormeSignature.LETTRE
    choisir(negociation, E, FormeSignature.MEME_SIGNATAIRE)
    assert formes.forme_de(session, ligne) is FormeSignature.MEME_SIGNATAIRE
    choisir(negociation, E, None)
    assert formes.forme_de(session, ligne) is FormeSignature.LETTRE


def test_the_form_of_a_frozen_text_does_not_move(porteuse: tuple[Negociation, str]) -> None:
    negociation, _voisine = porteuse
    texte = negociation.session.get_one(ConventionTexte, negociation.ligne.id)
    texte.fige_le = negociation.clock.now()
    negociation.session.flush()
    with pytest.raises(DomainError, match=r"redaction.forme_figee"):
        choisir(negociation, E, FormeSignature.LETTRE)


@pytest.mark.parametrize("statut", [Statut.PROJET, Statut.SUSPENDUE, Statut.SANS_OBJET])
def test_the_form_is_chosen_while_the_text_is_negotiated(
    porteuse: tuple[Negociation, str], client_for: Clients, statut: Statut
) -> None:
    negociation, _voisine = porteuse
    negociation.ligne.statut = statut
    negociation.session.flush()
    with pytest.raises(DomainError, match=r"redaction.forme_etat"):
        choisir(negociation, E, FormeSignature.LETTRE)
    negociation.session.commit()
    page = client_for(negociation.voix[E]).get(f"/conventions/{negociation.ref}/texte")
    assert "/texte/forme" not in page.get_data(as_text=True)


def test_two_legal_persons_have_nothing_to_choose(negociation: Negociation) -> None:
    with pytest.raises(DomainError, match=r"redaction.personnes_distinctes"):
        choisir(negociation, E, FormeSignature.LETTRE)
