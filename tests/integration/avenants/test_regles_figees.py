"""What was decided when a text went to signature stays, whatever the département decides since."""

from importlib import import_module
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.conventions import parametres as regles_convention
from portal.conventions.avenants import figer, propositions
from portal.conventions.avenants.models import AvenantProposition
from portal.conventions.enums import Partie
from portal.conventions.fiche import fiche
from portal.conventions.models import ConventionNature
from portal.conventions.natures import natures_a_terme
from portal.conventions.redaction.enums import FormeSignature
from portal.conventions.redaction.forme import forme_de
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.signature import circuit
from portal.conventions.signature.canonique import SIGNATURE
from portal.conventions.signature.parametres import FORME, LETTRE, TRIPARTITE
from portal.organisations import parametres
from portal.shared.errors import DomainError
from tests.integration.avenants.conftest import Avenue
from tests.integration.avenants.test_natures import apporter, migrer
from tests.integration.signature.conftest import Signature
from tests.integration.signature.test_pages import clients

__all__ = ["clients"]

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
ORDRE = regles_convention.ORDRE_SIGNATURES
FIGEE = import_module("migrations.versions.032_signature_figee")


def regler(signature: Signature, parametre: Any, valeur: str) -> None:
    nego = signature.nego
    parametres.set_value(
        nego.session, nego.voix[E], nego.clock, parametre.key, signature.ligne.departement_code, valeur
    )


def attendues(signature: Signature) -> tuple[Partie, ...]:
    return circuit.attendues_de(signature.session, signature.ligne)


@pytest.mark.parametrize("apres", ["siao,operateur,etat", "libre"])
def test_a_new_order_leaves_who_signs_next_of_a_text_in_signature(
    signature: Signature, clients: dict[Partie, FlaskClient], apres: str
) -> None:
    regler(signature, ORDRE, apres)
    assert attendues(signature) == (O,)
    with pytest.raises(DomainError, match=r"conventions.signature_ordre"):
        signature.signer(S)
    lue = fiche(signature.session, signature.nego.clock, signature.nego.voix[S], signature.ligne.ref)
    assert lue.attendues == [O]
    signature.session.commit()
    ma_signature = "Votre signature est attendue"
    assert ma_signature in clients[O].get("/a-faire").get_data(as_text=True)
    assert ma_signature not in clients[S].get("/a-faire").get_data(as_text=True)
    signature.session.commit()
    signature.signer(O)
    assert attendues(signature) == (S,)


def test_any_order_stays_any_order(accord: Signature) -> None:
    regler(accord, ORDRE, "libre")
    accord.avancer("mettre_en_signature")
    regler(accord, ORDRE, "siao,operateur,etat")
    assert set(attendues(accord)) == set(Partie)
    accord.signer(E)
    assert set(attendues(accord)) == {O, S}


def test_a_text_frozen_again_takes_the_order_of_that_day(signature: Signature) -> None:
    regler(signature, ORDRE, "siao,operateur,etat")
    signature.avancer("rouvrir", motif="Relecture")
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    assert attendues(signature) == (S,)


@pytest.mark.parametrize("apres", ["siao,operateur,etat", "libre"])
def test_a_new_order_leaves_who_signs_next_of_an_avenant(avenue: Avenue, apres: str) -> None:
    avenue.en_signature()
    regler(avenue.signee, ORDRE, apres)
    assert avenue.lire().attendues == (O,)
    with pytest.raises(DomainError, match=r"conventions.signature_ordre"):
        avenue.signer(S)
    for partie in Partie:
        avenue.signer(partie)


def test_an_avenant_in_any_order_stays_so(avenue: Avenue) -> None:
    avenue.ligne.ordre_signatures = "libre"
    avenue.en_signature()
    avenue.ligne.ordre_signatures = ORDRE.default
    assert set(avenue.lire().attendues) == set(Partie)
    for partie in reversed(Partie):
        avenue.signer(partie)


def test_an_avenant_keeps_the_form_it_was_frozen_with(accord: Signature) -> None:
    """One legal person, a letter: it signs the avenant once, though the département has changed its rule."""
    accord.ligne.operateur.siren = accord.ligne.siao.siren = "123456789"
    regler(accord, FORME, LETTRE)
    accord.avancer("mettre_en_signature")
    for partie in (O, E):
        accord.signer(partie)
    avenue = Avenue(accord)
    avenue.en_signature()
    fige = figer.courant_de(avenue.session, avenue.courant.id)
    assert fige is not None
    assert fige.contenu[SIGNATURE]["forme"] == "lettre"
    regler(accord, FORME, TRIPARTITE)
    accord.ligne.siao.siren = "987654321"
    assert forme_de(avenue.session, avenue.ligne, fige) is FormeSignature.LETTRE
    assert avenue.lire().attendues == (O, S)
    avenue.signer(S)
    assert avenue.lire().attendues == (E,)
    avenue.signer(E)
    assert avenue.courant.date_signature is not None


@pytest.mark.parametrize("dites", [4, None])
def test_a_nature_put_off_gives_its_places_back_with_its_avenant(
    accord: Signature, dites: int | None
) -> None:
    ligne, avenue = accord.ligne, Avenue(accord)
    ligne.natures.append(ConventionNature(nature_code="RS", places=dites))
    texte = accord.session.get_one(ConventionTexte, ligne.id)
    texte.natures_differees, texte.avenant_motif = ["RS"], "Ouverture prévue plus tard"
    accord.session.flush()
    accord.avancer("mettre_en_signature")
    for partie in Partie:
        accord.signer(partie)
    assert [n.nature_code for n in natures_a_terme(ligne)] == ["CHU"]
    apporter(avenue, avenue.jour)
    assert {n.nature_code: n.places for n in natures_a_terme(ligne)} == {"CHU": 12, "RS": dites}


def test_what_was_in_signature_before_keeps_the_rules_of_that_day(accord: Signature) -> None:
    """A text frozen before its form was part of what is frozen: the form becomes a choice of its own."""
    ligne, session = accord.ligne, accord.session
    ligne.operateur.siren = ligne.siao.siren = "123456789"
    ligne.natures.append(ConventionNature(nature_code="RS", places=4))
    texte = session.get_one(ConventionTexte, ligne.id)
    texte.natures_differees = ["RS"]
    regler(accord, ORDRE, "siao,operateur,etat")
    regler(accord, FORME, LETTRE)
    session.flush()
    accord.avancer("mettre_en_signature")
    assert texte.contenu_fige is not None
    texte.contenu_fige = {cle: dit for cle, dit in texte.contenu_fige.items() if cle != SIGNATURE}
    session.scalars(select(AvenantProposition)).one().places = None
    ligne.ordre_signatures = None
    session.flush()
    migrer(Avenue(accord), FIGEE.reprendre)
    assert accord.ligne.ordre_signatures == "siao,operateur,etat"
    assert propositions.places_remises(session, ligne) == {"RS": 4}
    regler(accord, FORME, TRIPARTITE)
    regler(accord, ORDRE, ORDRE.default)
    assert forme_de(session, ligne) is FormeSignature.LETTRE
    assert set(attendues(accord)) == {S, O}
    accord.signer(S)
    accord.signer(E)
    assert {s.partie for s in ligne.signatures} == set(Partie)
