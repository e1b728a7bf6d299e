"""Acts on the grid of a household: opening a version, filling it section by section, freezing it.

Services flush, never commit. The journal says which questions, never what was answered.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes.territoire import time_zone
from portal.grilles import contenu
from portal.grilles.enums import Reponse
from portal.grilles.menages.identites import composition, numero_unique, presents
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.service import noter_contact
from portal.grilles.queries import contenu as contenu_de
from portal.grilles.remplissage import parametres, queries
from portal.grilles.remplissage.calculer import resultats
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleSection
from portal.grilles.remplissage.regles import a_renouveler
from portal.grilles.remplissage.report import reporter
from portal.grilles.remplissage.saisie import Typees, calcule, lire_section, mots_a_relire, nom
from portal.organisations.parametres import value
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion


@dataclass(frozen=True)
class Restant:
    """What a frozen grid still asks, before it is frozen. `non_lues`: sections not read to the household;
    `a_relire`: fields with words to read again; `sans_avis`: the household's opinion is not there."""

    non_lues: tuple[str, ...] = ()
    a_relire: tuple[str, ...] = ()
    sans_avis: bool = False


def ouvrir(session: Session, clock: Clock, actor: Actor, vise: Vise) -> GrilleAcces:
    """Return the grid being written for a household, opened if need be: on the model of today, filled with
    the last frozen version, or with what the household's own page says. Raises Forbidden, DomainError.
    """
    require(actor, Permission.GRILLES_REMPLIR, vise)
    menage = vise.menage
    session.execute(select(Menage.id).where(Menage.id == menage.id).with_for_update()).one()
    if (draft := queries.en_cours(session, menage.id)) is not None:
        return draft
    precedente = queries.derniere_figee(session, menage.id)
    modele = queries.modele_actuel(session, menage.departement_code)
    lu = contenu_de(modele)
    if precedente is None:
        items = _premieres(session, menage, lu)
    else:
        items = reporter(queries.modele(session, precedente), queries.reponses(session, precedente), lu)
    now, vault = clock.now(), coffre(session)
    draft = GrilleAcces(
        menage_id=menage.id,
        modele=modele,
        base_id=precedente.id if precedente else None,
        numero=precedente.numero + 1 if precedente else 1,
        statut=StatutGrille.BROUILLON,
        ouverte_par=_auteur(actor),
        created_at=now,
        updated_at=now,
        sections=[
            GrilleSection(
                section=section.code,
                reponses=vault.fermer({"items": items.get(section.code, {})}),
                enregistree_le=now,
                par="",
            )
            for section in lu.sections
        ],
    )
    session.add(draft)
    session.flush()
    facts = {"numero": draft.numero, "modele": modele.numero, "reprise": precedente is not None}
    record(
        session,
        clock,
        actor,
        "grilles:grille:ouvrir",
        draft,
        changes=facts,
        departement_code=menage.departement_code,
    )
    return draft


def enregistrer(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    code: str,
    typees: Typees,
    *,
    confirmes: Collection[str] = (),
    version: int,
) -> GrilleSection:
    """Save what was typed in one section of the grid being written; a section that was read to the household
    is to be read again when it changes.

    `confirmes`: fields, as « E3.reponse », whose words the writer read again and keeps. `version`: that of
    the section when it was shown. Raises NotVisible, Forbidden, DomainErrors (fields « E3__reponse »),
    StaleVersion (`current`: the GrilleSection), DomainError.
    """
    draft = _brouillon(session, actor, vise)
    row = _section(session, draft, code)
    if row.version != version:
        raise StaleVersion(row)
    section = next(s for s in queries.modele(session, draft).sections if s.code == code)
    items = lire_section(section, typees)
    _sans_numero(session, vise.menage, section, items)
    avant = queries.ouvrir(session, row)
    mots = {cle: [mot.mot for mot in found] for cle, found in mots_a_relire(section, items).items()}
    gardes = avant.get("relus", {})
    relus = {
        cle: [mot for mot in found if cle in confirmes or mot in gardes.get(cle, ())]
        for cle, found in mots.items()
    }
    apres = {"items": items, "relus": {cle: found for cle, found in relus.items() if found}}
    changes = _changees(avant["items"], items)
    if not changes and apres["relus"] == gardes:
        return row
    row.reponses = coffre(session).fermer(apres)
    row.enregistree_le, row.par = clock.now(), _auteur(actor)
    if changes:
        row.lue_le = None
    session.flush()
    record(
        session,
        clock,
        actor,
        "grilles:section:enregistrer",
        draft,
        changes={"section": code, "questions": changes},
        departement_code=vise.menage.departement_code,
    )
    return row


def restant(session: Session, draft: GrilleAcces, *, lues: Collection[str], sans_avis: bool) -> Restant:
    """Return what keeps a grid from being frozen. `lues`: sections read to the household just now."""
    modele = queries.modele(session, draft)
    rows = {row.section: row for row in draft.sections}
    non_lues, a_relire = [], []
    for section in modele.sections:
        row = rows[section.code]
        if section.code not in lues:
            non_lues.append(section.code)
        gardes = queries.relus(session, row)
        for cle, found in mots_a_relire(section, queries.reponses_de(session, row)).items():
            if any(mot.mot not in gardes.get(cle, ()) for mot in found):
                a_relire.append(cle)
    donne = sans_avis or avis_donne(modele, queries.reponses(session, draft))
    return Restant(tuple(non_lues), tuple(a_relire), not donne)


def avis_donne(modele: contenu.Grille, reponses: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether the household said what it thinks of the summary, where the model asks it (F4)."""
    posee = any(item.code == "F4" and item.posee for item in modele.items())
    return not posee or bool(reponses.get("F", {}).get("F4"))


def etat(draft: GrilleAcces) -> str:
    """Return what a page of the whole grid carries, to know that it shows it as it still is."""
    return "-".join(f"{row.section}{row.version}" for row in sorted(draft.sections, key=lambda r: r.section))


def figer(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    *,
    lues: Collection[str],
    sans_avis: bool,
    lu: str,
) -> GrilleAcces:
    """Freeze the grid being written, once all of it was read to the household; nothing changes it any more.

    `lues`: sections read to it. `sans_avis`: the household does not wish to say what it thinks of the
    summary. `lu`: `etat` of what was read. Raises Forbidden, StaleVersion (`current`: the GrilleAcces),
    DomainErrors, DomainError.
    """
    draft = _brouillon(session, actor, vise)
    if etat(draft) != lu:
        raise StaleVersion(draft)
    reste = restant(session, draft, lues=lues, sans_avis=sans_avis)
    reponses = queries.reponses(session, draft)
    errors = []
    if not any(reponses.values()):
        errors.append(DomainError("remplissage.vide"))
    if reste.non_lues:
        errors.append(DomainError("remplissage.non_lues", "lues", liste=", ".join(reste.non_lues)))
    if reste.a_relire:
        questions = ", ".join(dict.fromkeys(cle.partition(".")[0] for cle in reste.a_relire))
        errors.append(DomainError("remplissage.a_relire", liste=questions))
    if reste.sans_avis:
        errors.append(DomainError("remplissage.sans_avis", "sans_avis"))
    if errors:
        raise DomainErrors(errors)
    now, menage, modele = clock.now(), vise.menage, queries.modele(session, draft)
    jour = clock.today(time_zone(session, menage.departement_code))
    choisis = parametres.des_calculs(session, menage.departement_code)
    calcules = resultats(modele, reponses, choisis, jour)
    for item in modele.items():
        if item.code in calcules and (champ := calcule(item)) is not None:
            code = next(s.code for s in modele.sections if item in s.items)
            held = reponses[code].setdefault(item.code, {})
            held[champ.code] = held.get(champ.code, {}) | calcules[item.code].to_json()
    echeance = a_renouveler(jour, value(session, parametres.FREQUENCE, menage.departement_code))
    for row in draft.sections:
        row.reponses = coffre(session).fermer({"items": reponses[row.section]})
        row.lue_le = now
    session.flush()  # the answers first: once the grid is frozen they change no more
    draft.a_renouveler_le = echeance
    draft.statut, draft.figee_le, draft.figee_par = StatutGrille.FIGEE, now, _auteur(actor)
    draft.empreinte = empreinte(draft.modele.empreinte, reponses)
    draft.updated_at = now
    noter_contact(session, clock, actor, menage)
    session.flush()
    record(
        session,
        clock,
        actor,
        "grilles:grille:figer",
        draft,
        changes={
            "numero": draft.numero,
            "statut": [StatutGrille.BROUILLON.value, StatutGrille.FIGEE.value],
            "avis_du_menage": "non_dit" if sans_avis else "recueilli",
            "empreinte": draft.empreinte,
        },
        departement_code=menage.departement_code,
    )
    return draft


def abandonner(session: Session, clock: Clock, actor: Actor, vise: Vise, lu: str) -> None:
    """Give up the grid being written: its answers are deleted. Raises as `figer`."""
    draft = _brouillon(session, actor, vise)
    if etat(draft) != lu:
        raise StaleVersion(draft)
    record(
        session,
        clock,
        actor,
        "grilles:grille:abandonner",
        draft,
        changes={"numero": draft.numero},
        departement_code=vise.menage.departement_code,
    )
    session.delete(draft)
    session.flush()


def empreinte(modele: str, reponses: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the answers of a grid and of the model that they are read in."""
    canonical = json.dumps(
        {"modele": modele, "reponses": reponses}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _brouillon(session: Session, actor: Actor, vise: Vise) -> GrilleAcces:
    """Return the grid being written, held until the end of the transaction, as it now is."""
    require(actor, Permission.GRILLES_REMPLIR, vise)
    session.execute(
        select(GrilleAcces.id)
        .where(GrilleAcces.menage_id == vise.menage.id, GrilleAcces.statut == StatutGrille.BROUILLON)
        .order_by(GrilleAcces.id)
        .with_for_update()
    ).all()
    draft = queries.en_cours(session, vise.menage.id)
    if draft is None:
        raise DomainError("remplissage.rien_en_cours")
    return draft


def _section(session: Session, draft: GrilleAcces, code: str) -> GrilleSection:
    row = next((row for row in draft.sections if row.section == code), None)
    if row is None:
        raise NotVisible(code)
    return row


def _sans_numero(
    session: Session, menage: Menage, section: contenu.Section, items: Mapping[str, Mapping[str, Any]]
) -> None:
    """Refuse a demand number in the protected circuit: it names the household. Raises DomainErrors."""
    if not session.scalar(select(Menage.protege).where(Menage.id == menage.id)):
        return
    errors = [
        DomainError("remplissage.numero_protege", nom(item, champ))
        for item in section.items
        for champ in item.champs
        if champ.reponse is Reponse.NUMERO_UNIQUE and items.get(item.code, {}).get(champ.code)
    ]
    if errors:
        raise DomainErrors(errors)


def _premieres(session: Session, menage: Menage, lu: contenu.Grille) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what the household's own page already says, for its first grid."""
    enfants = composition(session, menage)
    connues: dict[str, dict[str, Any]] = {
        "A1": {"adultes": len(presents(menage)), "enfants": enfants.a_charge},
        "A4": {"reponse": numero_unique(session, menage)},
    }
    if enfants.en_visite:
        connues["A1"]["visite"] = "oui"
    items: dict[str, dict[str, dict[str, Any]]] = {}
    for section in lu.sections:
        for item in section.items:
            champs = {champ.code for champ in item.champs} if item.posee else set()
            dites = connues.get(item.code, {})
            found = {champ: dite for champ, dite in dites.items() if champ in champs and dite != ""}
            if found:
                items.setdefault(section.code, {})[item.code] = found
    return items


def _changees(avant: Mapping[str, Any], apres: Mapping[str, Any]) -> Sequence[str]:
    """Return the codes of the questions whose answer changed: what the journal may know."""
    return sorted(code for code in avant.keys() | apres.keys() if avant.get(code) != apres.get(code))


def _auteur(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:200]
