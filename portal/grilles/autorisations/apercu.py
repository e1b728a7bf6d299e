"""What a household reads before it answers: exactly what would leave, to whom, for what, until when."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.grilles import sortie
from portal.grilles.autorisations.enums import FERMEES, Finalite, Signataire
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage import queries as remplissage
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.sortie import Sortie
from portal.security.policy import Actor

MAJORITE = 18  # years


@dataclass(frozen=True)
class Apercu:
    """What would leave by one authorisation, and the SHA-256 of it with its terms: what is signed."""

    autorisation: Autorisation
    sortie: Sortie
    empreinte: str


def expediteur(menage: Menage) -> str:
    """Return who sends, as the heading names it: the worker in charge and their organisation."""
    return f"{menage.referent.nom_complet} ({menage.organisation.nom})"


def apercu(session: Session, autorisation: Autorisation, grille: GrilleAcces | None = None) -> Apercu:
    """Return what an authorisation would let out of the version that it was asked for, or of `grille`: of one
    that closed, what it was about, for the adults who were asked then."""
    lue = grille or remplissage.version(session, autorisation.menage_id, autorisation.grille.ref)
    sort = sortie.composer(
        session,
        autorisation.menage,
        lue,
        autorisation.sections,
        autorisation.champs,
        expediteur(autorisation.menage),
        portee=autorisation.portee,
        adultes=demandes(autorisation) if autorisation.statut in FERMEES else None,
    )
    return Apercu(autorisation, sort, empreinte(autorisation, sort))


def demandes(autorisation: Autorisation) -> set[int]:
    """Return the keys of the adults who were asked."""
    return {one.adulte_id for one in autorisation.accords}


def empreinte(autorisation: Autorisation, sort: Sortie) -> str:
    """Return the SHA-256 of what is signed: what leaves, and the terms."""
    termes = {
        "sortie": sort.empreinte(),
        "objet": autorisation.objet.value,
        "destinataire": autorisation.destinataire,
        "finalite": autorisation.finalite,
        "sections": sorted(autorisation.sections),
        "champs": sorted(autorisation.champs),
        "du": autorisation.du.isoformat(),
        "au": autorisation.au.isoformat(),
        "mise_a_jour": autorisation.mise_a_jour,
    }
    return hashlib.sha256(json.dumps(termes, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def finalite(autorisation: Autorisation) -> Finalite:
    """Return the purpose of an authorisation."""
    return Finalite(autorisation.finalite)


def signataire(jour: date, identite: Identite | None) -> Signataire:
    """Return who signs for an adult on a day: their representative when they are a minor or have one."""
    if identite is None:
        return Signataire.SOI
    ne = identite.naissance
    age = jour.year - ne.year - ((jour.month, jour.day) < (ne.month, ne.day))
    if age < MAJORITE:
        return Signataire.REPRESENTANT
    return Signataire.MANDATAIRE if identite.representant else Signataire.SOI


def signe_par(actor: Actor) -> str:
    """Return who collected an answer, as it is kept."""
    return f"{actor.nom} ({actor.organisation_nom})"[:200]
