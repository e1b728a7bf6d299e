"""The demonstration's directory: for each partner the functions that are expected of it, a few left empty.

Cards are verified on days that move with today, so that each step of freshness is seen.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal.annuaire import service, signalements, titulaires
from portal.annuaire.enums import MotifSignalement, Preference, Role
from portal.annuaire.models import Referent
from portal.annuaire.nomenclatures import Fonction, fonctions
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, Structure
from portal.security.permissions import Profil
from portal.shared.clock import Clock
from portal.shared.text import normalise
from seeds.demo import donnees, identifiants
from seeds.demo.calendrier import OUVERTURE, Calendrier, horloge, ouvre
from seeds.demo.scene import Scene

SIAO = (Profil.SIAO_MISSION_LOGEMENT, Profil.SIAO_REGULATEUR, Profil.SIAO_DIRECTION)
AGES = (12, 40, 75, 110, 150, 190, 220, 250, 290)
"""Days since each card was verified, in turn: from fresh to greyed."""

VIDES, SUPPLEES, ABSENTES = 11, 4, 9
"""One card in so many is empty, has a deputy, or a holder who is away."""

HORAIRES = ("Du lundi au vendredi, 9 h – 12 h", "Lundi, mardi et jeudi", "", "Tous les matins")
PRINCIPAL, AILLEURS = "22", 12
"""The département told whole, and how many functions the others have, about."""

PREFIXE = "06 39 98"

TENUES = {
    ("phare-emeraude", "referent_siao", 0): "travail.social@phare-emeraude.example",
    ("phare-emeraude", "referent_siao", 1): "structure@phare-emeraude.example",
    ("phare-emeraude", "signataire", None): "direction@phare-emeraude.example",
}
"""Functions held by people of the demonstration's accounts: they find them in « Mes fonctions »."""

SIGNALES = (
    (12, 0, MotifSignalement.NUMERO_FAUX, "Le numéro sonne dans le vide depuis une semaine.", ""),
    (9, 1, MotifSignalement.PERSONNE_PARTIE, "", "prendre_en_compte"),
    (6, 2, MotifSignalement.AUTRE, "Les horaires ne sont plus ceux de l’accueil.", "ecarter"),
)
"""Errors reported on the oldest cards: days ago, rank of the card, what, its words, what came of it."""


@dataclass(frozen=True)
class Place:
    """A function to be opened: where, and its rank among all."""

    une: donnees.Organisation
    fonction: Fonction
    structure: int | None  # rank among the open structures of the organisation
    rang: int


def prevoir_annuaire(scene: Scene, calendrier: Calendrier) -> None:
    """Note the opening of each function for its day."""
    for place in _places(scene):
        age = AGES[place.rang % len(AGES)]
        jour = ouvre(max(OUVERTURE + timedelta(days=14), calendrier.aujourdhui - timedelta(days=age)))
        scene.prevoir(horloge(jour, 60 + place.rang), partial(_ouvrir, scene, place))
    for age, rang, motif, texte, suite in SIGNALES:
        jour = ouvre(calendrier.aujourdhui - timedelta(days=age))
        scene.prevoir(horloge(jour, 600), partial(_signaler, scene, rang, motif, texte, suite))


def _places(scene: Scene) -> Iterator[Place]:
    """Yield every function of the main département, and the first ones of the others."""
    rang, ici = 0, Counter[str]()
    siaos = {one.departement for one in scene.donnees.organisations if one.type is TypeOrganisation.SIAO}
    for une in scene.donnees.organisations:
        full = une.departement != PRINCIPAL and ici[une.departement] >= AILLEURS
        if une.departement not in siaos or full:
            continue
        before = rang
        for fonction in fonctions().values():
            if une.type in fonction.attendue:
                yield Place(une, fonction, None, rang)
                rang += 1
        for numero in range(min(2, len(une.structures))):
            yield Place(une, fonctions()["referent_siao"], numero, rang)
            rang += 1
        ici[une.departement] += rang - before


def _ouvrir(scene: Scene, place: Place, clock: Clock) -> None:
    organisation = scene.organisations[place.une.cle]
    siao = next(
        one.cle
        for one in scene.donnees.organisations
        if one.type is TypeOrganisation.SIAO and one.departement == place.une.departement
    )
    actor = scene.acteur(siao, SIAO)
    structure = _structure(organisation, place)
    if actor is None or organisation.fermee_le is not None or (place.structure is not None and not structure):
        return
    personne = _tenant(scene, place, organisation)
    saisie = SaisieReferent(
        fonction_code=place.fonction.code,
        departement_code=place.une.departement,
        structure_id=structure.id if structure else None,
        natures=tuple(sorted({row.nature_code for row in structure.places})) if structure else (),
        horaires=HORAIRES[place.rang % len(HORAIRES)],
        preference=tuple(Preference)[place.rang % len(Preference)],
    )
    vide = place.rang % VIDES == VIDES - 1 and personne.email not in TENUES.values()
    referent = service.ouvrir(scene.session, clock, actor, organisation, saisie, None if vide else personne)
    if not vide and place.rang % SUPPLEES == 0:
        second = replace(_personne(scene, place.rang + 500, organisation, place.une.cle), role=Role.SUPPLEANT)
        titulaires.confier(scene.session, clock, actor, referent, second, version=referent.version)
    if not vide and place.rang % ABSENTES == 0:
        debut = clock.today()
        fin = debut + timedelta(days=400)
        titulaires.noter_absence(scene.session, clock, actor, referent, debut, fin, version=referent.version)


def _tenant(scene: Scene, place: Place, organisation: Organisation) -> SaisieTitulaire:
    """Return who holds a function: someone of the accounts for a few of them."""
    fictive = _personne(scene, place.rang, organisation, place.une.cle)
    email = TENUES.get((place.une.cle, place.fonction.code, place.structure), "")
    compte = scene.personnes.get(email)
    if compte is None:
        return fictive
    return replace(fictive, prenom=compte.prenom, nom=compte.nom, email=email)


def _signaler(scene: Scene, rang: int, motif: MotifSignalement, texte: str, suite: str, clock: Clock) -> None:
    """Report an error on one of the oldest cards that someone holds, and follow it."""
    auteur = scene.un("habitat-des-landes", Profil.BAILLEUR_REFERENT)
    referent = scene.session.scalars(
        select(Referent)
        .where(Referent.departement_code == PRINCIPAL, Referent.titulaires.any())
        .order_by(Referent.verifie_le, Referent.id)
        .offset(rang)
        .limit(1)
    ).one()
    made = signalements.signaler(scene.session, clock, auteur, referent, motif, texte)
    if suite:
        siao = scene.un("siao-22", *SIAO)
        raison = "Appelé ce matin : l’accueil a gardé ses horaires." if suite == "ecarter" else ""
        signalements.suivre(scene.session, clock, siao, made, suite, raison, version=made.version)


def _structure(organisation: Organisation, place: Place) -> Structure | None:
    if place.structure is None:
        return None
    ouvertes = sorted(
        (
            one
            for one in organisation.structures
            if one.fermee_le is None and one.departement_code == place.une.departement
        ),
        key=lambda one: one.id,
    )
    return ouvertes[place.structure] if place.structure < len(ouvertes) else None


def _personne(scene: Scene, rang: int, organisation: Organisation, cle: str) -> SaisieTitulaire:
    prenom, _blanc, nom = scene.donnees.noms.personne(rang).partition(" ")
    adresse = normalise(f"{prenom} {nom}").replace(" ", ".")
    return SaisieTitulaire(
        prenom=prenom,
        nom=nom,
        telephone=identifiants.telephone(PREFIXE, rang),
        email=f"{adresse}@{cle}.example",
        du=max(OUVERTURE, organisation.created_at.date()),
    )
