"""What a recipient answers to a grid: dated steps, corrected by others, never overwritten."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.jours import fuseau_de
from portal.grilles.menages.policies import Vise
from portal.grilles.transmissions import parametres, queries
from portal.grilles.transmissions.circuit import effectives, possibles
from portal.grilles.transmissions.destinataires import accompagnant, du_siao, ecrire
from portal.grilles.transmissions.enums import StatutTransmission as Statut
from portal.grilles.transmissions.models import SuiteTransmission, Transmission
from portal.grilles.transmissions.nomenclatures import interdits, motifs
from portal.grilles.transmissions.saisie import SaisieSuite, defavorable, lire
from portal.organisations import parametres as valeurs
from portal.organisations.enums import TypeOrganisation
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion


def ajouter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    typed: SaisieSuite,
    *,
    version: int,
    corrige: bool = False,
) -> Transmission:
    """Write the next step of an answer; `corrige`: instead of the last one that counts, which stays readable.

    Raises NotVisible for what is not open, Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    transmission = _tenir(session, clock, actor, ref, version)
    if typed.statut not in possibles(transmission.suites, corrige=corrige):
        raise DomainError("transmissions.etape")
    jour = clock.today(fuseau_de(transmission.departement_code))
    detail = lire(typed, TypeOrganisation(actor.organisation_type), envoyee=_envoyee(transmission), jour=jour)
    if typed.statut is Statut.BAIL_SIGNE and detail["jour"] < _decision(session, transmission):
        raise DomainError("transmissions.jour_avant_decision", "jour")
    if not transmission.suites and typed.statut is not Statut.RECUE:
        _ajouter(session, clock, actor, transmission, Statut.RECUE, {})  # whoever answers has received
    _ecrire(session, clock, actor, transmission, typed.statut, detail, corrige=corrige)
    return transmission


def annuler(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> Transmission:
    """Take back the last step that counts: it was written by mistake. Receipt is not taken back.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    transmission = _tenir(session, clock, actor, ref, version)
    comptent = effectives(transmission.suites)
    if len(comptent) < 2:
        raise DomainError("transmissions.etape")
    _ecrire(session, clock, actor, transmission, comptent[-2].statut, {}, corrige=True, annule=True)
    return transmission


def relire(
    session: Session, clock: Clock, actor: Actor, vise: Vise, ref: str, *, version: int
) -> Transmission:
    """Note that the SIAO read again the reason of an answer; done already, change nothing.

    Raises Forbidden, NotVisible, StaleVersion when the answer changed since it was read, DomainError when no
    reason waits for it.
    """
    require(actor, Permission.TRANSMISSIONS_RELIRE, vise)
    transmission, _ouverte = queries.envoyee(session, clock, vise.menage, ref)
    if transmission.relu_le is not None:
        return transmission
    if transmission.version != version:
        raise StaleVersion(transmission)
    if transmission.relire_depuis is None:
        raise DomainError("transmissions.etape")
    transmission.relu_le = transmission.updated_at = clock.now()
    transmission.relu_par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    session.flush()
    record(session, clock, actor, "transmissions:suite:relire", transmission)
    return transmission


def noter_motif_refuse(session: Session, clock: Clock, actor: Actor, ref: str, interdit: str) -> None:
    """Write in the journal that a ground that nobody may give was given: which, never in what words.

    In a transaction of its own, after the refusal was rolled back. Raises NotVisible.
    """
    transmission = queries.recue(session, clock, actor, ref)
    code = interdit if interdit in interdits() else ""
    record(session, clock, actor, "transmissions:suite:motif_refuse", transmission, changes={"motif": code})


def _tenir(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> Transmission:
    transmission = queries.recue(session, clock, actor, ref, tenue=True)
    require(actor, Permission.TRANSMISSIONS_REPONDRE, transmission)
    if transmission.version != version:
        raise StaleVersion(transmission)
    return transmission


def _decision(session: Session, transmission: Transmission) -> str:
    """Return the day of the decision that a lease follows, ISO."""
    decisions = [one for one in effectives(transmission.suites) if one.statut is Statut.DECIDEE]
    jour: str = coffre(session).ouvrir(decisions[-1].detail)["jour"]
    return jour


def _envoyee(transmission: Transmission) -> date:
    zone = ZoneInfo(fuseau_de(transmission.departement_code))
    return transmission.envoyee_le.astimezone(zone).date()


def _ecrire(
    session: Session,
    clock: Clock,
    actor: Actor,
    transmission: Transmission,
    vers: Statut,
    detail: dict[str, Any],
    *,
    corrige: bool = False,
    annule: bool = False,
) -> None:
    avant, echec_avant = transmission.statut, transmission.echec
    _ajouter(session, clock, actor, transmission, vers, detail, corrige=corrige, annule=annule)
    dernier = effectives(transmission.suites)[-1]
    contenu = coffre(session).ouvrir(dernier.detail) if dernier.detail else {}
    transmission.recue_le = transmission.recue_le or clock.now()
    transmission.statut = dernier.statut
    transmission.echec = defavorable(dernier.statut, contenu)
    transmission.repondre_avant = _prochaine(session, clock, transmission, contenu)
    transmission.relances = 0
    motif = motifs().get(contenu.get("motif", ""))
    transmission.relire_depuis = clock.now() if motif is not None and motif.relecture else None
    transmission.relu_le = transmission.relu_par = None
    transmission.updated_at = clock.now()
    session.flush()
    facts: dict[str, Any] = {"statut": [avant.value, transmission.statut.value]}
    if corrige:
        facts["correction"] = True
    record(session, clock, actor, "transmissions:suite:ajouter", transmission, changes=facts)
    _prevenir(session, clock, transmission, nouveau_refus=transmission.echec and not echec_avant)


def _ajouter(
    session: Session,
    clock: Clock,
    actor: Actor,
    transmission: Transmission,
    vers: Statut,
    detail: dict[str, Any],
    *,
    corrige: bool = False,
    annule: bool = False,
) -> None:
    transmission.suites.append(
        SuiteTransmission(
            statut=vers,
            le=clock.now(),
            par=f"{actor.nom} ({actor.organisation_nom})"[:200],
            detail=coffre(session).fermer(detail) if detail else "",
            corrige_id=effectives(transmission.suites)[-1].id if corrige else None,
            annule=annule,
        )
    )
    session.flush()


def _prochaine(session: Session, clock: Clock, transmission: Transmission, contenu: dict[str, Any]) -> date:
    """Return the day from which the silence that follows is told."""
    lus = valeurs.values(
        session, transmission.departement_code, parametres.RECEPTION_JOURS, parametres.REPONSE_JOURS
    )
    reception = timedelta(days=lus[parametres.RECEPTION_JOURS.key])
    reponse = timedelta(days=lus[parametres.REPONSE_JOURS.key])
    if transmission.statut is Statut.RECUE:
        return _envoyee(transmission) + reponse
    if transmission.statut is Statut.POSITIONNEE:
        return date.fromisoformat(contenu["jour"]) + reception
    return clock.today(fuseau_de(transmission.departement_code)) + reponse


def _prevenir(session: Session, clock: Clock, transmission: Transmission, *, nouveau_refus: bool) -> None:
    """Tell who accompanies the household, and the SIAO, that an answer waits, or after some refusals that
    other ways exist (domaine.md § 6.6, 7)."""
    if transmission.statut is Statut.RECUE and len(transmission.suites) == 1:
        return  # receipt alone changes nothing for them
    menage = transmission.menage
    contexte = {"reference": transmission.ref, "menage": menage.ref}
    gens = [*accompagnant(session, menage), *du_siao(session, menage.departement_code)]
    gens = list(dict.fromkeys(gens))
    seuil = valeurs.value(session, parametres.ECHECS, transmission.departement_code)
    if nouveau_refus and queries.echecs(session, menage.id) >= seuil:
        ecrire(session, clock, gens, "alternatives", contexte)
    else:
        ecrire(session, clock, gens, "reponse", contexte)
