"""A large directory, to measure: entries of one département, rare names and frequent words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.annuaire.enums import Preference, Role
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.nomenclatures import fonctions
from portal.annuaire.texte import Indexe, composer
from portal.config import Settings
from portal.organisations.models import Commune, Organisation, Structure
from portal.organisations.referentiel import Lieu, Maille
from portal.shared.bulk import insert_many
from portal.shared.db import Database

DEPARTEMENT = "22"
CHUNK = 5000
PRENOMS = ("Adèle", "Bastien", "Capucine", "Damien", "Élodie", "Florian", "Garance", "Hippolyte", "Inès")
SYLLABES = ("ba", "ker", "lo", "mi", "nou", "plou", "ro", "san", "tre", "vi")
NATURES = (
    ("RS_FJT", "Résidence sociale – foyer de jeunes travailleurs"),
    ("CHU", "Centre d’hébergement d’urgence"),
)
FIRST = 1001  # key of an entry, from which others follow
SELECTIVE = ("Bakerlominouplou", "06 39 98 12 34", "elodie bakerlomi")
BROAD = ("saint", "sa", "association", "saint bastien")
DEBUT = date(2025, 1, 1)


def prepare(settings: Settings, count: int) -> None:
    """Fill the directory of the demonstration's département, and do what the engine does by itself later."""
    database = Database(settings.database_url)
    with database.session(write=True) as session:
        fill(session, count, DEPARTEMENT)
        session.commit()
    upkeep = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    mode = {} if database.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
    with database.engine.connect().execution_options(**mode) as connection:
        connection.execute(text(upkeep))
        connection.commit()
    database.dispose()


def fill(session: Session, count: int, departement_code: str) -> None:
    """Add `count` entries, half of them in communes whose name begins with Saint; the caller commits."""
    rows = _entries(session, departement_code)
    first = (session.scalar(select(func.max(Referent.id))) or 0) + 1
    for start in range(0, count, CHUNK):
        entries = list(islice(rows, min(CHUNK, count - start)))
        ids = range(first + start, first + start + len(entries))
        insert_many(
            session, Referent, [row | {"id": key} for key, (row, _held) in zip(ids, entries, strict=True)]
        )
        insert_many(
            session,
            Titulaire,
            [held | {"referent_id": key} for key, (_row, held) in zip(ids, entries, strict=True)],
        )


def _entries(session: Session, departement_code: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield entries without end: their columns, and those of their holder."""
    organisations = session.scalars(
        select(Organisation)
        .where(Organisation.departement_code == departement_code)
        .order_by(Organisation.id)
        .limit(400)
    ).all()
    structures = session.scalars(
        select(Structure).where(Structure.departement_code == departement_code).order_by(Structure.id)
    ).all()
    named = session.execute(
        select(Commune.code, Commune.nom)
        .where(Commune.departement_code == departement_code)
        .order_by(Commune.tri)
    ).all()
    communes = {row.code: row.nom for row in named}
    saints = [code for code, nom in communes.items() if nom.startswith("Saint-")]
    others = [code for code in communes if code not in saints]
    known = list(fonctions().values())
    now = datetime(2026, 1, 2, tzinfo=UTC)
    number = 0
    while True:
        number += 1
        organisation = organisations[number % len(organisations)]
        structure = structures[number % len(structures)] if number % 3 == 0 else None
        commune = (saints if number % 2 else others)[number // 2 % min(len(saints), len(others))]
        fonction = known[number % len(known)]
        held = _holder(number, now)
        textes = composer(
            Indexe(
                fonction=fonction,
                organisation=organisation.nom,
                sigle=organisation.sigle,
                type=organisation.type,
                departement_code=departement_code,
                departement="Côtes-d’Armor",
                structure=structure.nom if structure else "",
                nom=f"{held['prenom']} {held['nom']}",
                telephones=[held["telephone"]],
                emails=[held["email"]],
                territoires=[Lieu(Maille.COMMUNE, commune)],
                lieux=[communes[commune]],
                natures=[NATURES[number % 2]],
            )
        )
        row = {
            "organisation_id": organisation.id,
            "structure_id": structure.id if structure else None,
            "departement_code": departement_code,
            "fonction_code": fonction.code,
            "unicite": False,
            "mention": "",
            "publics": [],
            "preference": Preference.INDIFFERENT,
            "horaires": "",
            "telephone": "",
            "email": "",
            "verifie_le": DEBUT,
            "verifie_par": "Mesure",
            "ferme_le": None,
            "tri": textes.tri,
            "texte_recherche": textes.texte_recherche,
            "poids_recherche": textes.poids_recherche,
            "created_at": now,
            "updated_at": now,
        }
        yield row, held


def _holder(number: int, now: datetime) -> dict[str, Any]:
    nom = "".join(SYLLABES[int(digit)] for digit in f"{number:06d}").capitalize()
    return {
        "role": Role.TITULAIRE,
        "prenom": PRENOMS[number % len(PRENOMS)],
        "nom": nom,
        "telephone": f"06 39 98 {number // 100 % 100:02d} {number % 100:02d}",
        "email": f"{nom.lower()}@partenaire.example",
        "personne_id": None,
        "du": DEBUT,
        "au": None,
        "created_at": now,
    }
