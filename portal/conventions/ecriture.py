"""What every act on a line shares: finding it, its version, its journal entry, the database's refusals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.conventions.enums import Statut
from portal.conventions.models import Convention, ConventionDocument
from portal.conventions.natures import natures_a_terme
from portal.documents.models import Fichier
from portal.organisations.models import Departement, Organisation
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion

SUIVIS = (
    "statut",
    "mode",
    "dialogue_gestion_le",
    "ouverte_le",
    "date_cible",
    "date_signature",
    "date_effet",
    "date_fin",
    "fin_effective",
    "tacite_reconduction",
    "resiliation_notifiee_le",
    "mise_en_demeure_le",
    "resiliation_effet",
    "resiliee_par",
    "motif",
    "etat_id",
    "responsable_id",
    "responsable_fonction_id",
    "notes",
    "si_siao_copiee_le",
    "reprise",
)
"""Fields whose changes the journal keeps."""


def valeurs(ligne: Convention) -> dict[str, Any]:
    """Return the present values of a line, as the journal and the comparison of two versions show them."""
    return snapshot(ligne, SUIVIS) | {
        "natures": {nature.nature_code: nature.places for nature in natures_a_terme(ligne)},
        "signatures": {s.partie.value: plain(s.signee_le) for s in ligne.signatures},
    }


_SEULE = (
    select(Convention)
    .where(Convention.ref == bindparam("ref"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def charger(
    session: Session, actor: Actor, ref: str, permission: Permission, version: int | None = None
) -> Convention:
    """Return the line to change, locked on PostgreSQL until the end of the transaction.

    Raises NotVisible, Forbidden, or StaleVersion (whose `current` holds `valeurs` and `version`) when the
    form was opened on another version than `version`; None skips that check (acts on many lines).
    """
    ligne = session.scalar(_SEULE, {"ref": ref})
    if ligne is None or not can(actor, Permission.CONVENTIONS_LIRE, ligne):
        raise NotVisible(ref)
    if not can(actor, permission, ligne):
        raise Forbidden(permission.value)
    if version is not None and ligne.version != version:
        raise StaleVersion(valeurs(ligne) | {"version": ligne.version})
    return ligne


def joindre(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, fichier_id: int, libelle: str
) -> ConventionDocument:
    """Add a file just stored by the actor's organisation to the documents of a line; its name by default.

    Raises NotVisible, DomainError.
    """
    fichier = session.get(Fichier, fichier_id)
    if fichier is None or fichier.organisation_id != actor.organisation_id:
        raise NotVisible(str(fichier_id))
    if any(document.fichier_id == fichier_id for document in ligne.documents):
        raise DomainError("conventions.document_deja", "fichier")
    document = ConventionDocument(
        fichier_id=fichier_id,
        libelle=texte(libelle, "libelle", 160) or fichier.nom,
        ajoute_le=clock.now(),
        ajoute_par=auteur(actor),
    )
    ligne.documents.append(document)
    return document


@contextmanager
def acte(
    session: Session, clock: Clock, actor: Actor | None, action: str, ligne: Convention
) -> Iterator[dict[str, Any]]:
    """Run an act on a line all or nothing, then bump its version and write the journal.

    What the act puts in the dictionary it receives is added to the journal entry as facts. A CTP of the same
    pair whose last day it moves has its own entry. A refusal of the
    database (overlap, second open line, parallel change) becomes the error that the rule would have raised.
    """
    avant, autour = valeurs(ligne), _derniers_jours(session, ligne)
    faits: dict[str, Any] = {}
    with base_traduite(session):
        yield faits
        ligne.updated_at = clock.now()
        flag_modified(ligne, "updated_at")
        session.flush()
    record(
        session,
        clock,
        actor,
        f"conventions:{action}",
        ligne,
        changes=changed(avant, valeurs(ligne)) | journal_plat(faits),
    )
    for autre, fin in autour:
        if autre.fin_effective != fin:
            changes = {"fin_effective": [plain(fin), plain(autre.fin_effective)], "par": ligne.ref}
            record(session, clock, actor, "conventions:convention:recouper", autre, changes=changes)


def _derniers_jours(session: Session, ligne: Convention) -> list[tuple[Convention, date | None]]:
    """Return the other signed lines of a pair with their last day: signing, moving or ending one moves it."""
    autres = session.scalars(
        select(Convention)
        .where(
            Convention.operateur_id == ligne.operateur_id,
            Convention.siao_id == ligne.siao_id,
            Convention.statut == Statut.SIGNEE,
            Convention.id != ligne.id,
        )
        .order_by(Convention.id)
    )
    return [(autre, autre.fin_effective) for autre in autres]


def journal_plat(faits: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts in a form that the journal can keep."""
    return {cle: plain(valeur) for cle, valeur in faits.items()}


@contextmanager
def base_traduite(session: Session) -> Iterator[None]:
    """Undo the block when the database refuses it, and say why in the domain's words."""
    try:
        with session.begin_nested():
            yield
    except StaleDataError:
        raise StaleVersion(None) from None
    except DBAPIError as error:
        raise _refus(error) from error


_REFUS = {
    "ex_convention_vigueur": "conventions.chevauchement_simultane",
    "uq_convention_ouverte": "conventions.ligne_ouverte",
    "convention.operateur_id, convention.siao_id": "conventions.ligne_ouverte",  # its name on SQLite
    "remplace_id": "conventions.deja_renouvelee",
    "convention_document": "conventions.document_deja",
    "idempotence": "conventions.ligne_ouverte",
}


def _refus(error: DBAPIError) -> Exception:
    texte = str(error.orig)
    for marque, code in _REFUS.items():
        if marque in texte:
            return DomainError(code)
    return error


def texte(valeur: str, champ: str, maximum: int, *, obligatoire: str | None = None) -> str:
    """Return a text without spaces around it; `obligatoire` is the code of the error when it is empty."""
    valeur = valeur.strip()
    if obligatoire and not valeur:
        raise DomainError(obligatoire, champ)
    if len(valeur) > maximum:
        raise DomainError("conventions.texte_long", champ, maximum=maximum)
    return valeur


def auteur(actor: Actor | None) -> str:
    """Return how a line remembers who acted."""
    return f"{actor.nom} ({actor.organisation_nom})"[:160] if actor else "Portail"


def est_ouverte(organisation: Organisation) -> bool:
    """Tell whether an organisation is neither closed nor merged."""
    return organisation.fermee_le is None and organisation.fusionnee_dans_id is None


def partie_fermee(ligne: Convention) -> Organisation | None:
    """Return a party of the line that is closed or merged, None when the three are there.

    Such a line stays as it was: nothing gives it a day of validity after its party's last one.
    """
    parties = (ligne.operateur, ligne.siao, ligne.etat)
    return next((partie for partie in parties if not est_ouverte(partie)), None)


def jour_de(session: Session, clock: Clock, ligne: Convention) -> date:
    """Return today in the zone of the line's département."""
    fuseau = session.scalar(select(Departement.fuseau).where(Departement.code == ligne.departement_code))
    return clock.today(fuseau) if fuseau else clock.today()
