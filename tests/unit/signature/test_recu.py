"""The receipt of a signature: everything that proves it, on one page."""

from dataclasses import replace
from datetime import UTC, date, datetime

from portal.conventions.signature.canonique import lisible
from portal.conventions.signature.recu import Recu, ecrire
from portal.documents.rendu.pdf import en_pdf
from tests import rendus

INSTANT = datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC)
RECU = Recu(
    reference="Ab3dE",
    titre="Avenant n° 1 à la convention tripartite de partenariat",
    parties=("DDETS fictive", "SIAO fictif", "Association fictive"),
    partie="Opérateur",
    organisation="Association fictive",
    nom="Ange Personne",
    qualite="Directrice",
    delegation="",
    comment="Acceptée en ligne",
    signee_le=date(2026, 3, 1),
    horodatage=INSTANT,
    fuseau="Indian/Reunion",
    texte=2,
    fige_le=INSTANT,
    empreinte="0a1b" * 16,
)


def _mots(recu: Recu) -> str:
    """Return the words of a receipt; a line may end after a hyphen."""
    return " ".join(rendus.mots_pdf(en_pdf(ecrire(recu), INSTANT))).replace("- ", "-")


def test_it_says_what_was_signed_by_whom_and_when_on_the_spot() -> None:
    lus = _mots(RECU)
    for dit in (
        "Avenant n° 1 à la convention",
        "Opérateur – Association fictive",
        "Ange Personne, Directrice",
        "1er mars 2026",
        "2 mars 2026 à 13:05:07 (Indian/Reunion, 2026-03-02T09:05:07Z)",
        "n° Ab3dE",
        lisible(RECU.empreinte),
    ):
        assert dit in lus
    assert "Délégation" not in lus
    assert "annulée" not in lus


def test_it_names_the_delegation_and_says_when_it_is_void() -> None:
    lus = _mots(replace(RECU, delegation="Arrêté n° 4", annule_le=INSTANT, annule_motif="Une date à revoir."))
    assert "Délégation Arrêté n° 4" in lus
    assert "Signature annulée le 2 mars 2026 à 13:05:07" in lus
    assert "Motif : Une date à revoir." in lus
