"""Opening the demonstration's organisations and structures through their service."""

import re
from datetime import date
from functools import partial

from sqlalchemy import select

from portal.audit.service import record
from portal.organisations import models, service, structures
from portal.organisations.enums import TypeOrganisation
from portal.organisations.saisie import LignePlaces, SaisieOrganisation, SaisieStructure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.text import searchable, sort_key
from seeds.demo import donnees, identifiants
from seeds.demo.calendrier import horloge
from seeds.demo.scene import Scene

PORTAIL = "portail-demo"
"""Where the technical administrator has an account: the only organisation that nobody opens."""

TYPE_DE_PLACE = {
    "CHU": "urgence",
    "CHRS_URG": "urgence",
    "AUTRE_URG": "abri_de_nuit",
    "HOTEL": "hotel",
    "HALTE_HIVER": "hivernale",
    "STAB_CHRS": "stabilisation",
    "STAB_HORS": "stabilisation",
    "CHRS_INS": "insertion",
    "INS_AUTRE": "insertion",
    "MERE_ENFANT": "insertion",
    "LHSS": "lit_halte",
    "LAM": "lit_halte",
    "CADA": "demandeur_asile",
    "HUDA": "demandeur_asile",
    "CAES": "demandeur_asile",
    "CPH": "demandeur_asile",
}
"""Type of place of each nature (domaine.md § 13.2); « logement » for the others that have places."""

CATEGORIES = {
    1: {"115", "ACCUEIL_JOUR", "MARAUDE", "SAO"},
    2: {"CHU", "CHRS_URG", "CHRS_INS", "HOTEL", "HALTE_HIVER", "AUTRE_URG"}
    | {"STAB_CHRS", "STAB_HORS", "INS_AUTRE"},
    3: {"ALT"},
    4: {"IML_SL", "IML_MG"},
    5: {"RS", "RS_FJT", "FJT_NT", "FTM_NT", "PF", "RA"},
    6: {"RHVS"},
    7: {"CADA", "HUDA", "CAES", "CPH", "MERE_ENFANT"},
    9: {"PLAI_ADAPTE", "AVDL", "ASLL", "AUTRE_MESURE"},
    11: {"LHSS", "LAM", "ACT"},
}
"""Natures that make an operator one of the partners of art. L. 345-2-6 CASF (domaine.md § 13.4)."""

CATEGORIES_FINESS = {"RS_FJT": "257", "FJT_NT": "257", "RA": "258", "CHU": "219", "AUTRE_URG": "219"}
"""FINESS categories of natures that the category alone does not tell (`seeds/reference`)."""

CATEGORIE_DU_TYPE = {
    TypeOrganisation.BAILLEUR: 8,
    TypeOrganisation.COLLECTIVITE: 10,
    TypeOrganisation.SANTE: 11,
}

SANS_SIREN = (TypeOrganisation.ETAT, TypeOrganisation.COLLECTIVITE)


class ReferenceAbsente(LookupError):
    """The whole reference data (territory, nomenclatures) are not loaded."""


def ouvrir_portail(scene: Scene, jour: date) -> None:
    """Write the organisation of the first account: there is nobody yet to open it."""
    clock = horloge(jour)
    une = next(one for one in scene.donnees.organisations if one.cle == PORTAIL)
    organisation = models.Organisation(
        nom=une.nom,
        type=une.type,
        departement_code=une.departement,
        departements=[models.OrganisationDepartement(departement_code=une.departement)],
        email=f"contact@{une.cle}.example",
        tri=sort_key(une.nom),
        texte_recherche=searchable(une.nom),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    scene.session.add(organisation)
    scene.session.flush()
    record(scene.session, clock, None, "organisations:organisation:ouvrir", organisation)
    scene.organisations[PORTAIL] = organisation


def ouvrir_etats(scene: Scene, jour: date) -> None:
    """Open the State's services, as the technical administrator does."""
    technique = scene.un(PORTAIL, Profil.ADMIN_TECHNIQUE)
    ouverture = Ouverture(scene)
    for rang, une in enumerate(scene.donnees.organisations):
        if une.type is TypeOrganisation.ETAT:
            ouverture.organisation(horloge(jour, rang), technique, une, rang)


def ouvrir_partenaires(scene: Scene, jour: date) -> None:
    """Open every other organisation with its structures, as the administrator of its département does."""
    ouverture = Ouverture(scene)
    for rang, une in enumerate(scene.donnees.organisations):
        if une.cle in scene.organisations:
            continue
        clock = horloge(jour, rang)
        ouverture.organisation(clock, scene.administration(une.departement), une, rang)
        for numero, structure in enumerate(une.structures, 1):
            ouverture.structure(clock, une, structure, numero)


class Ouverture:
    """Gives each organisation and structure the identifiers, address and telephone of its rank."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rangs = {one.cle: rang for rang, one in enumerate(scene.donnees.organisations)}
        self.communes = _communes(scene)
        known = select(models.CategorieFiness.nature_code, models.CategorieFiness.code)
        self.categories = CATEGORIES_FINESS | {
            nature: code for nature, code in scene.session.execute(known) if nature is not None
        }
        self.structures = 0

    def organisation(self, clock: Clock, actor: Actor, une: donnees.Organisation, rang: int) -> None:
        """Open an organisation."""
        siren = self._siren(une)
        gere = une.type in (TypeOrganisation.GESTIONNAIRE, TypeOrganisation.SANTE)
        organisation = service.open_organisation(
            self.scene.session,
            clock,
            actor,
            SaisieOrganisation(
                nom=une.nom,
                type=une.type,
                sigle=une.sigle,
                departement_code=une.departement,
                departements=une.departements,
                siren=siren,
                siret=identifiants.siret(siren, 1) if siren else "",
                finess_ej=identifiants.finess(une.departement, rang) if gere else "",
                categories=_categories(une),
                adresse=self._adresse(une.commune, rang),
                telephone=identifiants.telephone(une.telephone, rang),
                email=f"contact@{une.cle}.example",
                site=f"https://{une.cle}.example",
            ),
        )
        organisation.nom_provisoire = une.nom_provisoire  # what a FINESS import would have left
        self.scene.organisations[une.cle] = organisation

    def structure(
        self, clock: Clock, une: donnees.Organisation, structure: donnees.Structure, numero: int
    ) -> None:
        """Open a structure, as the administrator of the département where it stands does."""
        self.structures += 1
        rang = self.structures
        departement_code = self.communes[structure.commune].departement_code
        siren = self._siren(une)
        categorie = structure.categorie or self._categorie(structure)
        opened = structures.open_structure(
            self.scene.session,
            clock,
            self.scene.administration(departement_code),
            self.scene.organisations[une.cle],
            SaisieStructure(
                nom=structure.nom,
                departement_code=departement_code,
                commune_code=structure.commune,
                finess=identifiants.finess(departement_code, 5000 + rang) if categorie else "",
                siret=identifiants.siret(siren, numero + 1) if siren else "",
                adresse=self._adresse(structure.commune, 7 + rang),
                telephone=identifiants.telephone(une.telephone, 4000 + rang),
                email=f"structure{numero}@{une.cle}.example",
                ouverte_le=date(1985 + rang * 7 % 36, 1 + rang * 5 % 12, 1),
            ),
            [
                LignePlaces(code, "") if places is True else LignePlaces(code, _type_de_place(code), places)
                for code, places in structure.natures.items()
            ],
        )
        # The category is FINESS's own: no form writes it.
        opened.categorie_finess = categorie
        opened.nature_a_qualifier = not structure.natures
        if structure.fermee is not None:
            fermer = partial(
                self._fermer, opened, self.scene.administration(departement_code), structure.fermee
            )
            self.scene.prevoir(horloge(structure.fermee), fermer)

    def _fermer(self, structure: models.Structure, actor: Actor, jour: date, clock: Clock) -> None:
        structures.close_structure(
            self.scene.session, clock, actor, structure, jour, version=structure.version
        )

    def _siren(self, une: donnees.Organisation) -> str:
        if une.type in SANS_SIREN or une.nom_provisoire:
            return ""
        return identifiants.siren(self.rangs[une.meme_siren or une.cle])

    def _categorie(self, structure: donnees.Structure) -> str | None:
        return next((self.categories[code] for code in structure.natures if code in self.categories), None)

    def _adresse(self, commune_code: str, rang: int) -> str:
        commune = self.communes[commune_code]
        ville = re.sub(r" \d+er? Arrondissement$", "", commune.nom)
        return f"{self.scene.donnees.noms.voie(rang)}, {commune.codes_postaux.split()[0]} {ville}"


def _communes(scene: Scene) -> dict[str, models.Commune]:
    """Return the communes of the files by code; raises ReferenceAbsente when any is unknown."""
    organisations = scene.donnees.organisations
    voulues = {one.commune for one in organisations}
    voulues |= {structure.commune for one in organisations for structure in one.structures}
    natures = {code for one in organisations for structure in one.structures for code in structure.natures}
    communes = scene.session.scalars(select(models.Commune).where(models.Commune.code.in_(voulues))).all()
    natures -= set(scene.session.scalars(select(models.Nature.code)))
    manquent = sorted(voulues - {commune.code for commune in communes}) + sorted(natures)
    if manquent:
        raise ReferenceAbsente(
            "La démonstration demande toutes les données de référence (seed reference) ; inconnus ici : "
            + ", ".join(manquent)
        )
    return {commune.code: commune for commune in communes}


def _categories(une: donnees.Organisation) -> tuple[int, ...]:
    natures = {code for structure in une.structures for code in structure.natures}
    numeros = {numero for numero, codes in CATEGORIES.items() if codes & natures}
    if une.type in CATEGORIE_DU_TYPE:
        numeros.add(CATEGORIE_DU_TYPE[une.type])
    return tuple(sorted(numeros))


def _type_de_place(nature_code: str) -> str:
    return TYPE_DE_PLACE.get(nature_code, "logement")
