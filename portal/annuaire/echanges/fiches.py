"""Entries read whole, and what an exported table says of each: also what an imported one is compared with.

The table is in French whatever the language of the interface: it is the format that the import reads. What
is only read, cards and booklet, is in the reader's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire.echanges.champs import LIBELLES_CHAMP, Champ
from portal.annuaire.enums import LIBELLES_FRAICHEUR, LIBELLES_PREFERENCE, Fraicheur
from portal.annuaire.models import Referent, ReferentNature, Titulaire
from portal.annuaire.nomenclatures import publics
from portal.annuaire.parametres import mois_par_departement
from portal.annuaire.regles import Mois, fraicheur
from portal.annuaire.service import fonctions_de
from portal.annuaire.titulaires import tenue
from portal.documents.exports import Value
from portal.organisations.enums import LIBELLES_TYPE
from portal.organisations.models import Arrondissement, Commune, Epci, Nature, Organisation
from portal.organisations.referentiel import Maille
from portal.shared.bulk import among
from portal.shared.messages import N_
from portal.shared.translations import catalogue

LOT = 500
ENTRE = " ; "
TOUT_LE_DEPARTEMENT, TOUTES, TOUS = "Tout le département", "Toutes", "Tous"
SUITE = (
    "Type d’organisation",
    "Commune de la structure",
    "Qui répond aujourd’hui",
    "Absence",
    "Vérifiée le",
    "Vérifiée par",
    "Fraîcheur",
)
"""The columns that the export adds and the import leaves aside: they are computed, or nobody types them."""


@dataclass
class Noms:
    """The labels that entries refer to by codes, in `langue`."""

    langue: str
    fonctions: Mapping[str, str]
    natures: Mapping[str, str]
    mois: Mapping[str, Mois]  # after which an entry is to be verified, by département
    communes: dict[str, tuple[str, str]] = field(default_factory=dict)  # name, first postcode
    territoires: dict[tuple[Maille, str], str] = field(default_factory=dict)

    def dire(self, texte: str, **params: object) -> str:
        """Return a message in the language, its parameters filled."""
        dit = catalogue(self.langue).gettext(texte)
        return dit % params if params else dit


def charger(session: Session, ids: Sequence[int]) -> list[Referent]:
    """Return entries by their keys, whole, in the order of the keys; eight statements for 500."""
    found: dict[int, Referent] = {}
    for debut in range(0, len(ids), LOT):
        rows = session.scalars(
            select(Referent)
            .where(among(session, Referent.id, list(ids[debut : debut + LOT])))
            .options(
                joinedload(Referent.organisation).selectinload(Organisation.departements),
                joinedload(Referent.structure),
                selectinload(Referent.titulaires).selectinload(Titulaire.absences),
                selectinload(Referent.territoires),
                selectinload(Referent.natures),
            )
        )
        found |= {row.id: row for row in rows}
    return [found[one] for one in ids if one in found]


def noms_de(session: Session, referents: Iterable[Referent], langue: str = "fr") -> Noms:
    """Return the labels of some entries in a language; six statements."""
    referents = list(referents)
    departements = sorted({one.departement_code for one in referents})
    fonctions = {
        code: one.libelle.en_langue(langue) for code, one in fonctions_de(session, *departements).items()
    }
    libelle = Nature.libelle_en if langue == "en" else Nature.libelle
    natures = session.execute(select(Nature.code, libelle.label("libelle")))
    mois = mois_par_departement(session, departements)
    noms = Noms(langue, fonctions, {row.code: row.libelle for row in natures}, mois)
    codes: dict[Maille, set[str]] = {maille: set() for maille in Maille}
    for referent in referents:
        for row in referent.territoires:
            codes[row.maille].add(row.code)
        if referent.structure is not None and referent.structure.commune_code:
            codes[Maille.COMMUNE].add(referent.structure.commune_code)
    communes = session.execute(
        select(Commune.code, Commune.nom, Commune.codes_postaux).where(
            among(session, Commune.code, sorted(codes[Maille.COMMUNE]))
        )
    )
    noms.communes = {row.code: (row.nom, (row.codes_postaux.split() or [""])[0]) for row in communes}
    for maille, table in ((Maille.EPCI, Epci), (Maille.ARRONDISSEMENT, Arrondissement)):
        rows = session.execute(select(table.code, table.nom).where(table.code.in_(sorted(codes[maille]))))
        noms.territoires |= {(maille, row.code): row.nom for row in rows}
    return noms


def entetes() -> list[str]:
    """Return the titles of an exported table."""
    return [*LIBELLES_CHAMP.values(), *SUITE]


def valeurs(referent: Referent, noms: Noms, jour: date) -> dict[Champ, Value]:
    """Return what an exported table says of an entry on a day, column by column."""
    held = tenue(referent, jour)
    tenant, second = held.titulaire, held.suppleant
    structure = referent.structure
    lues: dict[Champ, Value] = {
        Champ.REFERENCE: referent.ref,
        Champ.ORGANISATION: referent.organisation.nom,
        Champ.SIREN: referent.organisation.siren or "",
        Champ.STRUCTURE: structure.nom if structure else "",
        Champ.DEPARTEMENT: referent.departement_code,
        Champ.FONCTION: noms.fonctions.get(referent.fonction_code, referent.fonction_code),
        Champ.MENTION: referent.mention,
        Champ.DU: tenant.du if tenant else None,
        Champ.AU: tenant.au if tenant else None,
        Champ.FONCTION_TELEPHONE: referent.telephone,
        Champ.FONCTION_EMAIL: referent.email,
        Champ.COMMUNES: _communes(referent, noms),
        Champ.TERRITOIRES: _territoires(referent, noms),
        Champ.NATURES: ENTRE.join(
            noms.natures.get(row.nature_code, row.nature_code) for row in _natures(referent)
        )
        or TOUTES,
        Champ.PUBLICS: ENTRE.join(
            publics()[code].fr if code in publics() else code for code in referent.publics
        )
        or TOUS,
        Champ.PREFERENCE: LIBELLES_PREFERENCE[referent.preference],
        Champ.HORAIRES: referent.horaires,
    }
    for personne, champs in ((tenant, PERSONNE), (second, SUPPLEANT)):
        for champ, attribut in champs.items():
            lues[champ] = getattr(personne, attribut) if personne else ""
    return {champ: lues[champ] for champ in Champ}


PERSONNE = {
    Champ.PRENOM: "prenom",
    Champ.NOM: "nom",
    Champ.TELEPHONE: "telephone",
    Champ.EMAIL: "email",
}
SUPPLEANT = {
    Champ.SUPPLEANT_PRENOM: "prenom",
    Champ.SUPPLEANT_NOM: "nom",
    Champ.SUPPLEANT_TELEPHONE: "telephone",
    Champ.SUPPLEANT_EMAIL: "email",
}


def suite(referent: Referent, noms: Noms, jour: date) -> list[Value]:
    """Return the columns that only the export has (`SUITE`)."""
    held = tenue(referent, jour)
    structure = referent.structure
    commune = noms.communes.get(structure.commune_code or "") if structure else None
    return [
        LIBELLES_TYPE[referent.organisation.type],
        commune[0] if commune else "",
        held.repond.nom_complet if held.repond else "Personne",
        "En absence" if held.absent else "",
        referent.verifie_le,
        referent.verifie_par,
        fraicheur_dite(referent, noms, jour),
    ]


def fraicheur_dite(referent: Referent, noms: Noms, jour: date) -> str:
    """Return how fresh an entry is, in words; a greyed one says so."""
    mois = noms.mois[referent.departement_code]
    etape = fraicheur(referent.verifie_le, jour, mois)
    if etape is not Fraicheur.GRISEE:
        return noms.dire(LIBELLES_FRAICHEUR[etape])
    if referent.verifie_le is None:
        return noms.dire(N_("Grisée : jamais vérifiée"))
    return noms.dire(N_("Grisée : non vérifiée depuis %(mois)s mois"), mois=mois.grisee)


def _natures(referent: Referent) -> list[ReferentNature]:
    return sorted(referent.natures, key=lambda row: row.nature_code)


def _communes(referent: Referent, noms: Noms) -> str:
    codes = [row.code for row in referent.territoires if row.maille is Maille.COMMUNE]
    dites = sorted(" ".join(noms.communes.get(code, (code, ""))).strip() for code in codes)
    return ENTRE.join(dites)


def _territoires(referent: Referent, noms: Noms) -> str:
    if not referent.territoires:
        return TOUT_LE_DEPARTEMENT
    cles = [(row.maille, row.code) for row in referent.territoires if row.maille is not Maille.COMMUNE]
    return ENTRE.join(sorted(noms.territoires.get(cle, cle[1]) for cle in cles))


MODELE: tuple[tuple[Value, ...], ...] = (
    (
        "Association Les Exemples",
        "Résidence des Exemples",
        "Référent SIAO",
        "",
        "Camille",
        "Exemple",
        "02 61 91 00 01",
        "camille.exemple@exemples.example",
        date(2026, 1, 5),
        "Dominique Modèle",
        "02 61 91 00 02",
        "Saint-Brieuc ; Lannion",
        "FJT ; Résidence sociale",
        "Jeunes de 18 à 25 ans",
        "Du lundi au jeudi, 9 h – 12 h",
    ),
    (
        "Office Fictif de l’Habitat",
        "",
        "Référent logement",
        "Agence de l’Ouest",
        "Sacha",
        "Exemple",
        "+33 2 61 91 00 03",
        "relogement@office.example",
        None,
        "",
        "",
        "",
        "",
        "Tous",
        "",
    ),
)
"""Two lines of an example, plainly fictitious, under the titles of `ENTETES_MODELE`."""

ENTETES_MODELE = [
    LIBELLES_CHAMP[champ]
    for champ in (
        Champ.ORGANISATION,
        Champ.STRUCTURE,
        Champ.FONCTION,
        Champ.MENTION,
        Champ.PRENOM,
        Champ.NOM,
        Champ.TELEPHONE,
        Champ.EMAIL,
        Champ.DU,
        Champ.SUPPLEANT_NOM,
        Champ.SUPPLEANT_TELEPHONE,
        Champ.COMMUNES,
        Champ.NATURES,
        Champ.PUBLICS,
        Champ.HORAIRES,
    )
]
