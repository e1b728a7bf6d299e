"""The journal of a line as sentences: what was done, by whom, what changed from what to what."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_MODE, LIBELLES_PARTIE, Etat, Mode, Partie
from portal.conventions.redaction.enums import LIBELLES_FORME, FormeSignature
from portal.shared.messages import N_
from portal.web.conventions import tableau
from portal.web.filters import show_date, show_datetime

ACTIONS: dict[str, tuple[str, str]] = {
    "convention:creer": (N_("Ligne ouverte"), "info"),
    "convention:renouveler": (N_("Renouvellement ouvert"), "info"),
    "convention:importer": (N_("Ligne importée"), "info"),
    "convention:modifier": (N_("Ligne modifiée"), "neutre"),
    "convention:engager": (N_("Projet ouvert"), "info"),
    "convention:negocier": (N_("Négociation ouverte"), "info"),
    "convention:accorder": (N_("Accord de principe constaté"), "info"),
    "convention:mettre_en_signature": (N_("Mise en signature"), "attente"),
    "convention:rouvrir": (N_("Négociation rouverte"), "alerte"),
    "convention:suspendre": (N_("Négociation suspendue"), "alerte"),
    "convention:reprendre": (N_("Négociation reprise"), "info"),
    "convention:classer": (N_("Classée sans objet"), "neutre"),
    "convention:proposer_classement": (N_("Classement sans objet proposé"), "attente"),
    "convention:ecarter_classement": (N_("Proposition de classement écartée"), "info"),
    "convention:fusion": (N_("Fusion d’organisations"), "alerte"),
    "convention:reprise": (N_("Convention signée ailleurs enregistrée"), "succes"),
    "convention:corriger": (N_("Dates corrigées"), "neutre"),
    "convention:recouper": (N_("Dernier jour déplacé par une autre convention du couple"), "alerte"),
    "convention:resilier": (N_("Résiliation enregistrée"), "danger"),
    "convention:annuler_resiliation": (N_("Résiliation annulée"), "info"),
    "convention:deplacer_cible": (N_("Date cible déplacée"), "attente"),
    "convention:confier": (N_("Personne en charge changée"), "neutre"),
    "convention:copier_si_siao": (N_("Copie dans le SI SIAO"), "neutre"),
    "texte:ouvrir": (N_("Texte ouvert à la rédaction"), "info"),
    "texte:regler": (N_("Clauses recalculées"), "neutre"),
    "texte:version": (N_("Texte mis à la dernière version du département"), "info"),
    "texte:positions": (N_("Clauses proposées ou à examiner de nouveau"), "neutre"),
    "texte:tour": (N_("Clauses remplies à la clôture d’un tour collectif"), "info"),
    "texte:reprendre": (N_("Clauses reprises de la convention précédente"), "info"),
    "texte:forme": (N_("Forme et signataires choisis"), "neutre"),
    "texte:encadrer": (N_("Cadre de la négociation modifié"), "neutre"),
    "engagement:lier": (N_("Engagement relié à un acte"), "neutre"),
    "engagement:delier": (N_("Engagement délié d’un acte"), "neutre"),
    "signature:enregistrer": (N_("Signature enregistrée"), "succes"),
    "signature:retirer": (N_("Signature retirée"), "alerte"),
    "signature:accepter": (N_("Texte signé"), "succes"),
    "signature:refuser": (N_("Signature refusée"), "danger"),
    "signature:relancer": (N_("Relance pour la signature"), "neutre"),
    "texte:figer": (N_("Texte figé"), "attente"),
    "texte:annuler": (N_("Texte figé annulé, avec ses signatures"), "alerte"),
    "avenant:proposer": (N_("Avenant proposé"), "attente"),
    "avenant:ecarter": (N_("Proposition d’avenant écartée"), "info"),
    "avenant:ouvrir": (N_("Avenant ouvert"), "info"),
    "avenant:negocier": (N_("Négociation de l’avenant ouverte"), "info"),
    "avenant:figer": (N_("Avenant figé"), "attente"),
    "avenant:rouvrir": (N_("Négociation de l’avenant rouverte"), "alerte"),
    "avenant:accepter": (N_("Avenant signé par une partie"), "succes"),
    "avenant:refuser_signature": (N_("Signature de l’avenant refusée"), "danger"),
    "avenant:refuser": (N_("Avenant refusé"), "danger"),
    "avenant:abandonner": (N_("Avenant abandonné"), "neutre"),
    "convention:annuler_import": (N_("Import annulé"), "neutre"),
    "document:demander": (N_("Document demandé"), "neutre"),
    "document:lier": (N_("Document ajouté"), "neutre"),
    "document:delier": (N_("Document retiré"), "neutre"),
}

CHAMPS: dict[str, str] = {
    "statut": N_("État"),
    "mode": N_("Mode de négociation"),
    "dialogue_gestion_le": N_("Dialogue de gestion"),
    "date_cible": N_("Date cible"),
    "date_signature": N_("Date de signature"),
    "date_effet": N_("Date d’effet"),
    "date_fin": N_("Date de fin"),
    "fin_effective": N_("Dernier jour effectif"),
    "tacite_reconduction": N_("Tacite reconduction"),
    "mise_en_demeure_le": N_("Date de la mise en demeure"),
    "resiliation_notifiee_le": N_("Résiliation notifiée le"),
    "resiliation_effet": N_("Effet de la résiliation"),
    "resiliee_par": N_("Partie qui résilie"),
    "motif": N_("Motif"),
    "raison": N_("Motif"),
    "partie": N_("Partie"),
    "document": N_("Document"),
    "notes": N_("Notes"),
    "natures": N_("Natures"),
    "forme": N_("Forme et signataires"),
    "version_departementale": N_("Version départementale"),
    "signatures": N_("Signatures"),
}
"""Fields that are shown; the others are keys of the database, or said by the title."""

OUVERTURES = frozenset({"convention:creer", "convention:renouveler", "convention:importer"})


def evenements(entrees: Any, fuseau: str) -> list[dict[str, Any]]:
    """Return the entries of the journal as the component `frise` shows them."""
    return [_evenement(entree, fuseau) for entree in entrees]


def _evenement(entree: Any, fuseau: str) -> dict[str, Any]:
    acte = entree.action.partition(":")[2]
    titre, ton = ACTIONS.get(acte, (acte, "neutre"))
    return {
        "titre": _(titre),
        "quand": show_datetime(entree.le, fuseau),
        "auteur": entree.auteur,
        "ton": ton,
        "detail": " · ".join(_details(entree.changements, ouverture=acte in OUVERTURES)) or None,
    }


def _details(changements: dict[str, Any], *, ouverture: bool) -> list[str]:
    textes = []
    for champ, valeur in changements.items():
        if champ not in CHAMPS:
            continue
        nom = _(CHAMPS[champ])
        if isinstance(valeur, list) and len(valeur) == 2:
            avant, apres = _texte(champ, valeur[0]), _texte(champ, valeur[1])
            if champ == "notes":
                textes.append(nom)
            else:
                textes.append(_("%(champ)s : %(avant)s → %(apres)s", champ=nom, avant=avant, apres=apres))
        elif not ouverture or champ in {"date_cible", "natures"}:
            textes.append(_("%(champ)s : %(valeur)s", champ=nom, valeur=_texte(champ, valeur)))
    return textes


def _texte(champ: str, valeur: Any) -> str:
    if valeur is None or valeur in ("", {}, []):
        return "—"
    if champ == "forme":
        return _(LIBELLES_FORME[FormeSignature(valeur)])
    if isinstance(valeur, bool):
        return _("oui") if valeur else _("non")
    if isinstance(valeur, dict):
        return ", ".join(_paire(champ, cle, element) for cle, element in valeur.items())
    if isinstance(valeur, list):
        return ", ".join(_(LIBELLES_PARTIE[Partie(code)]) for code in valeur)
    if champ == "statut":
        etats = tableau.mots().etats
        return _("Signée") if valeur == "signee" else etats[Etat(valeur)]
    if champ == "mode":
        return _(LIBELLES_MODE[Mode(valeur)])
    if champ in {"partie", "resiliee_par"}:
        return _(LIBELLES_PARTIE[Partie(valeur)])
    return _date(valeur) or str(valeur)


def _paire(champ: str, cle: str, valeur: Any) -> str:
    if champ == "natures":
        nom = tableau.mots().natures.get(cle, cle)
        return nom if valeur is None else f"{nom} ({valeur})"
    if champ == "signatures":
        return f"{_(LIBELLES_PARTIE[Partie(cle)])} {_date(valeur)}"
    return f"{cle} {valeur}"


def _date(valeur: Any) -> str:
    try:
        return show_date(date.fromisoformat(valeur)) if isinstance(valeur, str) and len(valeur) == 10 else ""
    except ValueError:
        return ""
