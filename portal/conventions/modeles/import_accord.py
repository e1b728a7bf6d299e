"""From a Word model reread to a version: the agreement of the State and of every SIAO, or giving it up.

The import becomes a version only when each party has agreed to it as it stands: whoever proposes it agrees
for their own party alone, and nothing is signed on it before (S0; the model is that of all).
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.modeles import avis_import
from portal.conventions.modeles.contenu import Modele
from portal.conventions.modeles.enums import Source, StatutImport, StatutVersion
from portal.conventions.modeles.import_brouillon import (
    accords,
    exiger_version,
    preuve_de,
    toucher,
    verrouiller,
)
from portal.conventions.modeles.lecture import empreinte
from portal.conventions.modeles.models import (
    ModeleAdoption,
    ModeleImport,
    ModeleImportAccord,
    ModeleVersion,
)
from portal.conventions.modeles.policies import partie_pilote
from portal.documents.models import Fichier
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden
from portal.shared.messages import N_, register

MOTIF_MAXIMUM = 500

register(
    {
        "modeles.import_preuve": N_(
            "Le texte compris n’est pas celui du document : « %(attendu)s » est devenu « %(obtenu)s »."
        ),
        "modeles.import_fautes": N_("Ce modèle ne tient pas encore : %(liste)s."),
        "modeles.import_deja_accord": N_("Votre partie a déjà donné son accord à ce modèle."),
        "modeles.import_en_relecture": N_("Ce modèle est déjà en relecture."),
        "modeles.import_motif": N_("Dites ce qui est à revoir : les autres parties le liront."),
    }
)


def accorder(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> ModeleVersion | None:
    """Agree to an import for the actor's party; the first agreement proposes it, the last one publishes it.

    Returns the version published, None while parties are awaited. Raises NotVisible, Forbidden, StaleVersion,
    DomainError.
    """
    row = verrouiller(session, actor, ref)
    if not can(actor, Permission.MODELES_ENGAGER, row):
        raise Forbidden(Permission.MODELES_ENGAGER.value)
    exiger_version(row, version)
    _exiger_preuve(row)
    partie = partie_pilote(actor)
    if any(accord.organisation_id == actor.organisation_id for accord in row.accords):
        raise DomainError("modeles.import_deja_accord")
    premier = row.statut is StatutImport.RELECTURE
    row.statut = StatutImport.PROPOSE
    row.accords.append(
        ModeleImportAccord(
            partie=partie, organisation_id=actor.organisation_id, le=clock.now(), par=auteur(actor)
        )
    )
    toucher(session, clock, row)
    changes = {"partie": partie.value, "version": row.version}
    record(session, clock, actor, "modeles:import:accorder", row, changes=changes)
    if all(attendu.le is not None for attendu in accords(session, row)):
        return _publier(session, clock, actor, row)
    if premier:
        avis_import.propose(session, clock, actor, row)
    return None


def rouvrir(
    session: Session, clock: Clock, actor: Actor, ref: str, *, motif: str, version: int
) -> ModeleImport:
    """Take an import back to its rereading; the agreements given are void, and their authors are told why.

    Raises NotVisible, StaleVersion, DomainError (field `motif`).
    """
    row = verrouiller(session, actor, ref)
    exiger_version(row, version)
    if row.statut is StatutImport.RELECTURE:
        raise DomainError("modeles.import_en_relecture")
    raison = " ".join(motif.split())
    if not raison:
        raise DomainError("modeles.import_motif", "motif")
    if len(raison) > MOTIF_MAXIMUM:
        raise DomainError("modeles.motif_long", "motif", maximum=MOTIF_MAXIMUM)
    annules = [accord.par for accord in row.accords]
    row.statut = StatutImport.RELECTURE
    row.accords.clear()
    toucher(session, clock, row)
    changes = {"motif": raison, "accords_annules": annules}
    record(session, clock, actor, "modeles:import:rouvrir", row, changes=changes)
    avis_import.rouvert(session, clock, actor, row, raison)
    return row


def abandonner(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> None:
    """Give an import up: the file and what was understood of it go away, the journal remembers them.

    For the organisation that gave the file, and for those who bind the State or a SIAO. Raises NotVisible,
    Forbidden, StaleVersion.
    """
    row = verrouiller(session, actor, ref)
    if row.organisation_id != actor.organisation_id and not can(actor, Permission.MODELES_ENGAGER, row):
        raise Forbidden(Permission.MODELES_ENGAGER.value)
    exiger_version(row, version)
    changes = {"libelle": row.libelle, "gabarit": row.gabarit.value, "corrections": len(row.etapes)}
    record(session, clock, actor, "modeles:import:abandonner", row, changes=changes)
    fichier = session.get_one(Fichier, row.fichier_id)
    session.delete(row)
    session.flush()
    session.delete(fichier)
    session.flush()


def _exiger_preuve(row: ModeleImport) -> None:
    preuve = preuve_de(row)
    if preuve.ecart is not None:
        raise DomainError("modeles.import_preuve", attendu=preuve.ecart[0], obtenu=preuve.ecart[1])
    if preuve.fautes:
        raise DomainError("modeles.import_fautes", liste=" ; ".join(preuve.fautes[:5]))


def _publier(session: Session, clock: Clock, actor: Actor, row: ModeleImport) -> ModeleVersion:
    """Make a version of an import that every party agreed to; it keeps its reference."""
    now = clock.now()
    version = ModeleVersion(
        ref=row.ref,
        gabarit=row.gabarit,
        numero=_numero_suivant(session, row),
        libelle=row.libelle,
        source=Source.OFFICIEL,
        statut=StatutVersion.PUBLIEE,
        departement_code=row.departement_code,
        contenu=row.contenu,
        empreinte=empreinte(Modele.from_json(row.contenu)),
        fichier_id=row.fichier_id,
        publiee_le=now,
        publiee_par=auteur(actor),
        created_at=now,
        updated_at=now,
    )
    session.add(version)
    session.flush()
    session.add_all(
        ModeleAdoption(
            departement_code=row.departement_code,
            modele_version_id=version.id,
            partie=accord.partie,
            organisation_id=accord.organisation_id,
            le=accord.le,
            par=accord.par,
        )
        for accord in row.accords
    )
    record(
        session,
        clock,
        actor,
        "modeles:modele:publier",
        version,
        changes={
            "gabarit": version.gabarit.value,
            "numero": version.numero,
            "empreinte": version.empreinte,
            "accords": [accord.par for accord in row.accords],
        },
    )
    avis_import.publie(session, clock, actor, row)
    session.delete(row)
    session.flush()
    return version


def _numero_suivant(session: Session, row: ModeleImport) -> int:
    last = session.scalar(
        select(func.max(ModeleVersion.numero)).where(
            ModeleVersion.departement_code == row.departement_code, ModeleVersion.gabarit == row.gabarit
        )
    )
    return (last or 0) + 1
