"""Asking a household for an authorisation, giving it the notice, taking what each adult answers (§ 6.5)."""

from collections.abc import Collection
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.grilles import contenu
from portal.grilles.autorisations import crochets, queries
from portal.grilles.autorisations import messages as messages
from portal.grilles.autorisations.apercu import apercu, signataire, signe_par
from portal.grilles.autorisations.enums import (
    ATTENDUES,
    FINALITES,
    DecisionAdulte,
    Lecture,
    Mode,
    ObjetAutorisation,
    Signataire,
    StatutAutorisation,
)
from portal.grilles.autorisations.fermeture import fermer, relayer, tenir
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.autorisations.notices import actuelle, langues
from portal.grilles.autorisations.parametres import DUREE_MAX_MOIS, DUREE_MOIS
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.autorisations.signatures import Signature
from portal.grilles.autorisations.workflow import WORKFLOW
from portal.grilles.enums import P1Si, Portee
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.service import noter_contact
from portal.grilles.remplissage import queries as remplissage
from portal.grilles.sortie import champs_ouvrables
from portal.organisations import parametres
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.db import new_ref
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion


def duree_proposee(session: Session, menage: Menage, du: date) -> date:
    """Return the last day that a request proposes: six months, or what the département chose (D14)."""
    mois = parametres.value(session, DUREE_MOIS, menage.departement_code)
    return plus_mois(du, mois)


def signataires(session: Session, clock: Clock, menage: Menage) -> dict[int, Signataire]:
    """Return who signs for each adult of today, by key of the adult."""
    jour, vault = queries.jour_de(clock, menage), coffre(session)
    return {
        adulte.id: signataire(jour, Identite.ouvrir(vault, adulte.identite))
        for adulte in queries.presents(session, menage)
    }


def demander(
    session: Session, clock: Clock, actor: Actor, vise: Vise, typed: SaisieDemande, cle: str = ""
) -> Autorisation:
    """Ask a household for an authorisation; those that await its answer for the same recipient are replaced.

    Sent twice (`cle`) it is one request. Raises Forbidden, DomainErrors, DomainError.
    """
    _droit(actor, vise)
    menage = vise.menage
    ref = keyed_ref(cle, "autorisation", actor.personne_id, menage.ref)
    deja = ref and session.scalar(
        select(Autorisation).where(Autorisation.ref == ref, Autorisation.menage_id == menage.id)
    )
    if deja:
        return deja
    grille = remplissage.derniere_figee(session, menage.id)
    if grille is None:
        raise DomainError("autorisations.pas_de_grille")
    session.get_one(Menage, menage.id, with_for_update=True)
    presents = queries.presents(session, menage)
    if not menage.protege and any(not adulte.identite for adulte in presents):
        raise DomainError("autorisations.sans_identite")
    organisation_id, commission_id, nom, portee = _destinataire(session, clock, menage, typed)
    erreurs = _jours(queries.jour_de(clock, menage), typed)
    if typed.finalite not in FINALITES[typed.objet]:
        erreurs.append(DomainError("autorisations.finalite", "finalite"))
    modele = remplissage.modele(session, grille)
    mandataire = Signataire.MANDATAIRE in signataires(session, clock, menage).values()
    erreurs += _parties(modele, typed, mandataire=mandataire)
    if erreurs:
        raise DomainErrors(erreurs)
    assert typed.finalite is not None
    now = clock.now()
    demande = Autorisation(
        ref=ref or new_ref(),
        menage_id=menage.id,
        grille_id=grille.id,
        objet=typed.objet,
        organisation_id=organisation_id,
        commission_id=commission_id,
        destinataire=nom,
        finalite=typed.finalite.value,
        portee=portee,
        sections=[one.code for one in modele.sections if one.code in typed.sections],
        champs=sorted(typed.champs),
        du=typed.du,
        au=typed.au,
        mise_a_jour=typed.mise_a_jour,
        statut=StatutAutorisation.A_INFORMER,
        accords=[AccordAdulte(adulte_id=adulte.id) for adulte in presents],
        created_at=now,
        updated_at=now,
    )
    anciennes = queries.attendues_de(
        session, menage, organisation_id=organisation_id, commission_id=commission_id
    )
    session.add(demande)
    session.flush()
    record(
        session,
        clock,
        actor,
        "autorisations:autorisation:demander",
        demande,
        changes=_faits(demande),
        departement_code=menage.departement_code,
    )
    for ancienne in anciennes:
        fermer(session, clock, actor, ancienne, "remplacer", par=demande)
    return demande


def informer(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    ref: str,
    *,
    langue: str,
    lecture: Lecture | None,
    version: int,
) -> Autorisation:
    """Note that the notice was given to the household: its version, in which language, how.

    Raises Forbidden, NotVisible, StaleVersion, DomainError.
    """
    _droit(actor, vise)
    autorisation = tenir(session, vise.menage, ref)
    if autorisation.version != version:
        raise StaleVersion(autorisation)
    if langue not in langues(actuelle()):
        raise DomainError("autorisations.notice_inconnue", "langue")
    if lecture is None:
        raise DomainError("autorisations.lecture", "lecture")
    WORKFLOW.fire(autorisation, "informer", _permis(actor, vise))
    autorisation.notice, autorisation.notice_langue = actuelle(), langue
    autorisation.lecture = lecture
    autorisation.informe_le = autorisation.updated_at = clock.now()
    autorisation.informe_par = signe_par(actor)
    noter_contact(session, clock, actor, vise.menage)
    session.flush()
    _noter(session, clock, actor, autorisation, "informer", notice=autorisation.notice)
    return autorisation


def repondre(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    ref: str,
    adulte_ref: str,
    typed: SaisieReponse,
) -> AccordAdulte:
    """Take what one adult answers. The last agreement opens the authorisation; one refusal closes it.

    A second press of the same answer is no other act. Nothing of the household itself is written, whatever
    the answer: a refusal leaves no trace elsewhere. Raises Forbidden, NotVisible, StaleVersion (what would
    leave is not what was shown), DomainError.
    """
    _droit(actor, vise)
    autorisation = tenir(session, vise.menage, ref)
    presents = {adulte.ref: adulte for adulte in queries.presents(session, vise.menage)}
    adulte = presents.get(adulte_ref)
    accord = next((one for one in autorisation.accords if adulte and one.adulte_id == adulte.id), None)
    if adulte is None or accord is None:
        raise DomainError("autorisations.adulte_inconnu")
    if accord.decision is not None and accord.retire_le is None:
        if accord.decision is typed.decision:
            return accord
        raise DomainError("autorisations.deja_repondu")
    if typed.decision is DecisionAdulte.REFUSE:
        _refuser(session, clock, actor, vise, autorisation, accord, typed)
    else:
        _accorder(session, clock, actor, vise, autorisation, adulte, accord, typed)
        _ouvrir(session, clock, actor, vise, autorisation, {one.id for one in presents.values()})
    session.flush()
    return accord


def _refuser(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    autorisation: Autorisation,
    accord: AccordAdulte,
    typed: SaisieReponse,
) -> None:
    """Note a refusal. Nothing of the household moves but this request; no reason is asked."""
    if autorisation.statut not in ATTENDUES:
        raise DomainError("etat.transition_impossible", etat=autorisation.statut)
    accord.decision, accord.mode = DecisionAdulte.REFUSE, typed.mode
    accord.fichier_id = typed.fichier_id
    _dater(clock, actor, accord)
    session.flush()
    fermer(session, clock, actor, autorisation, "refuser", _permis(actor, vise))


def _accorder(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    autorisation: Autorisation,
    adulte: Adulte,
    accord: AccordAdulte,
    typed: SaisieReponse,
) -> None:
    if autorisation.statut is StatutAutorisation.A_INFORMER:
        raise DomainError("autorisations.pas_informe")
    if autorisation.statut is not StatutAutorisation.INFORME:
        raise DomainError("etat.transition_impossible", etat=autorisation.statut)
    if queries.jour_de(clock, vise.menage) > autorisation.au:
        raise DomainError("autorisations.finie")
    vu = apercu(session, autorisation).empreinte
    if typed.mode is Mode.ORAL:
        _verifier_oral(session, clock, vise.menage, autorisation, typed)
        accord.jour_seance = typed.jour_seance
    elif typed.empreinte != vu:
        raise StaleVersion(autorisation)
    qui = _prouver(session, clock, vise.menage, adulte, accord, typed)
    accord.signataire, accord.decision, accord.mode = qui, DecisionAdulte.ACCORDE, typed.mode
    accord.empreinte = vu
    _dater(clock, actor, accord)
    autorisation.updated_at = clock.now()
    session.flush()
    _noter(session, clock, actor, autorisation, "signer", mode=typed.mode.value, adulte=adulte.ref)


def _prouver(
    session: Session,
    clock: Clock,
    menage: Menage,
    adulte: Adulte,
    accord: AccordAdulte,
    typed: SaisieReponse,
) -> Signataire:
    """Keep the proof of an agreement; return who gave it: the adult, or whoever represents them."""
    identite = Identite.ouvrir(coffre(session), adulte.identite)
    qui = signataire(queries.jour_de(clock, menage), identite)
    if typed.mode is Mode.ECRAN:
        lue = Signature.lire(typed, protege=menage.protege)
        if qui is not Signataire.SOI and identite and not (lue.nom or identite.representant):
            raise DomainError("autorisations.nom_signataire", "nom")
        accord.signature = lue.fermer(coffre(session))
    if typed.mode is Mode.PAPIER:
        if menage.protege:
            raise DomainError("autorisations.papier_protege")
        if typed.fichier_id is None:
            raise DomainError("obligatoire", "fichier")
        accord.fichier_id = typed.fichier_id
    return qui


def _verifier_oral(
    session: Session, clock: Clock, menage: Menage, autorisation: Autorisation, typed: SaisieReponse
) -> None:
    """An oral agreement opens one session, which the household attends (domaine.md § 6.5, 5)."""
    if autorisation.objet is not ObjetAutorisation.PRESENTATION:
        raise DomainError("autorisations.oral_presentation")
    jour = queries.jour_de(clock, menage)
    connues = crochets.commissions(session, menage.departement_code, jour)
    if not any(one.id == autorisation.commission_id and one.menage_present for one in connues):
        raise DomainError("autorisations.oral_menage_absent")
    seance = typed.jour_seance
    if seance is None or not max(autorisation.du, jour) <= seance <= autorisation.au:
        raise DomainError("autorisations.oral_jour", "jour_seance")


def _ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    autorisation: Autorisation,
    presents: Collection[int],
) -> None:
    """Open an authorisation once every adult agreed; from its first day it stands for the one that the same
    recipient had."""
    donnes = {
        one.adulte_id
        for one in autorisation.accords
        if one.decision is DecisionAdulte.ACCORDE and one.retire_le is None
    }
    if set(presents) - donnes:
        return
    WORKFLOW.fire(autorisation, "accorder", _permis(actor, vise), presents=frozenset(presents))
    autorisation.ouverte_le = autorisation.updated_at = clock.now()
    session.flush()
    _noter(session, clock, actor, autorisation, "ouvrir")
    relayer(session, clock, actor, autorisation)


def _destinataire(
    session: Session, clock: Clock, menage: Menage, typed: SaisieDemande
) -> tuple[int | None, int | None, str, Portee]:
    """Return the organisation's key or the commission's, its name today, and the most that it reads."""
    if typed.objet is ObjetAutorisation.TRANSMISSION:
        organisation = queries.destinataire(session, menage, typed.destinataire)
        if organisation is None:
            raise DomainError("autorisations.destinataire", "destinataire")
        return organisation.id, None, organisation.nom, Portee.P1
    jour = queries.jour_de(clock, menage)
    for one in crochets.commissions(session, menage.departement_code, jour):
        if one.ref == typed.destinataire:
            return None, one.id, one.nom, one.portee
    raise DomainError("autorisations.destinataire", "destinataire")


def _jours(jour: date, typed: SaisieDemande) -> list[DomainError]:
    if typed.au < typed.du:
        return [DomainError("autorisations.jours", "au")]
    if typed.au < jour:
        return [DomainError("autorisations.passe", "au")]
    if typed.au > plus_mois(max(typed.du, jour), DUREE_MAX_MOIS):
        return [DomainError("autorisations.trop_long", "au", mois=DUREE_MAX_MOIS)]
    return []


def _parties(modele: contenu.Grille, typed: SaisieDemande, *, mandataire: bool) -> list[DomainError]:
    """Check the sections and the fields that were chosen. `mandataire`: one signs for an adult."""
    if not typed.sections:
        return [DomainError("autorisations.sections", "sections")]
    if set(typed.sections) - {one.code for one in modele.sections}:
        return [DomainError("autorisations.section_inconnue", "sections")]
    ouvrables = champs_ouvrables(modele)
    if set(typed.champs) - ouvrables.keys():
        return [DomainError("autorisations.section_inconnue", "champs")]
    if not mandataire and any(ouvrables[un].p1_si is P1Si.MANDATAIRE for un in typed.champs):
        return [DomainError("autorisations.mandataire", "champs")]
    return []


def _droit(actor: Actor, vise: Vise) -> None:
    if not can(actor, Permission.AUTORISATIONS_RECUEILLIR, vise):
        raise Forbidden(Permission.AUTORISATIONS_RECUEILLIR.value)


def _permis(actor: Actor, vise: Vise) -> partial[bool]:
    return partial(_peut, actor, vise)


def _peut(actor: Actor, vise: Vise, permission: Permission) -> bool:
    return can(actor, permission, vise)


def _dater(clock: Clock, actor: Actor, accord: AccordAdulte) -> None:
    accord.repondu_le, accord.recueilli_par = clock.now(), signe_par(actor)


def _faits(demande: Autorisation) -> dict[str, object]:
    """Return what the journal keeps of a request: its terms, nothing of the household."""
    return {
        "objet": demande.objet.value,
        "destinataire": demande.destinataire,
        "sections": demande.sections,
        "champs": demande.champs,
        "du": demande.du.isoformat(),
        "au": demande.au.isoformat(),
    }


def _noter(
    session: Session, clock: Clock, actor: Actor, autorisation: Autorisation, acte: str, **faits: str
) -> None:
    record(
        session,
        clock,
        actor,
        f"autorisations:autorisation:{acte}",
        autorisation,
        changes=faits,
        departement_code=autorisation.menage.departement_code,
    )
