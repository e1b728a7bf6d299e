"""The words of the field for what a cell says nothing of, for states, for modes, for periods."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from portal.conventions.enums import Mode, Statut
from portal.shared.errors import DomainError
from portal.shared.text import normalise

ETATS: Mapping[str, Statut] = {
    texte: statut
    for statut, textes in {
        Statut.A_ENGAGER: "a engager|prevue|prevu|planifiee|planifie|a faire|non engagee|non demarree|"
        "a venir|non commencee|non|non signee|non signe|"
        "a lancer|a contacter|a rencontrer|pas commence|a programmer",
        Statut.PROJET: "projet|brouillon|en preparation|en redaction|en cours de redaction|a rediger|"
        "redaction|projet redige|en cours d ecriture|initiee|initie",
        Statut.EN_NEGOCIATION: "en negociation|negociation|en cours|en cours de negociation|en discussion|"
        "a relancer|relance|relance faite|relancee|en attente|en attente de retour|"
        "en attente retour operateur|attente retour|projet envoye|envoyee|envoye|transmise|transmis|demarree|"
        "engagee|en relecture|a finaliser",
        Statut.ACCORD_DE_PRINCIPE: "accord de principe|accord|validee|valide|accord trouve|finalisee",
        Statut.EN_SIGNATURE: "en signature|a signer|en cours de signature|signature en cours|"
        "en attente de signature|en attente signature|attente signature|a la signature|au parapheur|"
        "en attente de la signature de l etat|en attente signature prefet|envoyee pour signature|"
        "transmise pour signature|partiellement signee|en circuit de signature",
        Statut.SIGNEE: "signee|signe|signee a venir|en vigueur|active|actif|a renouveler|echue|expiree|"
        "remplacee|oui|faite|fait|conventionnee|conventionne|renouvelee|en cours de validite|"
        "a jour|en cours de renouvellement|renouvellement en cours|signee par les trois parties|"
        "convention signee|ctp signee|ok",
    }.items()
    for texte in textes.split("|")
}
ETATS_DU_PORTAIL = frozenset(
    {"suspendue", "suspendu", "bloquee", "bloque", "sans objet", "abandonnee", "abandonne", "resiliee"}
)
EN_COURS = frozenset({"en cours", "validee", "valide"})  # of a line that bears a signature: in force
OUI = frozenset({"oui", "x", "ok", "signe", "signee", "fait"})
MODES: Mapping[str, Mode] = {
    "gre a gre": Mode.GRE_A_GRE,
    "gre": Mode.GRE_A_GRE,
    "individuel": Mode.GRE_A_GRE,
    "individuelle": Mode.GRE_A_GRE,
    "bilateral": Mode.GRE_A_GRE,
    "bilaterale": Mode.GRE_A_GRE,
    "dialogue de gestion": Mode.GRE_A_GRE,
    "collectif": Mode.COLLECTIF,
    "collective": Mode.COLLECTIF,
    "tour collectif": Mode.COLLECTIF,
    "groupe": Mode.COLLECTIF,
}

_MOIS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_PERIODE = re.compile(
    rf"(?:fin |courant |d ici )?(?:(?P<mois>{_MOIS})|(?P<chiffre>0?[1-9]|1[0-2])"
    r"|t ?(?P<t>[1-4])|(?P<trimestre>[1-4])(?:er|e|eme|nd)? (?:trimestre|trim)"
    r"|(?P<semestre>[12])(?:er|e|eme|nd)? (?:semestre|sem)|s(?P<s>[12])|annee|fin|courant)? ?(?P<an>20\d\d)"
)


def fin_de_periode(valeur: str) -> date | None:
    """Return the last day of a month, a quarter, a half-year or a year: « T4 2026 », « juin 2026 »."""
    trouvee = _PERIODE.fullmatch(normalise(valeur))
    if trouvee is None:
        return None
    dite = trouvee.groupdict()
    trimestre, semestre = dite["t"] or dite["trimestre"], dite["semestre"] or dite["s"]
    if dite["mois"]:
        mois = _MOIS.split("|").index(dite["mois"]) + 1
    elif dite["chiffre"]:
        mois = int(dite["chiffre"])
    else:
        mois = int(trimestre) * 3 if trimestre else int(semestre) * 6 if semestre else 12
    annee = int(dite["an"])
    return date(annee, mois, monthrange(annee, mois)[1])


def statut_choisi(valeur: str) -> Statut:
    """Return the state that a person chose for a word of the file; raises DomainError."""
    if valeur not in {statut.value for statut in ETATS.values()}:
        raise DomainError("conventions.import_etat_inconnu", "etat", valeur=valeur)
    return Statut(valeur)
