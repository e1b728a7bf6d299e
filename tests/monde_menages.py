"""A household with something written wherever something can be: each text says where it comes from.

For the walk of the routes (nothing of it comes back to whoever may not read it) and for the erasure (nothing
of it is left). Written row by row, not through the services: what they refuse to write must not appear.
"""

import io
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.documents.models import Fichier, StatutFichier
from portal.documents.storage import Storage
from portal.documents.types import DOCUMENTS
from portal.grilles import sortie
from portal.grilles.autorisations.enums import (
    DecisionAdulte,
    Lecture,
    Mode,
    ObjetAutorisation,
    Signataire,
    StatutAutorisation,
)
from portal.grilles.autorisations.models import AccordAdulte, Autorisation, RecuMenage, RemarqueMenage
from portal.grilles.calculs import Resultat, Unite
from portal.grilles.contenu import Champ
from portal.grilles.enums import Portee, Reponse
from portal.grilles.fin_de_vie.enums import GenreDemande, StatutDemande
from portal.grilles.fin_de_vie.models import DemandeMenage, PreavisEffacement
from portal.grilles.menages.enums import StatutAcces
from portal.grilles.menages.identites import Composition, Identite
from portal.grilles.menages.models import AccesMenage, Adulte, LectureMenage, Menage, Relais
from portal.grilles.queries import contenu, nationale
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleSection
from portal.grilles.transmissions.enums import StatutTransmission
from portal.grilles.transmissions.models import SuiteTransmission, Transmission
from portal.jobs.models import StatutTravail, Travail
from portal.notifications.service import new_message
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.security.tokens import token_hash
from portal.shared.clock import FixedClock
from tests.factories import INSTANT

JOUR = INSTANT.date()
LETTRES = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class MenageMeuble:
    """The household, and what it has by the name of its reference in addresses."""

    menage: Menage
    objets: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entourage:
    """Who is around a household. `commission_id`: to which it is presented."""

    organisation: Organisation
    referent: Personne
    collegue: Personne
    collegue_organisation: Organisation
    bailleur: Organisation
    commission_id: int


def meubler_un_menage(
    session: Session, autour: Entourage, mot: str, *, storage: Storage | None = None
) -> MenageMeuble:
    """Write a household of two adults whose every text begins with `mot`, letters alone.

    Its second grid is a draft; the first, frozen, is authorised and transmitted to the landlord, now. With a
    `storage` the signed paper and the copy are real, encrypted files.
    """
    vault = coffre(session)
    menage = Menage(
        departement_code=autour.organisation.departement_code,
        organisation=autour.organisation,
        referent=autour.referent,
        code="M-" + secrets.token_hex(4).upper(),
        si_siao=vault.fermer(f"{mot}sisiao"),
        si_siao_cle=vault.empreinte("si_siao", mot),
        numero_unique=vault.fermer(f"{mot}numero"),
        numero_unique_cle=vault.empreinte("numero_unique", mot),
        composition=Composition(2, 1).fermer(vault),
        dernier_contact_le=JOUR,
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    menage.adultes = [_adulte(session, rang, mot) for rang in (1, 2)]
    session.add(menage)
    session.flush()
    made = MenageMeuble(menage)
    figee, brouillon = (_grille(session, menage, numero, mot) for numero in (1, 2))
    _autorisations(session, autour, made, figee, mot, storage)
    _transmettre(session, autour, made, figee, mot)
    _alentour(session, autour, made, mot)
    _demande(session, autour, made, mot, storage)
    made.objets |= {"menage": menage, "adulte": menage.adultes[0], "version": figee, "brouillon": brouillon}
    session.flush()
    return made


def _adulte(session: Session, rang: int, mot: str) -> Adulte:
    vault = coffre(session)
    prenom = f"{mot}prenom{LETTRES[rang]}"
    identite = Identite(f"{mot}nom", prenom, date(1990, 1, rang), f"{mot}representant")
    return Adulte(
        rang=rang,
        identite=identite.fermer(vault),
        cle=identite.cle(vault),
        nom_cle=identite.nom_cle(vault),
    )


LUES_PAR = {Portee.P1: "ouverte", Portee.P2: "reservee", Portee.P3: "interne"}
"""What the canary of an answer says of who may read it."""


def _valeur(champ: Champ, mot: str) -> Any:
    texte = f"{mot}reponse{LUES_PAR[champ.portee]}"
    return {
        Reponse.FAIT: "oui",
        Reponse.AUTONOMIE: "autonome",
        Reponse.MONTANT: 123456,
        Reponse.NOMBRE: 3,
        Reponse.DATE: "2025-06-01",
        Reponse.LISTE: champ.choix[0].code if champ.choix else texte,
        Reponse.CHOIX_MULTIPLE: [one.code for one in champ.choix[:1]],
        Reponse.CALCUL: _calcul(texte),
    }.get(champ.reponse, texte)


def _calcul(formule: str) -> dict[str, Any]:
    """A computed value, as a frozen grid keeps it."""
    return Resultat(Unite.CENTS_PAR_UC, formule, JOUR, 25000, (), ()).to_json()


def _grille(session: Session, menage: Menage, numero: int, mot: str) -> GrilleAcces:
    """The first is frozen once its answers are written; the second is a draft."""
    modele = nationale(session)
    grille = GrilleAcces(
        menage=menage,
        modele_id=modele.id,
        numero=numero,
        statut=StatutGrille.BROUILLON,
        ouverte_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    grille.sections = [
        GrilleSection(
            section=section.code,
            reponses=coffre(session).fermer(
                {
                    "items": {
                        item.code: {champ.code: _valeur(champ, mot) for champ in item.champs}
                        for item in section.items
                    }
                }
            ),
            enregistree_le=INSTANT,
            par="Personne",
        )
        for section in contenu(modele).sections
    ]
    session.add(grille)
    session.flush()
    if numero == 1:
        grille.statut, grille.figee_le, grille.figee_par = StatutGrille.FIGEE, INSTANT, "Personne"
        grille.a_renouveler_le, grille.empreinte = JOUR + timedelta(days=180), "0" * 64
        session.flush()
    return grille


def _fichier(session: Session, mot: str, quoi: str, storage: Storage | None) -> Fichier:
    if storage is not None:
        octets = io.BytesIO(f"%PDF-1.7\n{mot}{quoi}".encode())
        return storage.store(session, FixedClock(INSTANT), octets, f"{quoi}.pdf", DOCUMENTS, encrypt=True)
    file = Fichier(
        nom=f"{quoi}.pdf",
        chemin=f"ef/{secrets.token_hex(12)}",
        type_mime="application/pdf",
        taille=4,
        sha256="0" * 64,
        statut=StatutFichier.SAIN,
        chiffre=True,
        depose_le=INSTANT,
    )
    session.add(file)
    session.flush()
    return file


def _autorisations(
    session: Session,
    autour: Entourage,
    made: MenageMeuble,
    grille: GrilleAcces,
    mot: str,
    storage: Storage | None,
) -> None:
    """One of transmission to the landlord, on paper; one of presentation to the commission, on the screen."""
    vault, menage = coffre(session), made.menage
    for objet, mode in (
        (ObjetAutorisation.TRANSMISSION, Mode.PAPIER),
        (ObjetAutorisation.PRESENTATION, Mode.ECRAN),
    ):
        transmet = objet is ObjetAutorisation.TRANSMISSION
        autorisation = Autorisation(
            menage=menage,
            grille=grille,
            objet=objet,
            organisation_id=autour.bailleur.id if transmet else None,
            commission_id=None if transmet else autour.commission_id,
            destinataire="Destinataire",
            finalite="logement" if transmet else "examen",
            portee=Portee.P1,
            sections=list("ABCDEF"),
            champs=["A7.mesure", "B8.montant"],
            du=JOUR - timedelta(days=1),
            au=JOUR + timedelta(days=150),
            statut=StatutAutorisation.ACCORDE,
            notice="1",
            notice_langue="fr",
            lecture=Lecture.LUE,
            informe_le=INSTANT,
            informe_par="Personne",
            ouverte_le=INSTANT,
            created_at=INSTANT,
            updated_at=INSTANT,
        )
        autorisation.accords = [
            AccordAdulte(
                adulte=adulte,
                decision=DecisionAdulte.ACCORDE,
                mode=mode,
                signataire=Signataire.SOI,
                repondu_le=INSTANT,
                recueilli_par="Personne",
                signature="" if transmet else vault.fermer(f"{mot}signature"),
                empreinte="0" * 64,
                fichier=_fichier(session, mot, "papier", storage) if transmet else None,
            )
            for adulte in menage.adultes
        ]
        session.add(autorisation)
        session.flush()
        made.objets.setdefault("autorisation", autorisation)
        made.objets.setdefault("accord", autorisation.accords[0])
    recu = RecuMenage(
        adulte=menage.adultes[0],
        jeton_hash=token_hash(f"recu{menage.ref}"),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    remarque = RemarqueMenage(
        grille_id=grille.id,
        adulte_id=menage.adultes[0].id,
        le=INSTANT,
        texte=vault.fermer(f"{mot}remarque"),
    )
    session.add_all([recu, remarque])
    session.flush()
    made.objets |= {"recu": recu, "remarque": remarque}


def _transmettre(
    session: Session, autour: Entourage, made: MenageMeuble, grille: GrilleAcces, mot: str
) -> None:
    vault = coffre(session)
    parti = sortie.composer(
        session, made.menage, grille, sections="ABCDEF", champs_voulus=(), expediteur=f"{mot}expediteur"
    )
    transmission = Transmission(
        menage=made.menage,
        autorisation=made.objets["autorisation"],
        grille_id=grille.id,
        organisation=autour.bailleur,
        departement_code=made.menage.departement_code,
        statut=StatutTransmission.RECUE,
        envoyee_le=INSTANT,
        envoyee_par_id=autour.referent.id,
        envoyee_par="Personne",
        contenu=vault.fermer(parti.to_json()),
        empreinte=parti.empreinte(),
        recue_le=INSTANT,
        repondre_avant=JOUR + timedelta(days=15),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    transmission.suites = [
        SuiteTransmission(
            statut=StatutTransmission.RECUE,
            le=INSTANT,
            par="Personne",
            detail=vault.fermer({"texte": f"{mot}suite"}),
        )
    ]
    session.add(transmission)
    session.flush()
    made.objets["transmission"] = transmission


def _alentour(session: Session, autour: Entourage, made: MenageMeuble, mot: str) -> None:
    """A colleague's request, someone who stands in, a reading, a notice."""
    menage = made.menage
    acces = AccesMenage(
        menage_id=menage.id,
        demandeur_id=autour.collegue.id,
        organisation_id=autour.collegue_organisation.id,
        statut=StatutAcces.DEMANDE,
        motif=coffre(session).fermer(f"{mot}motif"),
        jours=7,
        repondre_avant=INSTANT + timedelta(days=7),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    relais = Relais(
        organisation_id=autour.organisation.id,
        absent_id=autour.referent.id,
        relais_id=autour.collegue.id,
        du=JOUR - timedelta(days=30),
        au=JOUR - timedelta(days=20),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    lecture = LectureMenage(
        menage_id=menage.id,
        le=INSTANT,
        personne_id=autour.referent.id,
        organisation_id=autour.organisation.id,
        lecteur="Personne",
        quoi="fiche",
    )
    preavis = PreavisEffacement(menage_id=menage.id, depuis=date(2020, 1, 1), le=date(2022, 1, 1))
    session.add_all([acces, relais, lecture, preavis])
    session.flush()
    made.objets |= {"acces": acces, "relais": relais}


def _demande(
    session: Session, autour: Entourage, made: MenageMeuble, mot: str, storage: Storage | None
) -> None:
    """A request for a copy, its copy made, its job, and a message that leads to the household."""
    vault, menage = coffre(session), made.menage
    demande = DemandeMenage(
        menage_id=menage.id,
        organisation_id=autour.organisation.id,
        departement_code=menage.departement_code,
        code=menage.code,
        genre=GenreDemande.ACCES,
        statut=StatutDemande.RECUE,
        recue_le=JOUR,
        echeance=date(2026, 4, 2),
        recue_par="Personne",
        detail=vault.fermer(f"{mot}detail"),
        reponse=vault.fermer(f"{mot}suitedonnee"),
        fichier=_fichier(session, mot, "copie", storage),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(demande)
    session.flush()
    travail = Travail(
        genre="menages:copie",
        statut=StatutTravail.TERMINE,
        personne_id=autour.referent.id,
        adhesion_id=0,
        organisation_id=autour.organisation.id,
        departement_code=menage.departement_code,
        parametres={"demande": demande.ref},
        resultat={},
        created_at=INSTANT,
        termine_le=INSTANT,
    )
    adresse = f"/menages/{menage.ref}"
    clock = FixedClock(INSTANT)
    message = new_message(clock, "quelquun@partenaire.example", "fr", "Un ménage", f"Voir {adresse}\n")
    session.add_all([travail, message])
    session.flush()
    made.objets["demande"] = demande


def entourage(factories: SimpleNamespace, commission_id: int) -> Entourage:
    """Return new organisations and people around a household of the 22."""
    organisation, autre = factories.Organisation(), factories.Organisation()
    return Entourage(
        organisation,
        factories.Personne(),
        factories.Personne(),
        autre,
        factories.Organisation(nom="Bailleur Fictif"),
        commission_id,
    )
