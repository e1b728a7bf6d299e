"""Sending a grid to one recipient: an act apart from the authorisation (domaine.md § 6.5, rule 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from portal.annuaire.models import Referent
from portal.annuaire.queries import Ligne
from portal.audit.service import record
from portal.grilles.autorisations import queries as autorisations
from portal.grilles.autorisations.apercu import empreinte as signee
from portal.grilles.autorisations.apercu import expediteur
from portal.grilles.autorisations.enums import DecisionAdulte, ObjetAutorisation
from portal.grilles.autorisations.fermeture import tenir
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import queries as grilles
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.sortie import Sortie, composer
from portal.grilles.transmissions import parametres
from portal.grilles.transmissions.destinataires import (
    a_des_lecteurs,
    a_prevenir,
    du_siao,
    ecrire,
    fonctions,
)
from portal.grilles.transmissions.enums import StatutTransmission
from portal.grilles.transmissions.models import Transmission
from portal.organisations import parametres as valeurs
from portal.organisations.models import Organisation
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion


@dataclass(frozen=True)
class Apercu:
    """Exactly what would leave, and to whom. `fonctions`: of the recipient in the directory, the best first;
    `lisible`: somebody can read there. `deja`: it was sent already."""

    autorisation: Autorisation
    organisation: Organisation
    sortie: Sortie
    empreinte: str
    fonctions: Sequence[Ligne]
    lisible: bool
    deja: bool


def apercu(session: Session, clock: Clock, actor: Actor, vise: Vise, autorisation_ref: str) -> Apercu:
    """Return what would leave under an authorisation. Raises Forbidden, NotVisible, DomainError."""
    require(actor, Permission.TRANSMISSIONS_ENVOYER, vise)
    menage = vise.menage
    autorisation, ouverte, _suivie = autorisations.une_lue(session, clock, menage, autorisation_ref)
    if autorisation.objet is not ObjetAutorisation.TRANSMISSION:
        raise DomainError("transmissions.presentation")
    grille = _version(session, autorisation)
    organisation, lisible, deja = session.execute(
        select(Organisation, a_des_lecteurs(Organisation.id), _parties(autorisation, grille).exists()).where(
            Organisation.id == autorisation.organisation_id
        )
    ).one()
    _verifier(menage, organisation, ouverte=ouverte)
    sortie = _sortie(session, menage, autorisation, grille)
    jour = autorisations.jour_de(clock, menage)
    return Apercu(
        autorisation=autorisation,
        organisation=organisation,
        sortie=sortie,
        empreinte=sortie.empreinte(),
        fonctions=fonctions(session, actor, organisation.id, menage.departement_code, jour),
        lisible=lisible,
        deja=deja,
    )


def transmettre(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    autorisation_ref: str,
    *,
    empreinte: str,
    fonction: str = "",
) -> Transmission:
    """Send to a recipient what its authorisation covers; sent already, return what was.

    `empreinte`: of the preview that was read; `fonction`: reference of a function of the recipient. The
    authorisation is held from its check to the end of the transaction: a withdrawal comes before, and nothing
    leaves, or after. Raises Forbidden, NotVisible, StaleVersion when the preview is not that of what would
    leave any more, DomainError.
    """
    require(actor, Permission.TRANSMISSIONS_ENVOYER, vise)
    autorisation = tenir(session, vise.menage, autorisation_ref)
    menage = session.scalars(
        select(Menage)
        .where(Menage.id == vise.menage.id)
        .options(selectinload(Menage.adultes))
        .execution_options(populate_existing=True)
    ).one()
    if autorisation.objet is not ObjetAutorisation.TRANSMISSION or autorisation.organisation_id is None:
        raise DomainError("transmissions.presentation")
    organisation = session.get_one(Organisation, autorisation.organisation_id)
    _verifier(menage, organisation, ouverte=autorisations.est_ouverte(session, clock, autorisation))
    grille = _version(session, autorisation)
    deja = session.scalar(_parties(autorisation, grille))
    if deja is not None:
        return deja
    sortie = _sortie(session, menage, autorisation, grille)
    if sortie.empreinte() != empreinte:
        raise StaleVersion(sortie)
    referent = _referent(session, organisation, menage, fonction)
    jour, now = autorisations.jour_de(clock, menage), clock.now()
    delai = valeurs.value(session, parametres.RECEPTION_JOURS, menage.departement_code)
    transmission = Transmission(
        menage_id=menage.id,
        autorisation_id=autorisation.id,
        grille_id=grille.id,
        organisation_id=organisation.id,
        referent_id=referent.id if referent else None,
        departement_code=menage.departement_code,
        statut=StatutTransmission.ENVOYEE,
        envoyee_le=now,
        envoyee_par_id=actor.personne_id,
        envoyee_par=_signature(actor),
        contenu=coffre(session).fermer(sortie.to_json()),
        empreinte=empreinte,
        repondre_avant=jour + timedelta(days=delai),
        created_at=now,
        updated_at=now,
    )
    session.add(transmission)
    session.flush()
    facts = {
        "destinataire": organisation.nom,
        "version": grille.numero,
        "items": [item.code for section in sortie.sections for item in section.items],
        "empreinte": empreinte,
    }
    record(session, clock, actor, "transmissions:transmission:envoyer", transmission, changes=facts)
    contexte = {
        "reference": transmission.ref,
        "expediteur": actor.organisation_nom,
        "organisation": organisation.nom,
        "avant": transmission.repondre_avant,
    }
    ecrire(session, clock, a_prevenir(session, jour, transmission), "recue", contexte, urgent=True)
    copie = contexte | {"menage": menage.ref}
    ecrire(session, clock, du_siao(session, menage.departement_code), "copie", copie)
    return transmission


def _verifier(menage: Menage, organisation: Organisation, *, ouverte: bool) -> None:
    """Refuse what may not leave now for a recipient. Raises DomainError."""
    if menage.protege and organisation.type not in autorisations.PROTEGES:
        raise DomainError("transmissions.protege")
    if menage.clos_le is not None or not ouverte:
        raise DomainError("transmissions.pas_d_autorisation")


def _version(session: Session, autorisation: Autorisation) -> GrilleAcces:
    """Return the version that leaves: the one signed, or the last frozen one when the household said so."""
    derniere = grilles.derniere_figee(session, autorisation.menage_id) if autorisation.mise_a_jour else None
    if derniere is not None and autorisations.couvre(autorisation, derniere):
        return derniere
    if not autorisations.couvre(autorisation, autorisation.grille):
        raise DomainError("transmissions.non_couverte")
    return autorisation.grille


def _sortie(session: Session, menage: Menage, autorisation: Autorisation, grille: GrilleAcces) -> Sortie:
    """Return what leaves of a version: of the one that was signed, exactly what every adult signed. Raises
    DomainError when the heading changed since."""
    sortie = composer(session, menage, grille, autorisation.sections, autorisation.champs, expediteur(menage))
    signes = {one.empreinte for one in autorisation.accords if one.decision is DecisionAdulte.ACCORDE}
    if grille.id == autorisation.grille_id and signes - {signee(autorisation, sortie)}:
        raise DomainError("transmissions.autre_que_signe")
    return sortie


def _signature(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:200]


def _parties(autorisation: Autorisation, grille: GrilleAcces) -> Select[Transmission]:
    """Return the select of what was sent of a version under an authorisation: one at most."""
    return select(Transmission).where(
        Transmission.autorisation_id == autorisation.id, Transmission.grille_id == grille.id
    )


def _referent(session: Session, organisation: Organisation, menage: Menage, ref: str) -> Referent | None:
    """Return the function chosen, None when none was. Raises DomainError for one of somewhere else."""
    if not ref:
        return None
    found = session.scalar(
        select(Referent).where(
            Referent.ref == ref,
            Referent.organisation_id == organisation.id,
            Referent.departement_code == menage.departement_code,
            Referent.ferme_le.is_(None),
        )
    )
    if found is None:
        raise DomainError("transmissions.fonction", "fonction")
    return found
