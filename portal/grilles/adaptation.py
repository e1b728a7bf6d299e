"""What a département may change in a question (domaine.md § 6.1: « paramétrable par territoire »). Pure.

Labels, help and choices are free; a scope only narrows from the national one [P]; the household's own words
always keep their place (§ 6.3: E1, E2, F4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from portal.grilles.contenu import Champ, Choix, Item
from portal.grilles.enums import A_CHOIX, Portee, Reponse
from portal.grilles.relecture import expressions
from portal.shared.errors import DomainError, DomainErrors
from portal.shared.text import normalise

LIBELLE_MAXIMUM = 160
AIDE_MAXIMUM = 500
CHOIX_MAXIMUM = 30
ITEMS_MAXIMUM = 20
"""Questions of one section: a grid that one fills with somebody stays short."""

_ORDRE = list(Portee)


def adapter(
    item: Item,
    national: Item | None,
    *,
    libelle: str,
    aide: str,
    posee: bool,
    portees: Mapping[str, Portee],
    choix: Mapping[str, str],
) -> Item:
    """Return a question as a département wants it.

    `national`: the same question of the national grid, None for one that the département added. `portees`:
    by field. `choix`: by field, one label a line; those that keep their label keep their code, so that older
    answers still read the same. Raises DomainErrors, on the fields `libelle`, `aide`, `posee`,
    `portee_<code>`, `choix_<code>`.
    """
    errors: list[DomainError] = []
    libelle, aide = _ligne(libelle), _ligne(aide)
    champs = []
    errors += _libelle(libelle, national)
    if len(aide) > AIDE_MAXIMUM:
        errors.append(DomainError("grilles.texte_long", "aide", maximum=AIDE_MAXIMUM))
    if not posee and any(champ.reponse is Reponse.PAROLE for champ in item.champs):
        errors.append(DomainError("grilles.parole", "posee"))
    plafonds = {champ.code: champ.portee for champ in national.champs} if national else {}
    for champ in item.champs:
        portee = portees.get(champ.code, champ.portee)
        if trop_larges(replace(item, champs=(replace(champ, portee=portee),)), national):
            errors.append(
                DomainError("grilles.portee_elargie", f"portee_{champ.code}", portee=plafonds[champ.code])
            )
        proposes = champ.choix
        if champ.reponse in A_CHOIX and champ.code in choix:
            try:
                proposes = lire_choix(champ, choix[champ.code], national)
            except DomainError as error:
                errors.append(error)
        champs.append(replace(champ, portee=portee, choix=proposes))
    if errors:
        raise DomainErrors(errors)
    return replace(item, libelle=libelle, aide=aide, posee=posee, champs=tuple(champs))


def trop_larges(item: Item, national: Item | None) -> list[Champ]:
    """Return the fields of a question that go further than the national grid lets them."""
    plafonds = {champ.code: champ.portee for champ in national.champs} if national else {}
    return [
        champ
        for champ in item.champs
        if _ORDRE.index(champ.portee) < _ORDRE.index(plafonds.get(champ.code, Portee.P1))
    ]


def resserrer(item: Item, national: Item | None) -> Item:
    """Return a question whose fields go no further than the national grid lets them today."""
    larges = {champ.code for champ in trop_larges(item, national)}
    if national is None or not larges:
        return item
    plafonds = {champ.code: champ.portee for champ in national.champs}
    champs = (replace(c, portee=plafonds[c.code]) if c.code in larges else c for c in item.champs)
    return replace(item, champs=tuple(champs))


def nouvel_item(code: str, libelle: str, aide: str, reponse: Reponse, portee: Portee, choix: str) -> Item:
    """Return a question that a département adds, with one field. Raises DomainErrors, as `adapter`.

    Fields: `libelle`, `aide`, `choix_reponse`.
    """
    champ = Champ("reponse", "", reponse, portee)
    vide = Item(code, "", "", (champ,))
    choices = {"reponse": choix} if reponse in A_CHOIX else {}
    return adapter(vide, None, libelle=libelle, aide=aide, posee=True, portees={}, choix=choices)


def lire_choix(champ: Champ, texte: str, national: Item | None) -> tuple[Choix, ...]:
    """Return the choices typed one a line. Raises DomainError, field `choix_<code>`."""
    field = f"choix_{champ.code}"
    lignes = [ligne for brut in texte.splitlines() if (ligne := _ligne(brut))]
    if len(lignes) < 2:
        raise DomainError("grilles.choix_obligatoires", field)
    if len(lignes) > CHOIX_MAXIMUM:
        raise DomainError("grilles.choix_nombreux", field, maximum=CHOIX_MAXIMUM)
    if long := next((ligne for ligne in lignes if len(ligne) > LIBELLE_MAXIMUM), None):
        raise DomainError("grilles.texte_long", field, maximum=LIBELLE_MAXIMUM, choix=long)
    vus: set[str] = set()
    for ligne in lignes:
        if normalise(ligne) in vus:
            raise DomainError("grilles.choix_double", field, choix=ligne)
        vus.add(normalise(ligne))
    _refuser_hors_champ(_nouveaux(lignes, national), field)
    connus = {normalise(choix.libelle): choix.code for choix in champ.choix}
    pris = set(connus.values())
    proposes = []
    for ligne in lignes:
        code = connus.get(normalise(ligne)) or _code(ligne, pris)
        pris.add(code)
        proposes.append(Choix(code, ligne))
    return tuple(proposes)


def code_suivant(section: str, pris: Sequence[str]) -> str:
    """Return the code of the next question that a département adds to a section, as « DL1 »: never that of a
    question which the national grid may add one day, nor one that served.

    Raises DomainError when the section is full.
    """
    codes = [code for code in pris if code[0] == section]
    if len(codes) >= ITEMS_MAXIMUM:
        raise DomainError("grilles.section_pleine", "section", maximum=ITEMS_MAXIMUM)
    rangs = [int(code[2:]) for code in codes if code[1] == "L"]
    return f"{section}L{max(rangs, default=0) + 1}"


def _libelle(libelle: str, national: Item | None) -> list[DomainError]:
    if not libelle:
        return [DomainError("grilles.libelle_obligatoire", "libelle")]
    if len(libelle) > LIBELLE_MAXIMUM:
        return [DomainError("grilles.texte_long", "libelle", maximum=LIBELLE_MAXIMUM)]
    try:
        _refuser_hors_champ([] if national and national.libelle == libelle else [libelle], "libelle")
    except DomainError as error:
        return [error]
    return []


def _refuser_hors_champ(textes: Sequence[str], field: str) -> None:
    """Refuse a question, or a choice, about what a grid has no place for (§ 6.3, « INT »)."""
    for texte in textes:
        if found := expressions(texte):
            raise DomainError("grilles.hors_champ", field, mot=found[0].mot, famille=found[0].touche)


def _nouveaux(lignes: Sequence[str], national: Item | None) -> list[str]:
    connus = {choix.libelle for champ in national.champs for choix in champ.choix} if national else set()
    return [ligne for ligne in lignes if ligne not in connus]


def _code(libelle: str, pris: set[str]) -> str:
    base = normalise(libelle).replace(" ", "_")[:30].strip("_") or "choix"
    base = base if base[0].isalpha() else f"c_{base}"
    code, rang = base, 2
    while code in pris:
        code, rang = f"{base}_{rang}", rang + 1
    return code


def _ligne(texte: str) -> str:
    return " ".join(texte.split())
