"""A small model of the CTP and a département's published version of it, for tests of texts."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import (
    Article,
    Clause,
    Condition,
    Gabarit,
    Modele,
    Parametre,
    TypeParametre,
)
from portal.conventions.modeles.enums import Source, StatutVersion
from portal.conventions.modeles.lecture import empreinte
from portal.conventions.modeles.models import (
    ModeleAdoption,
    ModeleVersion,
    VersionDepartementale,
    VersionDepartementaleChamp,
)
from portal.documents.texte import Couleur
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from tests.factories import INSTANT

FREQUENCE = Parametre(
    "freq_eval_mois",
    "Fréquence de l’évaluation",
    Couleur.JAUNE,
    TypeParametre.NOMBRE,
    defaut="6",
    unite="mois",
    minimum=3,
    maximum=12,
    origine="modèle présenté par la Dihal",
)
DELAI = Parametre(
    "delai_orientation_h",
    "Délai d’orientation",
    Couleur.VERTE,
    TypeParametre.NOMBRE,
    defaut="192",
    unite="heures",
    minimum=1,
    maximum=192,
    origine="accord-cadre national",
)
REFERENT = Parametre("referent", "Référent du ménage", Couleur.JAUNE)

CLAUSES = (
    ("1", "Objet", (Clause("1", "Objet", Couleur.FIXE, "La convention organise le partenariat."),)),
    (
        "5",
        "Accueil et évaluation",
        (
            Clause(
                "5.1",
                "Référent du ménage",
                Couleur.JAUNE,
                "Chaque ménage a un référent : {{referent}}.",
                (REFERENT,),
            ),
            Clause(
                "5.2",
                "Mise à jour des évaluations",
                Couleur.JAUNE,
                "L’évaluation est revue tous les {{freq_eval_mois}}.",
                (FREQUENCE,),
                attention=True,
                consigne="L’opérateur doit pouvoir engager ses équipes.",
            ),
            Clause(
                "5.3",
                "Urgence",
                Couleur.JAUNE,
                "Le 115 est prévenu.",
                condition=Condition(familles=("veille_sociale", "hebergement")),
            ),
        ),
    ),
    (
        "6",
        "Orientation",
        (
            Clause(
                "6.3",
                "Revue des files actives",
                Couleur.JAUNE,
                "La revue a lieu chaque trimestre ; voir [[7.2]].",
                mention="La revue est un exercice de coordination, sans évaluation du service rendu.",
            ),
        ),
    ),
    (
        "7",
        "Offre",
        (
            Clause(
                "7.2",
                "Délais communs",
                Couleur.FIXE,
                "Le SIAO oriente en {{delai_orientation_h}}.",
                (DELAI,),
            ),
            Clause("7.3", "Dispositions par dispositif", Couleur.JAUNE, "Chaque nature suit ses règles."),
            Clause(
                "7.3-CHRS",
                "CHRS",
                Couleur.JAUNE,
                "Le refus est motivé.",
                condition=Condition(natures=("CHRS_INS",)),
            ),
            Clause(
                "7.3-RS",
                "Résidence sociale",
                Couleur.JAUNE,
                "Trente pour cent des places.",
                condition=Condition(natures=("RS",)),
            ),
        ),
    ),
)
NEGOCIEES = ("5.1", "5.2", "5.3", "6.3", "7.3")
"""Clauses that an operator of a CHU negotiates."""


def modele(gabarit: Gabarit = Gabarit.GENERAL, plus: tuple[Article, ...] = ()) -> Modele:
    """Return the small model; the simplified one has no 5.3 and no CHRS."""
    simplifie = gabarit is Gabarit.SIMPLIFIE
    articles = tuple(
        Article(code, titre, tuple(c for c in clauses if not (simplifie and c.code in ("5.3", "7.3-CHRS"))))
        for code, titre, clauses in CLAUSES
    )
    return Modele(gabarit, "Convention tripartite", articles + plus)


@dataclass
class Publiee:
    """A published version and its two models."""

    version: VersionDepartementale
    general: ModeleVersion
    simplifie: ModeleVersion


def publier(
    session: Session,
    departement_code: str = "22",
    numero: int = 1,
    valeurs: dict[tuple[str, str], str] | None = None,
    general: Modele | None = None,
) -> Publiee:
    """Publish a version of a département, on models of its own that its State and SIAO have adopted."""
    versions = [
        _version(departement_code, numero, modele_)
        for modele_ in (general or modele(), modele(Gabarit.SIMPLIFIE))
    ]
    session.add_all(versions)
    session.flush()
    version = VersionDepartementale(
        departement_code=departement_code,
        numero=numero,
        statut=StatutVersion.PUBLIEE,
        general_id=versions[0].id,
        simplifie_id=versions[1].id,
        publiee_le=INSTANT,
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    version.champs = [
        VersionDepartementaleChamp(
            clause_code=clause,
            parametre_code=parametre,
            valeur=valeur,
            modifie_le=INSTANT,
            modifie_par="Personne",
        )
        for (clause, parametre), valeur in (valeurs or {}).items()
    ]
    session.add(version)
    session.flush()
    session.add_all(
        ModeleAdoption(
            departement_code=departement_code,
            modele_version_id=row.id,
            partie=Partie(organisation.type.value),
            organisation_id=organisation.id,
            le=INSTANT,
            par="Personne",
        )
        for row in versions
        for organisation in session.scalars(
            select(Organisation).where(
                Organisation.departement_code == departement_code,
                Organisation.type.in_((TypeOrganisation.ETAT, TypeOrganisation.SIAO)),
            )
        )
    )
    session.flush()
    return Publiee(version, *versions)


def _version(departement_code: str, numero: int, contenu: Modele) -> ModeleVersion:
    donnees: dict[str, Any] = contenu.to_json()
    return ModeleVersion(
        gabarit=contenu.gabarit,
        numero=numero,
        libelle="Modèle d’essai",
        source=Source.OFFICIEL,
        statut=StatutVersion.PUBLIEE,
        departement_code=departement_code,
        contenu=donnees,
        empreinte=empreinte(contenu),
        publiee_le=INSTANT,
        created_at=INSTANT,
        updated_at=INSTANT,
    )


def grand_modele(clauses: int = 45) -> Modele:
    """Return a model of many yellow clauses, to measure on."""
    plus = Article(
        "8",
        "Beaucoup",
        tuple(
            Clause(f"8.{rang}", f"Clause {rang}", Couleur.JAUNE, f"Texte de la clause {rang}.")
            for rang in range(1, clauses + 1)
        ),
    )
    return modele(plus=(plus,))
