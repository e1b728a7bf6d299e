"""French texts of domain errors, by code. Translation happens when they are shown."""

from portal.shared.errors import DomainError

_TEXTS: dict[str, str] = {}


def N_(text: str) -> str:
    """Mark a French text for the translation catalogue without translating it now."""
    return text


def register(texts: dict[str, str]) -> None:
    """Add texts to the registry; a code is registered once."""
    for code, text in texts.items():
        if _TEXTS.setdefault(code, text) != text:
            raise ValueError(f"error code registered twice: {code}")


def text_of(error: DomainError) -> str:
    """Return the French text of an error, before translation and before its parameters are filled."""
    return _TEXTS[error.code]


register(
    {
        "obligatoire": N_("Ce champ est obligatoire."),
        "introuvable": N_("Cet élément est introuvable."),
        "date_invalide": N_("Cette date n’existe pas. Écrivez-la jour/mois/année, par exemple 31/12/2026."),
        "date_absurde": N_("Cette date est hors des limites acceptées (de 1990 à 2100)."),
        "etat.transition_impossible": N_(
            "Cette action n’est pas possible dans l’état actuel (%(etat)s). Rechargez la page."
        ),
    }
)
