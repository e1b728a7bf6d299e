"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "comptes.identifiants_refuses": N_(
            "Adresse électronique ou mot de passe incorrect. Vérifiez les deux, ou demandez un nouveau mot "
            "de passe."
        ),
        "comptes.trop_d_essais": N_("Trop d’essais. Attendez %(minutes)s min avant d’essayer de nouveau."),
        "comptes.sans_acces": N_(
            "Votre compte n’a plus d’accès ouvert. Adressez-vous à l’administration de votre organisation."
        ),
        "comptes.code_refuse": N_(
            "Code incorrect ou déjà utilisé. Attendez le code suivant de votre application, ou donnez un "
            "code de secours."
        ),
    }
)
