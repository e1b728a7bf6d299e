"""The values of a text that the directory gives, and how they meet what the parties write. Pure.

In annex B what the parties write completes the directory's table; elsewhere it takes its place.
"""

from collections.abc import Mapping

from portal.conventions.enums import Partie

Valeurs = Mapping[tuple[str, str], str]
"""Values by (code of the clause, code of the parameter)."""

TABLEAU = ("ANN-B", "tableau_referents")
REPRESENTANTS = {
    Partie.ETAT: ("PAR", "etat_representant"),
    Partie.SIAO: ("PAR", "siao_representant"),
    Partie.OPERATEUR: ("PAR", "operateur_representant"),
}
REFERENT, SUPPLEANT, ADRESSE = (
    ("8.4", "referent_siao"),
    ("8.4", "referent_suppleant"),
    ("8.4", "referent_adresse"),
)
FOURNIES = frozenset({TABLEAU, REFERENT, SUPPLEANT, ADRESSE, *REPRESENTANTS.values()})

CLAUSES = frozenset(code for code, _parametre in FOURNIES)


def completees(ecrites: Valeurs, annuaire: Valeurs) -> dict[tuple[str, str], str]:
    """Return the values written by the parties with those that the directory gives."""
    toutes = dict(ecrites)
    for cle, valeur in annuaire.items():
        if cle == TABLEAU:
            toutes[cle] = "\n\n".join(filter(None, (valeur, ecrites.get(cle, ""))))
        elif not ecrites.get(cle):
            toutes[cle] = valeur
    return toutes


def de_la_clause(code: str, ecrites: Mapping[str, str], annuaire: Valeurs) -> dict[str, str]:
    """Return the values of one clause, by parameter: written by the parties, given by the directory."""
    siennes = {cle: valeur for cle, valeur in annuaire.items() if cle[0] == code}
    toutes = completees({(code, parametre): valeur for parametre, valeur in ecrites.items()}, siennes)
    return {parametre: valeur for (_code, parametre), valeur in toutes.items()}


def ecrire(annuaire: Valeurs) -> dict[str, str]:
    """Return what the directory says, as a frozen text keeps it."""
    return {f"{code}/{parametre}": valeur for (code, parametre), valeur in annuaire.items()}


def lire(figees: Mapping[str, str] | None) -> dict[tuple[str, str], str]:
    """Read what `ecrire` wrote; nothing for a text frozen before the directory gave anything."""
    cles = {cle: cle.partition("/") for cle in figees or {}}
    return {(code, parametre): (figees or {})[cle] for cle, (code, _barre, parametre) in cles.items()}
