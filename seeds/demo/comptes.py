"""Opening the demonstration's accounts, all with the one password that `make run` prints."""

from collections.abc import Iterable
from datetime import date, timedelta

from portal.audit.service import record
from portal.comptes import acteurs, adhesions
from portal.comptes.comptes import create_person
from portal.comptes.invitations import SaisieInvitation, invite
from portal.comptes.territoire import read_organisation
from portal.security.permissions import Profil
from seeds.demo.calendrier import Calendrier, horloge, ouvre
from seeds.demo.identifiants import telephone
from seeds.demo.organisations import PORTAIL
from seeds.demo.scene import Scene

MOBILES = "06 39 98"
EN_ATTENTE_DE_REVUE = "phare-emeraude"
"""The organisation whose accounts are still to be reviewed, for its administrator to do."""


def ouvrir_comptes(scene: Scene, organisations: Iterable[str], jour: date, mot_de_passe: str) -> None:
    """Open the accounts of people whose organisations are all open and among these.

    `mot_de_passe`: the hash of the common password, computed once. Accepting an invitation would compute
    it for each, and refuse a password as simple as the demonstration's.
    """
    voulues = set(organisations)
    for rang, personne in enumerate(scene.donnees.personnes):
        if personne.email in scene.personnes or not {a.organisation for a in personne.adhesions} <= voulues:
            continue
        clock = horloge(jour, 5 * rang)
        prenom, nom = personne.nom.split(" ", 1)
        ouverte = create_person(
            scene.session, clock, email=personne.email, prenom=prenom, nom=nom, password_hash=mot_de_passe
        )
        ouverte.telephone = telephone(MOBILES, rang)
        scene.personnes[personne.email] = ouverte
        for adhesion in personne.adhesions:
            organisation = scene.organisations[adhesion.organisation]
            made = adhesions.add(
                scene.session,
                clock,
                ouverte.id,
                organisation_id=organisation.id,
                departement_code=adhesion.departement or organisation.departement_code,
                profil=adhesion.profil,
            )
            scene.adhesions.setdefault((adhesion.organisation, adhesion.profil), made)
            record(
                scene.session,
                clock,
                acteurs.of_membership(scene.session, made.id),
                "comptes:invitation:accepter",
                made,
                changes={"profil": made.profil.value, "personne": ouverte.ref},
            )


def prevoir_revue(scene: Scene, calendrier: Calendrier) -> None:
    """Review every access two months ago but those of one organisation, left to its administrator."""
    revues = [
        adhesion.ref for (cle, _profil), adhesion in scene.adhesions.items() if cle != EN_ATTENTE_DE_REVUE
    ]
    actor = scene.un(PORTAIL, Profil.ADMIN_TECHNIQUE)
    jour = ouvre(calendrier.aujourdhui - timedelta(days=60))
    scene.prevoir(horloge(jour), lambda clock: adhesions.review(scene.session, clock, actor, revues))


def prevoir_invitation(scene: Scene, calendrier: Calendrier) -> None:
    """Leave an invitation of yesterday, which nobody has accepted yet."""
    actor = scene.un(EN_ATTENTE_DE_REVUE, Profil.ADMIN_ORGANISATION)
    equipe = read_organisation(scene.session, ident=actor.organisation_id)
    assert equipe is not None
    saisie = SaisieInvitation(
        email=f"accueil@{EN_ATTENTE_DE_REVUE}.example",
        prenom="Loeiz",
        nom="Mesgouez-Prat",
        profil=Profil.GESTIONNAIRE_STRUCTURE,
        departement_code=actor.departement_code,
    )
    scene.prevoir(
        horloge(calendrier.aujourdhui - timedelta(days=1)),
        lambda clock: invite(scene.session, clock, scene.settings, actor, equipe, saisie),
    )
