"""What minutes say (domaine.md § 7.8). In French: it is an official record.

Votes are never in them. Of a dossier of the protected circuit they hold the code and the decision alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.commissions.dossiers.policies import parties
from portal.commissions.enums import Presence, Qualite, Reponse
from portal.commissions.enums_dossiers import LIBELLES_DEPORT, REPORTE, IssueRecours, MotifDeport
from portal.commissions.models_decisions import (
    Decision,
    PassageSeance,
    Prescription,
    Recours,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.nomenclatures import decisions, prescriptions
from portal.commissions.suites_seance.queries import PRISES
from portal.grilles.fin_de_vie.protection import OTE, Noms
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Adulte, Menage
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.shared.db import AnySelect
from portal.shared.ensemble import lire, rang
from portal.shared.messages import N_

Contenu: TypeAlias = dict[str, Any]

PRESENT, REPRESENTE, EXCUSE, ABSENT, NON_NOTE = "present", "represente", "excuse", "absent", "non_note"
ETATS = {
    PRESENT: N_("Présent"),
    REPRESENTE: N_("Représenté par son suppléant"),
    EXCUSE: N_("Excusé"),
    ABSENT: N_("Absent"),
    NON_NOTE: N_("Présence non notée"),
}
PRESENTE = N_("Il présente le dossier")
SECRETS = ("motif", "conditions", "expression", "prescripteur", "deports")
"""What a decision holds of the household: never in the anonymised version, nor past its time."""


def composer(session: Session, seance: Seance, points: str) -> Contenu:
    """Return what the minutes of a session, its invitations loaded, say today; `points_anonymes`: its general
    points as the anonymised version has them. Two statements."""
    lues = lire(
        session,
        {"reportes": _reportes(seance), "recours": _recours(seance), "noms": _des_menages(seance)},
    )
    contenu = {
        "presents": _presents(seance),
        "dossiers": [*_dossiers(session, seance), *_recours_dits(session, lues["recours"])],
        "reportes": [one.code for one in sorted(lues["reportes"], key=lambda one: one.rang)],
        "points": points,
    }
    return contenu | {"points_anonymes": _sans_noms(session, contenu, lues["noms"])}


def _presents(seance: Seance) -> list[dict[str, Any]]:
    rows = sorted(
        (one for one in seance.invitations if one.retiree_le is None),
        key=lambda one: (one.college.rang if one.college else -1, one.referent.organisation.tri, one.id),
    )
    groupes: dict[str, list[dict[str, str]]] = {}
    for one in rows:
        groupes.setdefault(one.college.nom if one.college else "", []).append(
            {
                "nom": one.nom,
                "organisation": one.referent.organisation.nom,
                "qualite": one.qualite.value,
                "etat": etat(one),
                "remplacant": one.remplacant if one.statut is Reponse.SUPPLEANT else "",
            }
        )
    return [{"college": nom, "membres": membres} for nom, membres in groupes.items()]


def etat(invitation: InvitationSeance) -> str:
    """Return whether someone was there: what the secretariat noted, else what they had answered."""
    excuse = invitation.statut is Reponse.DECLINEE
    if invitation.presence is Presence.PRESENTE:
        return REPRESENTE if invitation.statut is Reponse.SUPPLEANT else PRESENT
    if invitation.presence is Presence.ABSENTE:
        return EXCUSE if excuse else ABSENT
    return EXCUSE if excuse else NON_NOTE


def _dossiers(session: Session, seance: Seance) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Decision)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(Decision.seance_id == seance.id, Decision.statut.in_(PRISES))
        .options(
            joinedload(Decision.dossier).joinedload(Dossier.menage),
            joinedload(Decision.dossier).joinedload(Dossier.organisation),
            joinedload(Decision.dossier).joinedload(Dossier.deports),
            joinedload(Decision.prescriptions).joinedload(Prescription.porteur),
        )
        .order_by(Decision.prise_le, Decision.id)
    ).unique()
    vault = coffre(session)
    found = []
    for one in rows:
        protege = one.dossier.menage.protege
        entry: dict[str, Any] = {
            "code": one.dossier.code,
            "decision": one.code,
            "ecrite": one.ecrite,
            "protege": protege,
            "prescriptions": [
                {
                    "code": p.code,
                    "porteur": p.porteur.nom if p.porteur and not protege else "",
                    "echeance": p.echeance.isoformat() if p.echeance else "",
                }
                for p in one.prescriptions
            ],
        }
        if not protege:
            entry["prescripteur"] = one.dossier.organisation.nom
            entry["deports"] = _deports(seance, one.dossier)
            for field in ("motif", "conditions", "expression"):
                value = getattr(one, field)
                entry[field] = vault.ouvrir(value) if value else ""
        found.append(entry)
    return found


def _recours(seance: Seance) -> AnySelect:
    return (
        select(
            Dossier.code,
            Organisation.nom.label("prescripteur"),
            Menage.protege,
            Decision.code.label("decision"),
            Recours.issue,
            Recours.reponse,
            rang(Recours.decide_le, Recours.id),
        )
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .join(Organisation, Organisation.id == Dossier.organisation_id)
        .where(Recours.seance_id == seance.id, Recours.issue.is_not(None))
    )


def _recours_dits(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the appeals that the session examined: against which decision, what they came to and why, unless
    the decision that replaces the first one says it already."""
    vault, found = coffre(session), []
    for one in sorted(rows, key=lambda row: row.rang):
        entry: dict[str, Any] = {
            "code": one.code,
            "decision": one.decision,
            "issue": one.issue.value,
            "ecrite": False,
            "protege": one.protege,
            "prescriptions": [],
        }
        if not one.protege:
            dite = one.reponse and one.issue is not IssueRecours.REVISION
            entry["prescripteur"], entry["motif"] = (
                one.prescripteur,
                vault.ouvrir(one.reponse) if dite else "",
            )
        found.append(entry)
    return found


def _reportes(seance: Seance) -> AnySelect:
    """Return what reads the dossiers that the session did not examine and that come back to another."""
    return (
        select(Dossier.code, rang(PassageSeance.rang, Dossier.id))
        .join(PassageSeance, PassageSeance.dossier_id == Dossier.id)
        .where(PassageSeance.seance_id == seance.id, PassageSeance.issue == REPORTE)
    )


def _deports(seance: Seance, dossier: Dossier) -> list[dict[str, str]]:
    """Return the organisations there that spoke of a dossier without voting, and why; "" for the one that
    presents it."""
    motifs = {one.organisation_id: one.motif.value for one in dossier.deports}
    la = {
        one.referent.organisation_id: one.referent.organisation
        for one in seance.invitations
        if one.qualite in (Qualite.PRESIDENCE, Qualite.MEMBRE) and one.presence is Presence.PRESENTE
    }
    return [
        {"organisation": found.nom, "motif": motifs.get(key, "")}
        for key, found in sorted(la.items(), key=lambda item: item[1].tri)
        if key in parties(dossier)
    ]


def reduire(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of the minutes without what it holds of the household: the code and the decision."""
    kept = {name: value for name, value in entry.items() if name not in SECRETS}
    bare = [{"code": one["code"], "porteur": "", "echeance": ""} for one in entry["prescriptions"]]
    return kept | {"reduit": True, "prescriptions": bare}


def _des_menages(seance: Seance) -> AnySelect:
    """Return what reads the codes of the dossiers of a session, and who their households are."""
    passes = select(PassageSeance.dossier_id).where(PassageSeance.seance_id == seance.id)
    decides = select(Decision.dossier_id).where(Decision.seance_id == seance.id)
    contestes = (
        select(Decision.dossier_id)
        .join(Recours, Recours.decision_id == Decision.id)
        .where(Recours.seance_id == seance.id)
    )
    return (
        select(Dossier.code, Adulte.identite, rang(Dossier.id, Adulte.id))
        .outerjoin(Adulte, and_(Adulte.menage_id == Dossier.menage_id, Adulte.identite != ""))
        .where(
            or_(
                Dossier.seance_id == seance.id,
                Dossier.id.in_(passes),
                Dossier.id.in_(decides),
                Dossier.id.in_(contestes),
            )
        )
    )


def _sans_noms(session: Session, contenu: Contenu, rows: Sequence[Any]) -> str:
    """Return the general points as the anonymised version has them: without the codes of the session's
    dossiers, the names of their households, of who was invited."""
    rows = sorted(rows, key=lambda row: row.rang)
    vault = coffre(session)
    fermees = dict.fromkeys(row.identite for row in rows if row.identite)
    identites = [lue for ferme in fermees if (lue := Identite.ouvrir(vault, ferme)) is not None]
    for college in contenu["presents"]:
        for membre in college["membres"]:
            identites += [_nomme(nom) for nom in (membre["nom"], membre["remplacant"]) if nom]
    points = Noms(identites).oter(contenu["points"])
    for code in dict.fromkeys(row.code for row in rows):
        points = points.replace(code, OTE)
    return points


def _nomme(nom: str) -> Identite:
    """Return someone known by a name alone; the birth is one that no text holds."""
    return Identite(nom, "", date.max)


def anonyme(contenu: Contenu) -> Contenu:
    """Return the anonymised version of what `composer` returned: no code, no name of anyone, no reason,
    nothing that tells a protected household; organisations by college, decisions alike together, not as they
    came on the agenda."""
    return {
        "anonyme": True,
        "presents": [
            {
                "college": one["college"],
                "membres": [m | {"nom": "", "remplacant": ""} for m in one["membres"]],
            }
            for one in contenu["presents"]
        ],
        "dossiers": sorted(
            (reduire(one) | {"code": "", "protege": False} for one in contenu["dossiers"]),
            key=lambda one: (one["decision"], [p["code"] for p in one["prescriptions"]]),
        ),
        "reportes": [""] * len(contenu.get("reportes", ())),
        "points": contenu["points_anonymes"],
    }


def libelle_decision(code: str, langue: str = "fr") -> str:
    """Return a decision in words."""
    known = decisions().get(code)
    return known.en_langue(langue) if known else code


def libelle_prescription(code: str, langue: str = "fr") -> str:
    """Return a prescription in words."""
    known = prescriptions().get(code)
    return known.en_langue(langue) if known else code


def motif_du_deport(one: dict[str, str]) -> str:
    """Return why an organisation spoke without voting."""
    return LIBELLES_DEPORT[MotifDeport(one["motif"])] if one["motif"] else PRESENTE


def dire_deport(one: dict[str, str]) -> str:
    """Say which organisation spoke without voting, and why."""
    return f"{one['organisation']} – {motif_du_deport(one)}"


def dire_prescription(one: dict[str, str]) -> str:
    """Say a prescription, who bears it, until when."""
    said = libelle_prescription(one["code"])
    if one["porteur"]:
        said += f" – {one['porteur']}"
    if one["echeance"]:
        annee, mois, jour = one["echeance"].split("-")
        said += f", avant le {jour}/{mois}/{annee}"
    return said
