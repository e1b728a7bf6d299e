"""What the follow-up and its exports say of texts: open clauses, ★, signatures, green version, avenants."""

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient

from portal.conventions.enums import Partie
from portal.conventions.filtres import Filtres
from portal.conventions.lignes import Ligne
from portal.conventions.queries import exporter
from portal.conventions.redaction.enums import Position
from portal.shared.db import Database
from tests.integration.conventions.test_lectures import statements
from tests.integration.redaction.conftest import Negociation
from tests.integration.signature.conftest import Signature


def lue(signature: Signature) -> Ligne:
    """Return the line as an export reads it."""
    signature.session.flush()
    nego = signature.nego
    trouvees = exporter(signature.session, nego.clock, nego.voix[Partie.SIAO], Filtres())
    return next(ligne for ligne in trouvees if ligne.ref == signature.ligne.ref)


def ouvertes(signature: Signature) -> tuple[int, int]:
    """Return what the text itself says: its open clauses, and those of them that are marked ★."""
    lues = signature.nego.lire().ouvertes
    return len(lues), sum(une.clause.attention for une in lues)


def comptees(signature: Signature) -> tuple[int | None, int | None]:
    ligne = lue(signature)
    return ligne.clauses_ouvertes, ligne.etoiles_ouvertes


def test_open_clauses_are_those_of_the_text(negociation: Negociation) -> None:
    signature = Signature(negociation)
    nego = signature.nego
    assert comptees(signature) == ouvertes(signature) == (5, 1)
    nego.negocier()
    nego.ecrire(Partie.SIAO, "5.1", referent="un travailleur social")
    for partie in (Partie.SIAO, Partie.ETAT):
        nego.dire(partie, "5.2", Position.ACCEPTEE)
        nego.dire(partie, "6.3", Position.ACCEPTEE)
    nego.ecrire(Partie.OPERATEUR, "5.2", freq_eval_mois="9")  # proposing a ★ is not accepting it
    nego.dire(Partie.SIAO, "5.2", Position.ACCEPTEE)
    nego.dire(Partie.ETAT, "5.2", Position.ACCEPTEE)
    nego.dire(Partie.OPERATEUR, "6.3", Position.RESERVE, "À revoir")
    assert comptees(signature) == ouvertes(signature) == (5, 1)
    nego.dire(Partie.OPERATEUR, "5.2", Position.ACCEPTEE)
    assert comptees(signature) == ouvertes(signature) == (4, 0)
    for code in ("5.1", "5.3", "6.3", "7.3"):
        for partie in Partie:
            nego.dire(partie, code, Position.ACCEPTEE)
    assert comptees(signature) == ouvertes(signature) == (0, 0)


def test_once_agreed_nothing_is_open_and_signatures_are_counted(
    signature: Signature, client_for: Callable[..., FlaskClient]
) -> None:
    signature.signer(Partie.OPERATEUR)
    signature.session.commit()
    client = client_for(signature.nego.voix[Partie.ETAT])
    texte = client.get("/conventions/export.csv").get_data(as_text=True).lstrip("\ufeff")
    [rang] = csv.DictReader(io.StringIO(texte), delimiter=";")
    assert rang["Signatures (0 à 3)"] == "1"
    assert rang["Clauses ouvertes"] == rang["Clauses ★ ouvertes"] == "0"
    assert rang["Version verte"] == "1"
    assert rang["Avenants signés"] == "0"


def test_the_list_tells_open_clauses_in_words(
    negociation: Negociation, client_for: Callable[..., FlaskClient]
) -> None:
    signature = Signature(negociation)
    signature.nego.negocier()
    signature.session.commit()
    page = client_for(signature.nego.voix[Partie.ETAT]).get("/conventions").get_data(as_text=True)
    assert "5 clauses ouvertes, dont 1 ★" in page


def test_an_export_takes_as_many_statements_whatever_the_number_of_lines(
    signature: Signature, factories: SimpleNamespace, database: Database
) -> None:
    def compter() -> int:
        signature.session.commit()
        with statements(database) as vues:
            lues = list(
                exporter(signature.session, signature.nego.clock, signature.nego.voix[Partie.ETAT], Filtres())
            )
        assert lues
        return len(vues)

    seul = compter()
    for _rang in range(8):
        factories.Convention(siao=signature.ligne.siao, etat=signature.ligne.etat, natures={"CHU": 3})
    assert compter() == seul
