"""Acts on the grid of a département: adapting its questions, validating, publishing (domaine.md § 6.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.conventions.ecriture import base_traduite
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.policies import partie_pilote
from portal.grilles import avis, queries
from portal.grilles.adaptation import adapter, code_suivant, nouvel_item, resserrer, trop_larges
from portal.grilles.contenu import Item, empreinte
from portal.grilles.enums import Portee, Reponse
from portal.grilles.models import GrilleItem, GrilleModele, GrilleValidation
from portal.grilles.policies import departements_lus
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion

MOTIF_MAXIMUM = 500


@dataclass(frozen=True, slots=True)
class Saisie:
    """What a form says of a question. `portees` and `choix` by field, as `adaptation.adapter` reads them."""

    libelle: str
    aide: str
    posee: bool
    portees: Mapping[str, Portee]
    choix: Mapping[str, str]
    motif: str


def ouvrir_brouillon(session: Session, clock: Clock, actor: Actor, departement_code: str) -> GrilleModele:
    """Return the draft of a département, made from its last version, else from the national one.

    What the national grid has since narrowed is narrowed in the draft, and its new questions join it.

    Raises Forbidden, NotVisible, DomainError.
    """
    if not can(actor, Permission.GRILLES_MODIFIER):
        raise Forbidden(Permission.GRILLES_MODIFIER.value)
    if departement_code not in departements_lus(actor):
        raise NotVisible(departement_code)
    nationale = queries.nationale(session)
    base = queries.derniere(session, departement_code) or nationale
    if base.statut is StatutVersion.BROUILLON:
        return base
    now = clock.now()
    draft = GrilleModele(
        departement_code=departement_code,
        numero=queries.numero_suivant(session, departement_code),
        libelle=base.libelle,
        sections=base.sections,
        statut=StatutVersion.BROUILLON,
        base_id=base.id,
        created_at=now,
        updated_at=now,
        items=_reprise(base, nationale),
    )
    with base_traduite(session):
        session.add(draft)
        session.flush()
    record(session, clock, actor, "grilles:version:ouvrir", draft, changes={"numero": draft.numero})
    return draft


def modifier_item(
    session: Session, clock: Clock, actor: Actor, ref: str, code: str, saisie: Saisie, version: int
) -> GrilleModele:
    """Change one question of a draft. Any validation already given is void, and its author is told.

    `version`: that of the question when the form was opened. Raises NotVisible, Forbidden, StaleVersion
    (`current`: the GrilleItem), DomainError, DomainErrors.
    """
    draft = _brouillon(session, actor, ref, Permission.GRILLES_MODIFIER)
    row = next((row for row in draft.items if row.code == code), None)
    if row is None:
        raise NotVisible(code)
    if version != row.version:
        raise StaleVersion(row)
    avant = queries.item(row)
    apres = adapter(
        avant,
        _item_national(session, row),
        libelle=saisie.libelle,
        aide=saisie.aide,
        posee=saisie.posee,
        portees=saisie.portees,
        choix=saisie.choix,
    )
    if apres == avant:
        raise DomainError("grilles.inchangee")
    motif = _motif(saisie.motif)
    row.libelle, row.aide, row.posee = apres.libelle, apres.aide, apres.posee
    row.champs = [champ.to_json() for champ in apres.champs]
    row.motif, row.modifie_le, row.modifie_par = motif, clock.now(), _auteur(actor)
    _exiger_sections(draft)
    _journaliser(session, clock, actor, draft, row, "grilles:item:modifier", _changements(avant, apres))
    return draft


def ajouter_item(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    section: str,
    libelle: str,
    aide: str,
    reponse: Reponse,
    portee: Portee,
    choix: str,
    motif: str,
    version: int,
) -> GrilleItem:
    """Add a question of the département to a draft, last in its section. Raises as `modifier_item`.

    `version`: that of the draft when the form was opened, so that a form sent twice adds one question.
    """
    draft = _brouillon(session, actor, ref, Permission.GRILLES_MODIFIER, version)
    if section not in {s["code"] for s in draft.sections}:
        raise NotVisible(section)
    code = code_suivant(section, [row.code for row in draft.items])
    item = nouvel_item(code, libelle, aide, reponse, portee, choix)
    row = GrilleItem(
        modele_id=draft.id,
        section=section,
        rang=max(row.rang for row in draft.items if row.section == section) + 1,
        code=code,
        libelle=item.libelle,
        aide=item.aide,
        champs=[champ.to_json() for champ in item.champs],
        posee=True,
        locale=True,
        motif=_motif(motif),
        modifie_le=clock.now(),
        modifie_par=_auteur(actor),
    )
    session.add(row)
    _journaliser(
        session,
        clock,
        actor,
        draft,
        row,
        "grilles:item:ajouter",
        {"libelle": [None, item.libelle], "champs": [None, row.champs]},
    )
    return row


def valider(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> GrilleModele:
    """Validate a draft, as it stands, for the actor's party. Raises as `modifier_item`."""
    draft = _brouillon(session, actor, ref, Permission.GRILLES_ENGAGER, version)
    partie = partie_pilote(actor)
    if any(v.organisation_id == actor.organisation_id for v in draft.validations):
        raise DomainError("grilles.deja_validee")
    with base_traduite(session):
        draft.validations.append(
            GrilleValidation(
                partie=partie, organisation_id=actor.organisation_id, le=clock.now(), par=_auteur(actor)
            )
        )
        session.flush()
    record(
        session,
        clock,
        actor,
        "grilles:version:valider",
        draft,
        changes={"numero": draft.numero, "partie": partie.value, "version": draft.version},
    )
    return draft


def publier(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> GrilleModele:
    """Publish a draft that State and every SIAO validated: dated, and never changed again."""
    draft = _brouillon(session, actor, ref, Permission.GRILLES_ENGAGER, version)
    if manquantes := [p.nom for p in queries.validations(session, draft) if p.le is None]:
        raise DomainError("grilles.validations_manquantes", liste=", ".join(manquantes))
    assert draft.departement_code is not None
    _exiger_plafonds(session, draft)
    words = empreinte(queries.contenu(draft))
    precedente = queries.derniere(session, draft.departement_code, StatutVersion.PUBLIEE)
    if precedente is not None and precedente.empreinte == words:
        raise DomainError("grilles.identique")
    draft.statut, draft.empreinte = StatutVersion.PUBLIEE, words
    draft.publiee_le, draft.publiee_par = clock.now(), _auteur(actor)
    draft.updated_at = clock.now()
    session.flush()
    record(
        session,
        clock,
        actor,
        "grilles:version:publier",
        draft,
        changes={
            "numero": draft.numero,
            "statut": [StatutVersion.BROUILLON.value, draft.statut.value],
            "empreinte": words,
        },
    )
    avis.publiee(session, clock, actor, draft)
    return draft


def _brouillon(
    session: Session, actor: Actor, ref: str, permission: Permission, version: int | None = None
) -> GrilleModele:
    """Return the draft to change, locked until the end of the transaction."""
    draft = session.scalar(
        select(GrilleModele)
        .where(GrilleModele.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None or not can(actor, Permission.GRILLES_LIRE, draft):
        raise NotVisible(ref)
    if not can(actor, permission, draft):
        raise Forbidden(permission.value)
    if draft.statut is not StatutVersion.BROUILLON:
        raise DomainError("grilles.version_publiee")
    if version is not None and draft.version != version:
        raise StaleVersion(draft)
    session.refresh(draft, ["items", "validations"])
    return draft


def _item_national(session: Session, row: GrilleItem) -> Item | None:
    """Return the question as the national grid has it; None for one of the département's own."""
    if row.locale:
        return None
    found = next((i for i in queries.nationale(session).items if i.code == row.code), None)
    return queries.item(found) if found is not None else None


def _exiger_plafonds(session: Session, draft: GrilleModele) -> None:
    """Refuse what goes further than a national grid that appeared while the draft was written."""
    nationaux = {row.code: queries.item(row) for row in queries.nationale(session).items}
    larges = [
        row.code
        for row in draft.items
        if not row.locale and trop_larges(queries.item(row), nationaux.get(row.code))
    ]
    if larges:
        raise DomainError("grilles.trop_large", liste=", ".join(larges))


def _exiger_sections(draft: GrilleModele) -> None:
    for section in draft.sections:
        if not any(row.posee for row in draft.items if row.section == section["code"]):
            raise DomainError("grilles.section_vide", "posee", section=section["code"])


def _journaliser(
    session: Session,
    clock: Clock,
    actor: Actor,
    draft: GrilleModele,
    row: GrilleItem,
    action: str,
    changements: dict[str, Any],
) -> None:
    annulees = [validation.par for validation in draft.validations]
    draft.validations.clear()
    draft.updated_at = clock.now()
    flag_modified(draft, "updated_at")
    session.flush()
    record(
        session,
        clock,
        actor,
        action,
        row,
        changes={
            **changements,
            "code": row.code,
            "version": draft.numero,
            "motif": row.motif,
            "validations_annulees": len(annulees),
        },
        departement_code=draft.departement_code,
    )
    if annulees:
        avis.validations_annulees(session, clock, actor, draft, row.libelle, row.motif)


def _changements(avant: Item, apres: Item) -> dict[str, Any]:
    """Return what of a question changed, by name: [before, after]."""
    changes: dict[str, Any] = {
        name: [getattr(avant, name), getattr(apres, name)]
        for name in ("libelle", "aide", "posee")
        if getattr(avant, name) != getattr(apres, name)
    }
    for ancien, nouveau in zip(avant.champs, apres.champs, strict=True):
        if ancien.portee is not nouveau.portee:
            changes[f"portee.{ancien.code}"] = [ancien.portee.value, nouveau.portee.value]
        if ancien.choix != nouveau.choix:
            changes[f"choix.{ancien.code}"] = [
                [choix.libelle for choix in ancien.choix],
                [choix.libelle for choix in nouveau.choix],
            ]
    return changes


def _reprise(base: GrilleModele, nationale: GrilleModele) -> list[GrilleItem]:
    """Return the questions of the next version: those of the last one, and the national ones it lacks."""
    nationaux = {row.code: queries.item(row) for row in nationale.items}
    reprises = [_copie(row, None if row.locale else nationaux.get(row.code)) for row in base.items]
    connues = {row.code for row in base.items}
    rangs = {
        s["code"]: max((r.rang for r in base.items if r.section == s["code"]), default=0)
        for s in base.sections
    }
    for row in nationale.items:
        if row.code not in connues and row.section in rangs:
            rangs[row.section] += 1
            reprises.append(_copie(row, None, rang=rangs[row.section]))
    return reprises


def _copie(row: GrilleItem, national: Item | None, *, rang: int | None = None) -> GrilleItem:
    return GrilleItem(
        section=row.section,
        rang=rang or row.rang,
        code=row.code,
        libelle=row.libelle,
        aide=row.aide,
        champs=[champ.to_json() for champ in resserrer(queries.item(row), national).champs],
        posee=row.posee,
        locale=row.locale,
    )


def _motif(motif: str) -> str:
    texte = " ".join(motif.split())
    if not texte:
        raise DomainError("grilles.motif_obligatoire", "motif")
    if len(texte) > MOTIF_MAXIMUM:
        raise DomainError("grilles.texte_long", "motif", maximum=MOTIF_MAXIMUM)
    return texte


def _auteur(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:160]
