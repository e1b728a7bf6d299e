"""Acts on the models: adopting them, writing the département's green version, validating, publishing."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.conventions.ecriture import base_traduite
from portal.conventions.modeles import avis, queries, verts
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import (
    ModeleAdoption,
    VersionDepartementale,
    VersionDepartementaleChamp,
    VersionDepartementaleValidation,
)
from portal.conventions.modeles.policies import departements_lus, partie_pilote
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion

MOTIF_MAXIMUM = 500


def adopter(
    session: Session, clock: Clock, actor: Actor, departement_code: str, refs: Mapping[Gabarit, str]
) -> None:
    """Adopt the working models for the actor's party, in one département.

    `refs`: the versions that were shown to the person; a newer one must be read first. Raises Forbidden,
    NotVisible, DomainError.
    """
    if not can(actor, Permission.MODELES_ENGAGER):
        raise Forbidden(Permission.MODELES_ENGAGER.value)
    if departement_code not in departements_lus(actor):
        raise NotVisible(departement_code)
    courants = queries.courants(session, departement_code)
    if {gabarit: row.ref for gabarit, row in courants.items()} != dict(refs):
        raise DomainError("modeles.modele_depasse")
    ids = [row.id for row in courants.values()]
    known = set(
        session.scalars(
            select(ModeleAdoption.modele_version_id).where(
                ModeleAdoption.departement_code == departement_code,
                ModeleAdoption.organisation_id == actor.organisation_id,
                ModeleAdoption.modele_version_id.in_(ids),
            )
        )
    )
    if known == set(ids):
        raise DomainError("modeles.deja_adopte")
    partie = partie_pilote(actor)
    with base_traduite(session):
        session.add_all(
            ModeleAdoption(
                departement_code=departement_code,
                modele_version_id=id_,
                partie=partie,
                organisation_id=actor.organisation_id,
                le=clock.now(),
                par=_auteur(actor),
            )
            for id_ in ids
            if id_ not in known
        )
        session.flush()
    record(
        session,
        clock,
        actor,
        "modeles:modele:adopter",
        changes={
            "partie": partie.value,
            "modeles": {gabarit.value: row.numero for gabarit, row in courants.items()},
            "empreintes": {gabarit.value: row.empreinte for gabarit, row in courants.items()},
        },
        departement_code=departement_code,
    )


def ouvrir_brouillon(
    session: Session, clock: Clock, actor: Actor, departement_code: str
) -> VersionDepartementale:
    """Return the draft of a département; made from its last version on the present models when there is none.

    Fields that the present models no longer have are left behind. Raises Forbidden, NotVisible, DomainError.
    """
    if not can(actor, Permission.MODELES_MODIFIER):
        raise Forbidden(Permission.MODELES_MODIFIER.value)
    if departement_code not in departements_lus(actor):
        raise NotVisible(departement_code)
    last = session.scalar(
        select(VersionDepartementale)
        .where(VersionDepartementale.departement_code == departement_code)
        .order_by(VersionDepartementale.numero.desc())
        .limit(1)
    )
    if last is not None and last.statut is StatutVersion.BROUILLON:
        return last
    courants = queries.courants(session, departement_code)
    now = clock.now()
    draft = VersionDepartementale(
        departement_code=departement_code,
        numero=queries.numero_suivant(session, departement_code),
        statut=StatutVersion.BROUILLON,
        general_id=courants[Gabarit.GENERAL].id,
        simplifie_id=courants[Gabarit.SIMPLIFIE].id,
        created_at=now,
        updated_at=now,
    )
    lost: list[tuple[str, str]] = []
    if last is not None:
        modele = queries.modele(session, draft.general_id)
        kept, lost = verts.reprise(queries.ecrits(last), modele)
        draft.champs = [_copie(champ) for champ in last.champs if _cle(champ) in kept]
    with base_traduite(session):
        session.add(draft)
        session.flush()
    record(
        session,
        clock,
        actor,
        "modeles:version:ouvrir",
        draft,
        changes={"numero": draft.numero, "depuis": last.numero if last else None, "champs_laisses": lost},
    )
    return draft


def modifier_champ(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    clause: str,
    parametre: str,
    valeur: str,
    motif: str,
    version: int,
) -> VersionDepartementale:
    """Write one green field of a draft. Any validation already given is void, and its author is told.

    `parametre`: "" for the text of a whole green clause. `version`: that of the field when the form was
    opened (0: not written yet). Raises NotVisible, Forbidden, StaleVersion (`current`: valeur, version, par,
    le), DomainError (fields `valeur`, `motif`).
    """
    draft = _brouillon(session, actor, ref, Permission.MODELES_MODIFIER)
    modele = queries.modele(session, draft.general_id)
    champ = verts.champ_vert(modele, clause, parametre, queries.ecrits(draft))
    row = next((c for c in draft.champs if _cle(c) == (clause, parametre)), None)
    if version != (row.version if row else 0):
        raise StaleVersion(_etat(champ, row))
    texte = verts.lire_champ(modele, champ, valeur)
    if texte == champ.valeur:
        raise DomainError("modeles.champ_inchange", "valeur")
    raison = _motif(motif)
    if row is None:
        row = VersionDepartementaleChamp(clause_code=clause, parametre_code=parametre)
        draft.champs.append(row)
    row.valeur, row.motif = texte, raison
    row.modifie_le, row.modifie_par = clock.now(), _auteur(actor)
    annulees = _annuler_validations(session, draft)
    _toucher(session, clock, draft)
    record(
        session,
        clock,
        actor,
        "modeles:champ:modifier",
        row,
        changes={
            "clause": clause,
            "parametre": parametre,
            "version": draft.numero,
            "valeur": [champ.valeur, texte],
            "motif": row.motif,
            "validations_annulees": annulees,
        },
        departement_code=draft.departement_code,
    )
    if annulees:
        avis.validations_annulees(session, clock, actor, draft, champ.clause.titre, row.motif)
    return draft


def valider(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> VersionDepartementale:
    """Validate a draft, as it stands, for the actor's party. Raises as `modifier_champ`."""
    draft = _brouillon(session, actor, ref, Permission.MODELES_ENGAGER, version)
    _exiger_complet(session, draft)
    partie = partie_pilote(actor)
    if any(v.organisation_id == actor.organisation_id for v in draft.validations):
        raise DomainError("modeles.deja_validee")
    draft.validations.append(
        VersionDepartementaleValidation(
            partie=partie, organisation_id=actor.organisation_id, le=clock.now(), par=_auteur(actor)
        )
    )
    session.flush()
    record(
        session,
        clock,
        actor,
        "modeles:version:valider",
        draft,
        changes={"numero": draft.numero, "partie": partie.value, "version": draft.version},
    )
    return draft


def publier(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> VersionDepartementale:
    """Publish a draft that State and every SIAO validated: dated, and never changed again."""
    draft = _brouillon(session, actor, ref, Permission.MODELES_ENGAGER, version)
    _exiger_complet(session, draft)
    missing = [attendu.nom for attendu in queries.validations(session, draft) if attendu.le is None]
    if missing:
        raise DomainError("modeles.validations_manquantes", liste=", ".join(missing))
    draft.statut = StatutVersion.PUBLIEE
    draft.publiee_le, draft.publiee_par = clock.now(), _auteur(actor)
    _toucher(session, clock, draft)
    record(
        session,
        clock,
        actor,
        "modeles:version:publier",
        draft,
        changes={"numero": draft.numero, "statut": [StatutVersion.BROUILLON.value, draft.statut.value]},
    )
    avis.publiee(session, clock, actor, draft)
    return draft


def rebaser(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> list[tuple[str, str]]:
    """Put a draft on the present national models; return the fields that they no longer accept.

    Validations given to the former text are void.
    """
    draft = _brouillon(session, actor, ref, Permission.MODELES_MODIFIER, version)
    courants = queries.courants(session, draft.departement_code)
    avant = (draft.general_id, draft.simplifie_id)
    apres = (courants[Gabarit.GENERAL].id, courants[Gabarit.SIMPLIFIE].id)
    if avant == apres:
        raise DomainError("modeles.deja_a_jour")
    draft.general_id, draft.simplifie_id = apres
    modele = queries.modele(session, draft.general_id)
    kept, lost = verts.reprise(queries.ecrits(draft), modele)
    draft.champs = [champ for champ in draft.champs if _cle(champ) in kept]
    annulees = _annuler_validations(session, draft)
    _toucher(session, clock, draft)
    record(
        session,
        clock,
        actor,
        "modeles:version:rebaser",
        draft,
        changes={
            "general_id": [avant[0], apres[0]],
            "simplifie_id": [avant[1], apres[1]],
            "champs_laisses": lost,
            "validations_annulees": annulees,
        },
    )
    if annulees:
        avis.validations_annulees(session, clock, actor, draft)
    return lost


def _brouillon(
    session: Session, actor: Actor, ref: str, permission: Permission, version: int | None = None
) -> VersionDepartementale:
    """Return the draft to change, locked until the end of the transaction."""
    draft = session.scalar(
        select(VersionDepartementale)
        .where(VersionDepartementale.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None or not can(actor, Permission.MODELES_LIRE, draft):
        raise NotVisible(ref)
    if not can(actor, permission, draft):
        raise Forbidden(permission.value)
    if draft.statut is not StatutVersion.BROUILLON:
        raise DomainError("modeles.version_publiee")
    if version is not None and draft.version != version:
        raise StaleVersion({"version": draft.version})
    session.refresh(draft, ["champs", "validations"])
    return draft


def _exiger_complet(session: Session, draft: VersionDepartementale) -> None:
    modele = queries.modele(session, draft.general_id)
    missing = [
        f"{champ.clause.code} ({champ.parametre.libelle if champ.parametre else champ.clause.titre})"
        for champ in verts.champs_verts(modele, queries.ecrits(draft))
        if champ.a_completer
    ]
    if missing:
        raise DomainError("modeles.incomplete", liste=", ".join(missing))


def _annuler_validations(session: Session, draft: VersionDepartementale) -> list[str]:
    void = [validation.par for validation in draft.validations]
    draft.validations.clear()
    session.flush()
    return void


def _toucher(session: Session, clock: Clock, draft: VersionDepartementale) -> None:
    draft.updated_at = clock.now()
    flag_modified(draft, "updated_at")
    session.flush()


def _copie(champ: VersionDepartementaleChamp) -> VersionDepartementaleChamp:
    return VersionDepartementaleChamp(
        clause_code=champ.clause_code,
        parametre_code=champ.parametre_code,
        valeur=champ.valeur,
        motif=champ.motif,
        modifie_le=champ.modifie_le,
        modifie_par=champ.modifie_par,
    )


def _etat(champ: verts.ChampVert, row: VersionDepartementaleChamp | None) -> dict[str, object]:
    return {
        "valeur": champ.valeur,
        "version": row.version if row else 0,
        "par": row.modifie_par if row else "",
        "le": row.modifie_le if row else None,
    }


def _cle(champ: VersionDepartementaleChamp) -> tuple[str, str]:
    return (champ.clause_code, champ.parametre_code)


def _motif(motif: str) -> str:
    texte = " ".join(motif.split())
    if not texte:
        raise DomainError("modeles.motif_obligatoire", "motif")
    if len(texte) > MOTIF_MAXIMUM:
        raise DomainError("modeles.motif_long", "motif", maximum=MOTIF_MAXIMUM)
    return texte


def _auteur(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:160]
