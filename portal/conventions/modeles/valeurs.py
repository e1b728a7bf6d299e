"""Checking the value given to a parameter, green or yellow: type, bounds with their origin. Pure."""

from portal.conventions.modeles.contenu import Parametre, TypeParametre
from portal.conventions.modeles.texte import afficher
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError
from portal.shared.messages import N_, register

LONGUEUR_LIGNE = 300
LONGUEUR_TEXTE = 20_000

register(
    {
        "modeles.valeur_obligatoire": N_("« %(libelle)s » est à compléter."),
        "modeles.valeur_entier": N_("Écrivez un nombre entier, en chiffres (%(unite)s)."),
        "modeles.valeur_entier_nu": N_("Écrivez un nombre entier, en chiffres."),
        "modeles.valeur_hors_bornes": N_(
            "Valeur refusée : « %(libelle)s » va de %(minimum)s à %(maximum)s. Référence : %(origine)s."
        ),
        "modeles.valeur_minimum": N_(
            "Valeur refusée : « %(libelle)s » est au moins de %(minimum)s. Référence : %(origine)s."
        ),
        "modeles.valeur_maximum": N_(
            "Valeur refusée : « %(libelle)s » est au plus de %(maximum)s. Référence : %(origine)s."
        ),
        "modeles.valeur_choix": N_("Choisissez une des valeurs proposées."),
        "modeles.valeur_longue": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
    }
)


def lire_valeur(parametre: Parametre, brut: str, field: str = "valeur") -> str:
    """Return the value to store for what someone typed: digits, ISO date, code of a choice, text.

    "" stands for « not given », which an optional parameter accepts. Raises DomainError (field `field`); out
    of bounds, the refusal names the reference that sets them.
    """
    texte = brut.replace("\r\n", "\n").strip()
    if not texte:
        if parametre.obligatoire:
            raise DomainError("modeles.valeur_obligatoire", field, libelle=parametre.libelle)
        return ""
    if parametre.type is TypeParametre.NOMBRE:
        return _nombre(parametre, texte, field)
    if parametre.type is TypeParametre.DATE:
        jour = parse_date(texte, field)
        return jour.isoformat() if jour else ""
    if parametre.type is TypeParametre.OUI_NON:
        return _parmi(texte, ("oui", "non"), field)
    if parametre.type is TypeParametre.CHOIX:
        return _parmi(texte, tuple(valeur for valeur, _libelle in parametre.choix), field)
    return _texte(parametre, texte, field)


def bornes(parametre: Parametre) -> tuple[str, str]:
    """Return both bounds with their unit, "" for one that does not exist."""
    return (
        "" if parametre.minimum is None else afficher(parametre, str(parametre.minimum)),
        "" if parametre.maximum is None else afficher(parametre, str(parametre.maximum)),
    )


def _nombre(parametre: Parametre, texte: str, field: str) -> str:
    digits = "".join(texte.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        if parametre.unite:
            raise DomainError("modeles.valeur_entier", field, unite=parametre.unite)
        raise DomainError("modeles.valeur_entier_nu", field)
    number = int(digits)
    minimum, maximum = bornes(parametre)
    below = parametre.minimum is not None and number < parametre.minimum
    above = parametre.maximum is not None and number > parametre.maximum
    if below or above:
        code = "modeles.valeur_hors_bornes"
        if not (minimum and maximum):
            code = "modeles.valeur_minimum" if minimum else "modeles.valeur_maximum"
        raise DomainError(
            code,
            field,
            libelle=parametre.libelle,
            minimum=minimum,
            maximum=maximum,
            origine=parametre.origine.rstrip(".") or "modèle",
        )
    return str(number)


def _parmi(texte: str, allowed: tuple[str, ...], field: str) -> str:
    if texte not in allowed:
        raise DomainError("modeles.valeur_choix", field)
    return texte


def _texte(parametre: Parametre, texte: str, field: str) -> str:
    long = parametre.type is TypeParametre.TEXTE_LONG
    maximum = LONGUEUR_TEXTE if long else LONGUEUR_LIGNE
    if len(texte) > maximum:
        raise DomainError("modeles.valeur_longue", field, maximum=maximum)
    return texte if long else " ".join(texte.split())
