"""The natures of a line, day by day: those of avenants signed long ago, put off, taken away and back."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from portal.conventions import service
from portal.conventions.avenants.enums import Origine, StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.enums import Partie
from portal.conventions.models import TOUJOURS, ConventionNature
from portal.conventions.natures import ajouter, natures_a_terme, retirer
from portal.conventions.redaction.models import ConventionTexte
from tests.integration.avenants.conftest import Avenue
from tests.integration.signature.conftest import Signature

JOUR = timedelta(days=1)
DATEES = import_module("migrations.versions.021_natures_datees")
REMISES = import_module("migrations.versions.028_natures_remises")


def periodes(avenue: Avenue) -> list[tuple[str, date, date | None]]:
    """Return the periods of the natures of the line, in order."""
    return sorted((n.nature_code, n.depuis, n.jusqu_au) for n in avenue.ligne.natures)


@pytest.mark.parametrize("par_avenant", [True, False])
def test_natures_get_their_days_when_one_went_and_came_back(avenue: Avenue, par_avenant: bool) -> None:
    """`par_avenant`: whether an avenant brought it back, or someone who edited the line."""
    parti, revenu = avenue.jour + 10 * JOUR, avenue.jour + 20 * JOUR
    faits: list[tuple[date, list[str], list[str]]] = [(parti, [], ["CHU"])]
    if par_avenant:
        faits.append((revenu, ["CHU"], []))
    for numero, (effet, ajoutees, retirees) in enumerate(faits, start=1):
        avenue.session.add(
            Avenant(
                convention_id=avenue.ligne.id,
                numero=numero,
                objet="Natures",
                origine=Origine.PARTIES,
                statut=StatutAvenant.SIGNE,
                statut_depuis=avenue.clock.now(),
                natures_ajoutees=ajoutees,
                natures_retirees=retirees,
                date_effet=effet,
                date_signature=avenue.jour,
                ouvert_par="Portail",
                created_at=avenue.clock.now(),
                updated_at=avenue.clock.now(),
            )
        )
    avenue.session.flush()
    migrer(avenue, DATEES._date)
    assert periodes(avenue) == [
        ("CHU", TOUJOURS, parti - JOUR),
        ("CHU", revenu if par_avenant else parti, None),
    ]


def test_a_nature_put_off_counts_from_the_avenant_that_brings_it(accord: Signature) -> None:
    ligne, avenue = accord.ligne, Avenue(accord)
    ligne.natures.append(ConventionNature(nature_code="RS", places=4))
    texte = accord.session.get_one(ConventionTexte, ligne.id)
    texte.natures_differees, texte.avenant_motif = ["RS"], "Ouverture prévue plus tard"
    accord.session.flush()
    accord.avancer("mettre_en_signature")
    for partie in Partie:
        accord.signer(partie)
    assert periodes(avenue) == [("CHU", TOUJOURS, None)]
    compter_depuis_toujours(avenue)
    migrer(avenue, REMISES.upgrade)
    assert periodes(avenue) == [("CHU", TOUJOURS, None)]
    effet = avenue.jour + 30 * JOUR
    apporter(avenue, effet)
    assert periodes(avenue) == (datees := [("CHU", TOUJOURS, None), ("RS", effet, None)])
    ligne.natures = [nature for nature in ligne.natures if nature.nature_code != "RS"]
    compter_depuis_toujours(avenue)
    migrer(avenue, REMISES.upgrade)
    assert periodes(avenue) == datees


def compter_depuis_toujours(avenue: Avenue) -> None:
    """Have RS be counted from the origin, as it was in what was signed before."""
    avenue.session.flush()
    avenue.ligne.natures.append(ConventionNature(nature_code="RS"))
    avenue.session.flush()


def migrer(avenue: Avenue, migration: Callable[[], None]) -> None:
    """Run a step of a migration on what the session holds."""
    with Operations.context(MigrationContext.configure(avenue.session.connection())):
        migration()
    avenue.session.expire_all()


def test_a_nature_that_the_line_said_already_follows_its_avenant(avenue: Avenue) -> None:
    avenue.ligne.natures.append(ConventionNature(nature_code="RS"))
    avenue.session.flush()
    effet = avenue.jour + 30 * JOUR
    apporter(avenue, effet)
    assert periodes(avenue) == [("CHU", TOUJOURS, None), ("RS", effet, None)]


def apporter(avenue: Avenue, effet: date) -> None:
    """Have a signed avenant bring RS from a day on."""
    avenue.ouvrir(natures_ajoutees=["RS"], date_effet=effet)
    avenue.avancer("negocier")
    avenue.accorder()
    avenue.avancer("figer")
    for partie in Partie:
        avenue.signer(partie)
    avenue.session.flush()
    avenue.session.expire_all()


@pytest.mark.parametrize("jours", [-10, 10], ids=["gone", "going"])
def test_whoever_edits_a_signed_line_brings_a_nature_back_from_today(avenue: Avenue, jours: int) -> None:
    ligne, effet = avenue.ligne, avenue.jour + jours * JOUR
    ajouter(ligne, "RS", avenue.jour - 90 * JOUR)
    retirer(ligne, "CHU", effet)
    avenue.session.flush()
    service.modifier(
        avenue.session,
        avenue.clock,
        avenue.voix[Partie.SIAO],
        ligne.ref,
        ligne.version,
        natures={"CHU": 9, "RS": None},
        mode=ligne.mode,
        notes="",
    )
    de_retour = [("CHU", TOUJOURS, effet - JOUR), ("CHU", avenue.jour, None)]
    lues = [("CHU", TOUJOURS, None)] if jours > 0 else de_retour
    assert periodes(avenue) == [*lues, ("RS", avenue.jour - 90 * JOUR, None)]
    assert [n.places for n in natures_a_terme(ligne) if n.nature_code == "CHU"] == [9]
