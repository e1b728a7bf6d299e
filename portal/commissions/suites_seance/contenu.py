"""What minutes say (domaine.md § 7.8), and the document they make. In French: it is an official record.

Votes are never in them. Of a dossier of the protected circuit they hold the code and the decision alone.
"""

from datetime import date
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.commissions.enums import Presence, Reponse
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision, PassageSeance, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.nomenclatures import decisions, prescriptions
from portal.commissions.suites_seance.queries import PRISES
from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Document, Genre, Passage, Passages
from portal.grilles.fin_de_vie.protection import OTE, Noms
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Adulte
from portal.security.coffre import coffre
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
SECRETS = ("motif", "conditions", "expression", "prescripteur")
"""What a decision holds of the household: never in the anonymised version, nor past its time."""


def composer(session: Session, seance: Seance, points: str) -> Contenu:
    """Return what the minutes of a session, its invitations loaded, say today. One statement."""
    return {
        "presents": _presents(seance),
        "dossiers": _dossiers(session, seance),
        "points": points,
    }


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
            for field in ("motif", "conditions", "expression"):
                value = getattr(one, field)
                entry[field] = vault.ouvrir(value) if value else ""
        found.append(entry)
    return found


def reduire(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of the minutes without what it holds of the household: the code and the decision."""
    kept = {name: value for name, value in entry.items() if name not in SECRETS}
    bare = [{"code": one["code"], "porteur": "", "echeance": ""} for one in entry["prescriptions"]]
    return kept | {"reduit": True, "prescriptions": bare}


def sans_noms(session: Session, seance: Seance, contenu: Contenu) -> Contenu:
    """Return what minutes say, with their general points as the anonymised version has them: without the
    codes of the session's dossiers, the names of their households, of who was invited. One statement."""
    passes = select(PassageSeance.dossier_id).where(PassageSeance.seance_id == seance.id)
    decides = select(Decision.dossier_id).where(Decision.seance_id == seance.id)
    rows = session.execute(
        select(Dossier.code, Adulte.identite)
        .outerjoin(Adulte, and_(Adulte.menage_id == Dossier.menage_id, Adulte.identite != ""))
        .where(or_(Dossier.seance_id == seance.id, Dossier.id.in_(passes), Dossier.id.in_(decides)))
        .order_by(Dossier.id, Adulte.id)
    ).all()
    vault = coffre(session)
    fermees = dict.fromkeys(row.identite for row in rows if row.identite)
    identites = [lue for ferme in fermees if (lue := Identite.ouvrir(vault, ferme)) is not None]
    for college in contenu["presents"]:
        for membre in college["membres"]:
            identites += [_nomme(nom) for nom in (membre["nom"], membre["remplacant"]) if nom]
    points = Noms(identites).oter(contenu["points"])
    for code in dict.fromkeys(row.code for row in rows):
        points = points.replace(code, OTE)
    return contenu | {"points_anonymes": points}


def _nomme(nom: str) -> Identite:
    """Return someone known by a name alone; the birth is one that no text holds."""
    return Identite(nom, "", date.max)


def anonyme(contenu: Contenu) -> Contenu:
    """Return the anonymised version of what `sans_noms` returned: no code, no name of anyone, no reason,
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
        "points": contenu["points_anonymes"],
    }


def nom_de_fichier(seance: Seance, extension: str, *, complet: bool) -> str:
    """Return the name of a file of minutes: the day of the session where it is held, its version."""
    jour = seance.debut.astimezone(ZoneInfo(fuseau_de(seance.departement_code))).date()
    return f"releve-{jour}-{'complet' if complet else 'anonyme'}.{extension}"


def document(contenu: Contenu, seance: Seance, commission: Commission, *, projet: bool) -> Document:
    """Return the document of some minutes, as they stand or anonymised."""
    zone = ZoneInfo(fuseau_de(seance.departement_code))
    debut = seance.debut.astimezone(zone)
    jour, heure = format_date(debut, "d MMMM yyyy", locale="fr"), format_time(debut, "HH:mm", locale="fr")
    version = (
        "Version anonymisée"
        if contenu.get("anonyme")
        else "Version complète, réservée aux membres qui ont siégé"
    )
    blocs = [*_blocs_presents(contenu), *_blocs_dossiers(contenu)]
    if contenu["points"]:
        blocs += [
            _titre("Points généraux"),
            *(_texte(ligne) for ligne in contenu["points"].split("\n") if ligne.strip()),
        ]
    return Document(
        titre="Relevé de décisions",
        sous_titre=f"{commission.nom}\nSéance du {jour}, {heure}\n{version}",
        blocs=tuple(blocs),
        projet=projet,
        pied=f"{commission.nom} – relevé de décisions",
    )


def _blocs_presents(contenu: Contenu) -> list[Bloc]:
    blocs = [_titre("Présents, excusés, absents")]
    for one in contenu["presents"]:
        blocs.append(_titre(one["college"] or "Présidence et secrétariat", 2))
        nomme = not contenu.get("anonyme")
        entetes = ("Organisation", "Nom", "Présence") if nomme else ("Organisation", "Présence")
        lignes = [(m["organisation"], *((m["nom"],) if nomme else ()), _presence(m)) for m in one["membres"]]
        blocs.append(_tableau(entetes, lignes))
    return blocs


def _presence(membre: dict[str, str]) -> str:
    said = ETATS[membre["etat"]]
    return f"{said} : {membre['remplacant']}" if membre["remplacant"] else said


def _blocs_dossiers(contenu: Contenu) -> list[Bloc]:
    blocs = [_titre("Décisions")]
    if not contenu["dossiers"]:
        return [*blocs, _texte("Aucun dossier n’a été décidé à cette séance.")]
    for rang, one in enumerate(contenu["dossiers"], 1):
        blocs.append(_titre(f"Dossier {one['code'] or rang}", 2))
        blocs.append(_tableau(("Élément", "Relevé"), _lignes(one)))
    return blocs


def _lignes(one: dict[str, Any]) -> list[tuple[str, str]]:
    lignes = [("Décision", libelle_decision(one["decision"]))]
    if one["ecrite"]:
        lignes.append(("Comment", "Par écrit, en urgence"))
    for nom, champ in (
        ("Prescripteur", "prescripteur"),
        ("Motif", "motif"),
        ("Conditions", "conditions"),
        ("Expression du ménage", "expression"),
    ):
        if one.get(champ):
            lignes.append((nom, one[champ]))
    lignes += [("Prescription", dire_prescription(p)) for p in one["prescriptions"]]
    return lignes


def libelle_decision(code: str, langue: str = "fr") -> str:
    """Return a decision in words."""
    known = decisions().get(code)
    return known.en_langue(langue) if known else code


def libelle_prescription(code: str, langue: str = "fr") -> str:
    """Return a prescription in words."""
    known = prescriptions().get(code)
    return known.en_langue(langue) if known else code


def dire_prescription(one: dict[str, str]) -> str:
    """Say a prescription, who bears it, until when."""
    said = libelle_prescription(one["code"])
    if one["porteur"]:
        said += f" – {one['porteur']}"
    if one["echeance"]:
        annee, mois, jour = one["echeance"].split("-")
        said += f", avant le {jour}/{mois}/{annee}"
    return said


def _titre(texte: str, niveau: int = 1) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=niveau)


def _texte(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))


def _tableau(entetes: tuple[str, ...], lignes: list[Any]) -> Bloc:
    return Bloc(Genre.TABLEAU, lignes=tuple(_ligne(one) for one in (entetes, *lignes)))


def _ligne(cellules: tuple[str, ...]) -> tuple[Passages, ...]:
    return tuple((Passage(cellule),) if cellule else () for cellule in cellules)
