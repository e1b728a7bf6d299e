"""The document that minutes make, full or anonymised (domaine.md § 7.8). In French: an official record."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_time

from portal.commissions.enums_dossiers import LIBELLES_ISSUE, IssueRecours
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ApprobationReleve
from portal.commissions.models_seances import Seance
from portal.commissions.suites_seance.contenu import (
    ETATS,
    Contenu,
    dire_deport,
    dire_prescription,
    libelle_decision,
)
from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Document, Genre, Passage, Passages
from portal.shared.jours_dits import jour_dit


def nom_de_fichier(seance: Seance, extension: str, *, complet: bool) -> str:
    """Return the name of a file of minutes: the day of the session where it is held, its version."""
    jour = seance.debut.astimezone(ZoneInfo(fuseau_de(seance.departement_code))).date()
    return f"releve-{jour}-{'complet' if complet else 'anonyme'}.{extension}"


def document(
    contenu: Contenu,
    seance: Seance,
    commission: Commission,
    *,
    projet: bool,
    approbations: Sequence[ApprobationReleve] = (),
) -> Document:
    """Return the document of some minutes, as they stand or anonymised."""
    zone = ZoneInfo(fuseau_de(seance.departement_code))
    debut = seance.debut.astimezone(zone)
    jour, heure = jour_dit(debut), format_time(debut, "HH:mm", locale="fr")
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
    if approbations:
        blocs.append(_titre("Approbation"))
        for one in approbations:
            qui = "la présidence" if contenu.get("anonyme") else one.par
            blocs.append(_texte(f"Approuvé par {qui}, le {jour_dit(one.le.astimezone(zone))}."))
    lieu = f"\nLieu : {seance.lieu}" if seance.lieu else ""
    return Document(
        titre="Relevé de décisions",
        sous_titre=f"{commission.nom}\nSéance du {jour}, {heure}{lieu}\n{version}",
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
        blocs.append(_texte("Aucun dossier n’a été décidé à cette séance."))
    for rang, one in enumerate(contenu["dossiers"], 1):
        blocs.append(_titre(f"Dossier {one['code'] or rang}", 2))
        blocs.append(_tableau(("Élément", "Relevé"), _lignes(one)))
    reportes = contenu.get("reportes", ())
    if reportes:
        dits = ", ".join(reportes) if reportes[0] else str(len(reportes))
        blocs.append(_texte(f"Dossiers non examinés, qui reviennent à une prochaine séance : {dits}."))
    return blocs


def _lignes(one: dict[str, Any]) -> list[tuple[str, str]]:
    lignes = [("Décision", libelle_decision(one["decision"]))]
    if one.get("issue"):
        lignes = [
            ("Recours contre", libelle_decision(one["decision"])),
            ("Issue", LIBELLES_ISSUE[IssueRecours(one["issue"])]),
        ]
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
    lignes += [("Déport", dire_deport(d)) for d in one.get("deports", ())]
    lignes += [("Prescription", dire_prescription(p)) for p in one["prescriptions"]]
    return lignes


def _titre(texte: str, niveau: int = 1) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=niveau)


def _texte(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))


def _tableau(entetes: tuple[str, ...], lignes: list[Any]) -> Bloc:
    return Bloc(Genre.TABLEAU, lignes=tuple(_ligne(one) for one in (entetes, *lignes)))


def _ligne(cellules: tuple[str, ...]) -> tuple[Passages, ...]:
    return tuple((Passage(cellule),) if cellule else () for cellule in cellules)
