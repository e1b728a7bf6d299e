"""Opening lines: a pair of the deployment plan, the renewal of a signed CTP."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions import crochets, parametres
from portal.conventions.chaine import JAMAIS, lignes_du_couple, rechainer
from portal.conventions.ecriture import (
    base_traduite,
    charger,
    est_ouverte,
    jour_de,
    journal_plat,
    valeurs,
)
from portal.conventions.enums import Mode, Statut
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.natures import natures_a_terme
from portal.conventions.policies import Couple
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Nature, Organisation, OrganisationDepartement
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.dates import EARLIEST, LATEST
from portal.shared.errors import DomainError, Forbidden
from portal.shared.text import searchable

PLACES_MAXIMUM = 100_000

TYPES_OPERATEUR = (
    TypeOrganisation.GESTIONNAIRE,
    TypeOrganisation.BAILLEUR,
    TypeOrganisation.COLLECTIVITE,
    TypeOrganisation.SANTE,
)
"""Who may run dispositifs, and so be the operator of a CTP (domaine.md § 0.4): gestionnaires first, and
the landlords (résidences sociales), CCAS and health bodies that run some themselves."""


def creer(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    operateur_ref: str,
    siao_ref: str,
    etat_ref: str | None = None,
    natures: Mapping[str, int | None] | None = None,
    date_cible: date | None = None,
    mode: Mode | None = None,
    notes: str = "",
    cle: str | None = None,
) -> Convention:
    """Open the line of a pair, in the state « à engager »; ten submissions of one form (`cle`) make one line.

    `natures`: places by code, None when not known. Without `etat_ref` the State is that of the SIAO's
    département, if it has one service only; the target date is the département's usual one.
    Raises Forbidden, DomainError.
    """
    operateur = operateur_de(_organisation(session, operateur_ref, "operateur"))
    siao = _organisation(session, siao_ref, "siao")
    if siao.type is not TypeOrganisation.SIAO:
        raise DomainError("conventions.siao_type", "siao")
    if not can(actor, Permission.CONVENTIONS_CREER, Couple(siao.departement_code, siao.id, operateur.id)):
        raise Forbidden(Permission.CONVENTIONS_CREER.value)
    deja = _deja_creee(session, actor, cle)
    if deja is not None:
        return deja
    ligne = nouvelle_ligne(
        clock,
        operateur=operateur,
        siao=siao,
        etat=etat_de(session, siao, etat_ref),
        date_cible=date_plausible(
            date_cible or value(session, parametres.DATE_CIBLE, siao.departement_code), "date_cible"
        ),
    )
    ligne.mode, ligne.notes, ligne.idempotence = mode, notes.strip(), cle or None
    ligne.natures = [ConventionNature(nature_code=c, places=n) for c, n in (natures or {}).items()]
    verifier_natures(session, natures or {})
    return _ouvrir(session, clock, actor, ligne, "convention:creer")


def renouveler(
    session: Session, clock: Clock, actor: Actor, ref: str, *, cle: str | None = None
) -> Convention:
    """Open the successor of a signed CTP, filled from it, to be signed before it ends (domaine.md § 5.4).

    Raises DomainError when the CTP is not signed or already has a successor, or when its operator or its SIAO
    is closed. When the State's service is, the one that took over signs.
    """
    mere = charger(session, actor, ref, Permission.CONVENTIONS_CREER)
    deja = _deja_creee(session, actor, cle)
    if deja is not None:
        return deja
    if mere.statut is not Statut.SIGNEE:
        raise DomainError("conventions.pas_signee")
    suivante = session.scalar(select(Convention).where(Convention.remplace_id == mere.id))
    if suivante is not None:
        raise DomainError("conventions.deja_renouvelee", about=suivante)
    if not est_ouverte(mere.operateur):
        raise DomainError("conventions.operateur_ferme", "operateur", nom=mere.operateur.nom)
    if not est_ouverte(mere.siao):
        raise DomainError("conventions.partie_fermee", nom=mere.siao.nom)
    assert mere.fin_effective is not None
    fille = nouvelle_ligne(
        clock,
        operateur=mere.operateur,
        siao=mere.siao,
        etat=mere.etat if est_ouverte(mere.etat) else etat_de(session, mere.siao),
        date_cible=mere.fin_effective,
    )
    fille.statut, fille.ouverte_le = Statut.PROJET, jour_de(session, clock, mere)
    fille.mode, fille.responsable_id = mere.mode, mere.responsable_id
    if mere.responsable_fonction is not None and mere.responsable_fonction.ferme_le is None:
        fille.responsable_fonction = mere.responsable_fonction
    fille.natures = [
        ConventionNature(nature_code=n.nature_code, places=n.places) for n in natures_a_terme(mere)
    ]
    fille.idempotence = cle or None
    ouverte = _ouvrir(session, clock, actor, fille, "convention:renouveler", renouvelle=mere.ref)
    if ouverte is fille:
        crochets.suivre(session, clock, actor, fille, crochets.RENOUVELEE)
    return ouverte


def _ouvrir(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, action: str, **faits: Any
) -> Convention:
    """Add an open line at the end of its pair's chain, unless the pair may not have one now."""
    renouvelle = "renouvelle" in faits
    try:
        with base_traduite(session):
            autres = lignes_du_couple(session, ligne.operateur.id, ligne.siao.id)
            _verifier_place_libre(autres, jour_de(session, clock, ligne), renouvelle=renouvelle)
            session.add(ligne)
            session.flush()
            rechainer(session, [*autres, ligne])
            travaille_dans(session, ligne.operateur, ligne.departement_code)
    except DomainError:
        deja = _deja_creee(session, actor, ligne.idempotence)  # another submission of the same form won
        if deja is None:
            raise
        return deja
    record(
        session, clock, actor, f"conventions:{action}", ligne, changes=valeurs(ligne) | journal_plat(faits)
    )
    return ligne


def _verifier_place_libre(autres: list[Convention], jour: date, *, renouvelle: bool) -> None:
    for autre in autres:
        if autre.statut is not Statut.SIGNEE:
            raise DomainError("conventions.ligne_ouverte", "siao", about=autre)
        assert autre.fin_effective is not None
        if not renouvelle and autre.fin_effective >= jour:
            raise DomainError("conventions.couple_en_vigueur", "siao", about=autre, fin=autre.fin_effective)


def nouvelle_ligne(
    clock: Clock, *, operateur: Organisation, siao: Organisation, etat: Organisation, date_cible: date
) -> Convention:
    """Return the line of a pair, to be started, not yet in the session."""
    now = clock.now()
    return Convention(
        departement_code=siao.departement_code,
        operateur=operateur,
        siao=siao,
        etat=etat,
        statut=Statut.A_ENGAGER,
        statut_depuis=now,
        date_cible=date_cible,
        fin_tri=JAMAIS,
        created_at=now,
        updated_at=now,
        operateur_tri=operateur.tri,
        texte_recherche=texte_recherche(operateur, siao),
    )


def texte_recherche(operateur: Organisation, siao: Organisation) -> str:
    """Return what a line is found by: the names, acronyms and number of its operator and SIAO."""
    return searchable(operateur.nom, operateur.sigle, operateur.siren, siao.nom, siao.sigle)[:800]


def operateur_de(organisation: Organisation) -> Organisation:
    """Return the organisation when it may be the operator of a CTP; raises DomainError."""
    if organisation.type not in TYPES_OPERATEUR:
        raise DomainError("conventions.operateur_type", "operateur")
    if not est_ouverte(organisation):
        raise DomainError("conventions.operateur_ferme", "operateur", nom=organisation.nom)
    return organisation


def etat_de(session: Session, siao: Organisation, ref: str | None = None) -> Organisation:
    """Return the State's service that signs with this SIAO: the one named, else that of its département.

    A service of another département that works in this one (DRIHL) signs too: when it is named, or alone.
    Raises DomainError without a single one.
    """
    services = services_de(session, siao.departement_code)
    if ref:
        services = [service for service in services if service.ref == ref]
        if not services:
            raise DomainError("conventions.etat_type", "etat")
    else:
        services = [s for s in services if s.departement_code == siao.departement_code] or services
    if not services:
        raise DomainError("conventions.etat_absent", "etat", departement=siao.departement_code)
    if len(services) > 1:
        raise DomainError("conventions.etat_multiple", "etat")
    return services[0]


def services_de(session: Session, departement_code: str) -> list[Organisation]:
    """Return the State's services that may sign in a département, those of a neighbouring one included."""
    venue = exists().where(
        OrganisationDepartement.organisation_id == Organisation.id,
        OrganisationDepartement.departement_code == departement_code,
    )
    services = select(Organisation).where(
        Organisation.type == TypeOrganisation.ETAT,
        or_(Organisation.departement_code == departement_code, venue),
        Organisation.fermee_le.is_(None),
    )
    return list(session.scalars(services.order_by(Organisation.tri, Organisation.id)))


def verifier_natures(session: Session, natures: Mapping[str, int | None]) -> None:
    """Raise DomainError for a nature that does not exist or an impossible number of places."""
    connues = set(session.scalars(select(Nature.code).where(Nature.code.in_(list(natures)))))
    for code, places in natures.items():
        if code not in connues:
            raise DomainError("conventions.nature_inconnue", "natures", nature=code)
        if places is not None and not 0 <= places <= PLACES_MAXIMUM:
            raise DomainError("conventions.places", "natures")


def date_plausible(jour: date, champ: str) -> date:
    """Return the date when it lies within 1990–2100; raises DomainError."""
    if not EARLIEST <= jour <= LATEST:
        raise DomainError("date_absurde", champ)
    return jour


def travaille_dans(session: Session, organisation: Organisation, departement_code: str) -> None:
    """Note that an operator works in the département of a SIAO it has a line with."""
    if all(lien.departement_code != departement_code for lien in organisation.departements):
        organisation.departements.append(OrganisationDepartement(departement_code=departement_code))
        session.flush()


def _organisation(session: Session, ref: str, champ: str) -> Organisation:
    organisation = session.scalar(select(Organisation).where(Organisation.ref == ref))
    if organisation is None:
        raise DomainError("introuvable", champ)
    return organisation


def _deja_creee(session: Session, actor: Actor, cle: str | None) -> Convention | None:
    """Return the line that the same form has already made, when the actor may see it."""
    ligne = session.scalar(select(Convention).where(Convention.idempotence == cle)) if cle else None
    return ligne if ligne is not None and can(actor, Permission.CONVENTIONS_LIRE, ligne) else None
