"""French texts of what a person is told when a job does not end well."""

from portal.documents import messages as documents_messages  # noqa: F401  (a job tells of files too)
from portal.shared.messages import N_, register

register(
    {
        "travail.inattendu": N_(
            "Ce travail s’est arrêté sur une erreur inattendue. Rien n’a été enregistré à moitié. "
            "Réessayez ; si l’erreur revient, signalez la référence %(reference)s."
        ),
        "travail.interrompu": N_(
            "Ce travail a été interrompu plusieurs fois avant sa fin. Relancez-le, ou signalez la référence "
            "%(reference)s."
        ),
        "travail.genre_inconnu": N_("Cette version du portail ne sait pas faire ce travail (%(genre)s)."),
    }
)
