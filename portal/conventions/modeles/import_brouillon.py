"""Importing a Word model: read once, reread and corrected by several, each correction undone if need be.

What is being reread is one row per département and model; `import_accord` makes a version of it.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer, selectinload
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.modeles import queries
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import StatutImport
from portal.conventions.modeles.import_word import importer
from portal.conventions.modeles.models import (
    ModeleImport,
    ModeleImportEtape,
    ModeleVersion,
)
from portal.conventions.modeles.policies import departements_lus
from portal.conventions.modeles.relecture import (
    Origine,
    Preuve,
    Relecture,
    difference,
    marque,
    prouver,
    revenir,
)
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.documents.word.lecture import Avertissement, DocumentLu, lire
from portal.documents.word.memoire import from_plain, to_plain
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from portal.shared.memory import Memory
from portal.shared.messages import N_, register

TAILLE_MAXIMUM = 15 * 1024 * 1024  # bytes; a model of a hundred pages has less than one million
LIBELLE_MAXIMUM = 200

register(
    {
        "modeles.import_deja": N_(
            "Un import de ce modèle est déjà en cours : reprenez-le, ou abandonnez-le d’abord."
        ),
        "modeles.import_libelle": N_(
            "Nommez cette version, par exemple « Modèle national de novembre 2026 »."
        ),
        "modeles.import_propose": N_(
            "Ce modèle est proposé aux parties : rouvrez la relecture avant de le corriger."
        ),
        "modeles.import_rien_a_annuler": N_("Il n’y a aucune correction à annuler."),
    }
)


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction to make. `detail`: what the history and the journal tell of it."""

    acte: str
    clause: str
    detail: dict[str, Any]
    appliquer: Callable[[Relecture], Relecture]


@dataclass(frozen=True, slots=True)
class Dossier:
    """An import with all that its pages show."""

    entete: ModeleImport
    lu: DocumentLu
    relecture: Relecture
    preuve: Preuve
    remarques: tuple[Avertissement, ...]


_dossiers: Memory[tuple[DocumentLu, Relecture, Preuve, tuple[Avertissement, ...]]] = Memory(6)


# -- Reading --------------------------------------------------------------------------------------------


def en_cours(session: Session, actor: Actor, departement_code: str) -> Sequence[AnyRow]:
    """Return the imports in progress of a département, without their texts. Raises NotVisible."""
    if not can(actor, Permission.MODELES_MODIFIER) or departement_code not in departements_lus(actor):
        raise NotVisible(departement_code)
    return fetch(
        session,
        select(
            ModeleImport.ref,
            ModeleImport.gabarit,
            ModeleImport.libelle,
            ModeleImport.statut,
            ModeleImport.depose_par,
            ModeleImport.updated_at,
        )
        .where(ModeleImport.departement_code == departement_code)
        .order_by(ModeleImport.gabarit),
    )


def ouvrir(session: Session, actor: Actor, ref: str) -> Dossier:
    """Return an import with its texts. Raises NotVisible."""
    entete = session.scalar(
        select(ModeleImport)
        .where(ModeleImport.ref == ref)
        .options(
            defer(ModeleImport.lu),
            defer(ModeleImport.contenu),
            selectinload(ModeleImport.etapes).defer(ModeleImportEtape.avant),
            selectinload(ModeleImport.accords),
            selectinload(ModeleImport.fichier),
        )
    )
    if entete is None or not can(actor, Permission.MODELES_MODIFIER, entete):
        raise NotVisible(ref)
    textes = _dossiers.get((ref, entete.version), lambda: _textes(entete))
    return Dossier(entete, *textes)


def publie(session: Session, actor: Actor, ref: str) -> AnyRow | None:
    """Return the version that an import became, None when it did not: `departement_code`, `gabarit`."""
    rows = fetch(
        session,
        select(ModeleVersion.departement_code, ModeleVersion.gabarit, ModeleVersion.libelle).where(
            ModeleVersion.ref == ref, ModeleVersion.departement_code.in_(departements_lus(actor))
        ),
    )
    return rows[0] if rows else None


def accords(session: Session, entete: ModeleImport) -> list[queries.Attendu]:
    """Return the parties of the département: those that agreed to the import, and those awaited."""
    return queries.pointer(queries.attendus(session, entete.departement_code), entete.accords)


# -- Importing and correcting -------------------------------------------------------------------------------


def deposer(
    session: Session,
    clock: Clock,
    actor: Actor,
    storage: Storage,
    flux: IO[bytes],
    nom: str,
    *,
    departement_code: str,
    gabarit: Gabarit,
    libelle: str,
    cle: str | None,
) -> ModeleImport:
    """Read a Word file and keep what was understood of it, to be reread. Nothing is published.

    `cle`: of the form; sent again it gives the same import. Raises Forbidden, NotVisible, DomainError
    (`word.*` and `fichier.*` on the field `fichier`).
    """
    if not can(actor, Permission.MODELES_MODIFIER):
        raise Forbidden(Permission.MODELES_MODIFIER.value)
    if departement_code not in departements_lus(actor):
        raise NotVisible(departement_code)
    deja = _deja(session, departement_code, gabarit)
    if deja is not None:
        if cle and deja.idempotence == cle:
            return deja
        raise DomainError("modeles.import_deja", "gabarit")
    propre = _libelle(libelle)
    contenu, lu = _lire(flux)
    compris = importer(lu, gabarit, propre)
    fichier = _garder(session, clock, actor, storage, contenu, nom)
    row = ModeleImport(
        departement_code=departement_code,
        gabarit=gabarit,
        libelle=propre,
        statut=StatutImport.RELECTURE,
        organisation_id=actor.organisation_id,
        depose_par=auteur(actor),
        fichier_id=fichier.id,
        lu=to_plain(lu) | {"remarques": [[a.code, a.params] for a in compris.avertissements]},
        contenu=compris.modele.to_json(),
        origine=Origine().to_json(),
        idempotence=cle or None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        deja = _deja(session, departement_code, gabarit)
        if deja is not None and cle and deja.idempotence == cle:
            return deja  # another sending of the same form won
        raise DomainError("modeles.import_deja", "gabarit") from None
    record(
        session,
        clock,
        actor,
        "modeles:import:deposer",
        row,
        changes={
            "gabarit": gabarit.value,
            "libelle": propre,
            "fichier": fichier.nom,
            "sha256": fichier.sha256,
            "clauses": sum(1 for _clause in compris.modele.clauses()),
        },
    )
    return row


def _deja(session: Session, departement_code: str, gabarit: Gabarit) -> ModeleImport | None:
    return session.scalar(
        select(ModeleImport)
        .where(ModeleImport.departement_code == departement_code, ModeleImport.gabarit == gabarit)
        .options(defer(ModeleImport.lu), defer(ModeleImport.contenu))
    )


def _garder(
    session: Session, clock: Clock, actor: Actor, storage: Storage, contenu: bytes, nom: str
) -> Fichier:
    try:
        return storage.store(
            session,
            clock,
            io.BytesIO(contenu),
            nom,
            frozenset({TypeFichier.DOCX}),
            actor=actor,
            max_bytes=TAILLE_MAXIMUM,
        )
    except DomainError as error:
        raise DomainError(error.code, "fichier", **error.params) from None


def corriger(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    correction: Correction,
    *,
    version: int,
    cle: str | None = None,
) -> ModeleImport:
    """Make a correction. `cle`: of the form; sent again it changes nothing more.

    `version`: what `marque` says of the clause to correct, or the version of the import when the correction
    is of the whole. Raises NotVisible, StaleVersion (`current`: the import as it stands), DomainError.
    """
    row = verrouiller(session, actor, ref)
    if cle and any(etape.cle == cle for etape in row.etapes):
        return row
    if row.statut is not StatutImport.RELECTURE:
        raise DomainError("modeles.import_propose")
    avant = _relecture(row)
    if not correction.clause:
        exiger_version(row, version)
    elif marque(avant, correction.clause) != version:
        raise StaleVersion(_etat(row, correction.clause))
    apres = correction.appliquer(avant)
    if apres == avant:
        return row
    row.etapes.append(
        ModeleImportEtape(
            rang=row.etapes[-1].rang + 1 if row.etapes else 1,
            acte=correction.acte,
            clause_code=correction.clause,
            detail=dict(correction.detail),
            avant=difference(avant, apres),
            cle=cle or "",
            le=clock.now(),
            par=auteur(actor),
        )
    )
    _ecrire(session, clock, row, apres)
    changes = {"acte": correction.acte, "clause": correction.clause, **correction.detail}
    record(session, clock, actor, "modeles:import:corriger", row, changes=changes)
    return row


def relire_tout(dossier: Dossier) -> Correction:
    """Return the correction that goes back to what was read in the document; it can be undone too."""
    lu, entete = dossier.lu, dossier.entete
    return Correction(
        "relire", "", {}, lambda _relecture: Relecture(importer(lu, entete.gabarit, entete.libelle).modele)
    )


def annuler(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> ModeleImport:
    """Undo the last correction. Raises as `corriger`."""
    row = verrouiller(session, actor, ref)
    exiger_version(row, version)
    if row.statut is not StatutImport.RELECTURE:
        raise DomainError("modeles.import_propose")
    if not row.etapes:
        raise DomainError("modeles.import_rien_a_annuler")
    etape = row.etapes.pop()
    _ecrire(session, clock, row, revenir(_relecture(row), etape.avant))
    changes = {"acte": etape.acte, "clause": etape.clause_code, **etape.detail}
    record(session, clock, actor, "modeles:import:annuler", row, changes=changes)
    return row


# -- Shared with the agreements ------------------------------------------------------------------------


def verrouiller(session: Session, actor: Actor, ref: str) -> ModeleImport:
    """Return an import to change, locked until the end of the transaction. Raises NotVisible."""
    row = session.scalar(
        select(ModeleImport)
        .where(ModeleImport.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or not can(actor, Permission.MODELES_MODIFIER, row):
        raise NotVisible(ref)
    session.refresh(row, ["etapes", "accords"])
    return row


def exiger_version(row: ModeleImport, version: int) -> None:
    """Raise StaleVersion when the import changed since it was read."""
    if row.version != version:
        raise StaleVersion(_etat(row))


def _etat(row: ModeleImport, clause: str = "") -> dict[str, Any]:
    """Return what a stale form is compared with: the model as it stands, who corrected it last and when."""
    siennes = [etape for etape in row.etapes if clause in ("", etape.clause_code)] or row.etapes
    return {
        "relecture": _relecture(row),
        "par": siennes[-1].par if siennes else row.depose_par,
        "le": siennes[-1].le if siennes else row.updated_at,
    }


def preuve_de(row: ModeleImport) -> Preuve:
    """Return whether an import may become a version."""
    return prouver(from_plain(row.lu), _relecture(row))


def toucher(session: Session, clock: Clock, row: ModeleImport) -> None:
    """Give an import its next version."""
    row.updated_at = clock.now()
    flag_modified(row, "updated_at")
    session.flush()


def _textes(row: ModeleImport) -> tuple[DocumentLu, Relecture, Preuve, tuple[Avertissement, ...]]:
    lu, relecture = from_plain(row.lu), _relecture(row)
    remarques = tuple(Avertissement(code, params) for code, params in row.lu["remarques"])
    return lu, relecture, prouver(lu, relecture), remarques


def _relecture(row: ModeleImport) -> Relecture:
    return Relecture(Modele.from_json(row.contenu), Origine.from_json(row.origine))


def _ecrire(session: Session, clock: Clock, row: ModeleImport, relecture: Relecture) -> None:
    row.contenu, row.origine = relecture.modele.to_json(), relecture.origine.to_json()
    toucher(session, clock, row)


def _lire(flux: IO[bytes]) -> tuple[bytes, DocumentLu]:
    contenu = flux.read(TAILLE_MAXIMUM + 1)
    if len(contenu) > TAILLE_MAXIMUM:
        raise DomainError("fichier.trop_gros", "fichier", limite=TAILLE_MAXIMUM // (1024 * 1024))
    if not contenu:
        raise DomainError("fichier.vide", "fichier")
    try:
        return contenu, lire(contenu)
    except DomainError as error:
        raise DomainError(error.code, "fichier", **error.params) from None


def _libelle(libelle: str) -> str:
    propre = " ".join(libelle.split())
    if not propre:
        raise DomainError("modeles.import_libelle", "libelle")
    if len(propre) > LIBELLE_MAXIMUM:
        raise DomainError("modeles.motif_long", "libelle", maximum=LIBELLE_MAXIMUM)
    return propre
