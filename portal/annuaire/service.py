"""Opening, changing, verifying and closing entries of the directory. Services flush, never commit."""

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.annuaire.indexation import aujourdhui, indexer
from portal.annuaire.models import FonctionLocale, Referent, ReferentNature, ReferentTerritoire, Titulaire
from portal.annuaire.nomenclatures import Fonction, fonctions
from portal.annuaire.saisie import Jours, SaisieReferent, SaisieTitulaire, referent_values, titulaire_values
from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.comptes.models import Personne
from portal.organisations.models import Organisation, Structure
from portal.organisations.natures import Libelle
from portal.organisations.referentiel import Lieu
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.shared.text import sort_key

Fermeture = Callable[[Session, Clock, Actor, Referent], None]
_FERMETURES: list[Fermeture] = []


def fonctions_de(session: Session, *departements: str) -> dict[str, Fonction]:
    """Return the functions of départements by code: those of everywhere, then their own. One statement."""
    rows = session.scalars(
        select(FonctionLocale)
        .where(FonctionLocale.departement_code.in_(departements))
        .order_by(FonctionLocale.departement_code, FonctionLocale.tri, FonctionLocale.code)
    )
    return fonctions() | {row.code: fonction_locale(row.code, row.libelle, row.unicite) for row in rows}


def fonction_locale(code: str, libelle: str, unicite: bool) -> Fonction:
    """Return a function that a département added, as those of everywhere are read."""
    label = Libelle(libelle, libelle)
    return Fonction(code, label, label, unicite)


def ajouter_fonction(
    session: Session,
    clock: Clock,
    actor: Actor,
    departement_code: str,
    libelle: str,
    *,
    unicite: bool = False,
) -> FonctionLocale:
    """Add a function to the list of a département. Raises Forbidden, DomainError."""
    require(actor, Permission.ANNUAIRE_FONCTIONS, departement_code)
    cleaned = " ".join(libelle.split())
    if not cleaned:
        raise DomainError("obligatoire", "libelle")
    if len(cleaned) > 80:
        raise DomainError("annuaire.trop_long", "libelle", maximum=80)
    tri = sort_key(cleaned)
    known = {sort_key(one.libelle.fr) for one in fonctions_de(session, departement_code).values()}
    if tri in known:
        raise DomainError("annuaire.fonction_libelle_existe", "libelle")
    now = clock.now()
    row = FonctionLocale(
        departement_code=departement_code,
        libelle=cleaned,
        unicite=unicite,
        tri=tri,
        created_at=now,
        updated_at=now,
        code=_code(departement_code, tri),
    )
    session.add(row)
    session.flush()
    record(session, clock, actor, "annuaire:fonction:ajouter", row, changes={"libelle": [None, cleaned]})
    return row


def _code(departement_code: str, tri: str) -> str:
    """Return the code of a function: the beginning of its name, and what tells it from those alike."""
    return f"{departement_code}_{tri[:26].replace(' ', '_')}_{sha256(tri.encode()).hexdigest()[:8]}"


TITULAIRE = "titulaire_"
VERIFIER = "annuaire:referent:verifier"


class Place:
    """What the policy reads of an entry that does not exist yet."""

    def __init__(self, organisation_id: int, departement_code: str) -> None:
        self.organisation_id = organisation_id
        self.departement_code = departement_code


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    organisation: Organisation,
    typed: SaisieReferent,
    titulaire: SaisieTitulaire | None = None,
    *,
    key: str = "",
) -> Referent:
    """Open a function of an organisation, held by someone or empty (`titulaire` None).

    Writing it verifies it. What is refused of the holder has its field begin with `TITULAIRE`. `key`: the
    form's idempotency key. Raises Forbidden, DomainErrors, DomainError.
    """
    require(actor, Permission.ANNUAIRE_MODIFIER, Place(organisation.id, typed.departement_code))
    ref = keyed_ref(key, Referent.__tablename__, actor.adhesion_id, organisation.id)
    again = session.scalar(select(Referent).where(Referent.ref == ref)) if ref else None
    if again is not None:
        return again
    if organisation.fermee_le is not None:
        raise DomainError("annuaire.organisation_fermee")
    now = clock.now()
    referent = Referent(created_at=now, updated_at=now, tri="", texte_recherche="", poids_recherche="")
    referent.organisation = organisation
    if ref:
        referent.ref = ref
    values = _write(session, referent, typed)
    session.add(referent)
    session.flush()
    facts = {name: [None, plain(value)] for name, value in values.items() if value not in (None, "", [])}
    if titulaire is not None:
        try:
            facts["titulaire"] = [None, nommer(session, clock, referent, titulaire).nom_complet]
        except DomainErrors as refused:
            raise DomainErrors(
                [DomainError(one.code, f"{TITULAIRE}{one.field}", **one.params) for one in refused.errors]
            ) from refused
    verifiee(clock, actor, referent)
    indexer(session, clock, referent)
    session.flush()
    record(session, clock, actor, "annuaire:referent:ouvrir", referent, changes=facts)
    return referent


def modifier(
    session: Session, clock: Clock, actor: Actor, referent: Referent, typed: SaisieReferent, *, version: int
) -> Referent:
    """Change a function, which verifies it. Raises Forbidden, StaleVersion, DomainErrors, DomainError."""
    referent = tenir(session, actor, referent, version)
    if typed.departement_code != referent.departement_code:
        place = Place(referent.organisation_id, typed.departement_code)
        require(actor, Permission.ANNUAIRE_MODIFIER, place)
    before = _state(referent)
    _write(session, referent, typed)
    changes = changed(before, _state(referent))
    confirmer(session, clock, actor, referent, "annuaire:referent:modifier", changes)
    return referent


def verifier(session: Session, clock: Clock, actor: Actor, referent: Referent, *, version: int) -> Referent:
    """Say that an entry is right today. Raises Forbidden, StaleVersion, DomainError."""
    referent = tenir(session, actor, referent, version)
    confirmer(session, clock, actor, referent, VERIFIER, {})
    return referent


def fermer(
    session: Session, clock: Clock, actor: Actor, referent: Referent, on: date, *, version: int
) -> None:
    """Close a function on a past day or today: it leaves the directory, its history stays.

    Raises Forbidden, StaleVersion, DomainError.
    """
    referent = tenir(session, actor, referent, version)
    if on > aujourdhui(session, clock, referent.departement_code):
        raise DomainError("annuaire.fermeture_future", "ferme_le")
    clore(session, clock, actor, referent, on)


def on_fermeture(follow: Fermeture) -> Fermeture:
    """Declare what follows the closing of a function (a decorator)."""
    _FERMETURES.append(follow)
    return follow


def clore(session: Session, clock: Clock, actor: Actor, referent: Referent, on: date) -> None:
    """Close a function whose structure or organisation closes, without asking who may.

    Nobody holds it any more: who holds it leaves it that day, who was to come later never does. What others
    declared by `on_fermeture` follows.
    """
    before = tenues(referent)
    for row in list(referent.titulaires):
        if row.du > on:
            session.delete(row)
            referent.titulaires.remove(row)
        elif row.au is None or row.au > on:
            finir(session, row, on)
    referent.ferme_le = on
    indexer(session, clock, referent)
    toucher(clock, referent)
    session.flush()
    changes = {"ferme_le": [None, on.isoformat()]} | changed({"tenue": before}, {"tenue": tenues(referent)})
    record(session, clock, actor, "annuaire:referent:fermer", referent, changes=changes)
    for follow in _FERMETURES:
        follow(session, clock, actor, referent)


def nommer(session: Session, clock: Clock, referent: Referent, typed: SaisieTitulaire) -> Titulaire:
    """Write someone who holds a function; the caller checks rights and periods, and writes the journal."""
    values = titulaire_values(typed, joignable=bool(referent.telephone or referent.email))
    row = Titulaire(role=typed.role, created_at=clock.now(), **values)
    row.personne_id = compte_de(session, row.email)
    referent.titulaires.append(row)
    session.flush()
    return row


def finir(session: Session, titulaire: Titulaire, au: date) -> None:
    """End a period on a day that it holds; the absences that were to follow go with it."""
    titulaire.au = au
    for one in list(titulaire.absences):
        if one.du > au:
            titulaire.absences.remove(one)
        elif one.au is None or one.au > au:
            one.au = au
    session.flush()


def tenues(referent: Referent) -> list[str]:
    """Return who holds or held a function and when, as the journal says it."""
    return sorted(
        f"{row.role.value} : {row.nom_complet}, {jours(Jours(row.du, row.au))}" for row in referent.titulaires
    )


def jours(periode: Jours) -> str:
    """Return a period as the journal says it."""
    return f"{periode.du.isoformat()} – {periode.au.isoformat() if periode.au else ''}".strip()


def compte_de(session: Session, email: str) -> int | None:
    """Return the account that carries an address, None without one."""
    return session.scalar(select(Personne.id).where(Personne.email == email)) if email else None


def tenir(session: Session, actor: Actor, referent: Referent, version: int) -> Referent:
    """Return an open entry as it now is, held until the end of the transaction.

    Raises Forbidden, StaleVersion, DomainError.
    """
    require(actor, Permission.ANNUAIRE_MODIFIER, referent)
    current = session.get(Referent, referent.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    if current.ferme_le is not None:
        raise DomainError("annuaire.fermee")
    return current


def confirmer(
    session: Session, clock: Clock, actor: Actor, referent: Referent, action: str, changes: dict[str, Any]
) -> None:
    """End an act on an entry: it is verified, searchable as it now is, and the journal says what changed.

    Saved as it was, it is verified all the same: the journal says that.
    """
    before = plain(referent.verifie_le)
    verifiee(clock, actor, referent)
    if not changes and before != plain(referent.verifie_le):
        action, changes = VERIFIER, {"verifie_le": [before, plain(referent.verifie_le)]}
    indexer(session, clock, referent)
    toucher(clock, referent)
    session.flush()
    if changes:
        record(session, clock, actor, action, referent, changes=changes)


def toucher(clock: Clock, referent: Referent) -> None:
    """Date the change and give the entry a new version, even when its own columns are as they were."""
    referent.updated_at = clock.now()
    flag_modified(referent, "updated_at")


def verifiee(clock: Clock, actor: Actor, referent: Referent) -> None:
    """Note that the actor verified an entry today."""
    referent.verifie_le = clock.today(actor.fuseau)
    referent.verifie_par = f"{actor.nom} ({actor.organisation_nom})"[:160]


def _write(session: Session, referent: Referent, typed: SaisieReferent) -> dict[str, Any]:
    """Write what was typed, once its rules are checked; return the columns."""
    fonction = fonctions_de(session, typed.departement_code).get(typed.fonction_code)
    if fonction is None:
        raise DomainError("annuaire.fonction_inconnue", "fonction_code")
    if not fonction.convient(referent.organisation.type):
        raise DomainError("annuaire.fonction_type", "fonction_code")
    works_in = {row.departement_code for row in referent.organisation.departements}
    if typed.departement_code not in works_in:
        raise DomainError("annuaire.departement", "departement_code")
    structure = session.get(Structure, typed.structure_id) if typed.structure_id is not None else None
    if typed.structure_id is not None and not _open_here(structure, referent, typed):
        raise DomainError("annuaire.structure", "structure")
    values = referent_values(session, typed)
    _check_unique(session, referent, typed, fonction)
    for name, value in values.items():
        setattr(referent, name, value)
    referent.structure = structure
    referent.unicite = fonction.unique
    _set_territoires(referent, typed.territoires)
    _set_natures(referent, typed.natures)
    return values


def _open_here(structure: Structure | None, referent: Referent, typed: SaisieReferent) -> bool:
    return (
        structure is not None
        and structure.organisation_id == referent.organisation.id
        and structure.departement_code == typed.departement_code
        and (structure.fermee_le is None or structure.id == referent.structure_id)
    )


def _check_unique(session: Session, referent: Referent, typed: SaisieReferent, fonction: Fonction) -> None:
    """Say before the database does that a function held by one is already in the directory."""
    if not fonction.unique:
        return
    with session.no_autoflush:
        same = select(Referent.id).where(
            Referent.organisation_id == referent.organisation.id,
            Referent.departement_code == typed.departement_code,
            Referent.fonction_code == typed.fonction_code,
            Referent.structure_id == typed.structure_id
            if typed.structure_id is not None
            else Referent.structure_id.is_(None),
            Referent.ferme_le.is_(None),
            Referent.id != (referent.id or 0),
        )
        if session.scalar(same.limit(1)) is not None:
            raise DomainError("annuaire.fonction_existe", "fonction_code")


def _set_territoires(referent: Referent, lieux: Iterable[Lieu]) -> None:
    wanted = {(lieu.maille, lieu.code) for lieu in lieux}
    present = {(row.maille, row.code): row for row in referent.territoires}
    for key in set(present) - wanted:
        referent.territoires.remove(present[key])
    for maille, code in sorted(wanted - set(present), key=str):
        referent.territoires.append(ReferentTerritoire(maille=maille, code=code))


def _set_natures(referent: Referent, codes: Iterable[str]) -> None:
    present = {row.nature_code: row for row in referent.natures}
    for code in set(present) - set(codes):
        referent.natures.remove(present[code])
    for code in sorted(set(codes) - set(present)):
        referent.natures.append(ReferentNature(nature_code=code))


_FIELDS = (
    "fonction_code",
    "departement_code",
    "mention",
    "preference",
    "horaires",
    "telephone",
    "email",
    "publics",
)


def _state(referent: Referent) -> dict[str, Any]:
    return snapshot(referent, _FIELDS) | {
        "structure": referent.structure.nom if referent.structure else None,
        "territoires": sorted(str(Lieu(row.maille, row.code)) for row in referent.territoires),
        "natures": sorted(row.nature_code for row in referent.natures),
    }
