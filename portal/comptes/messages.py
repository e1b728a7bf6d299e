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
        "comptes.email_forme": N_(
            "Écrivez une adresse électronique complète, par exemple prenom.nom@organisation.fr."
        ),
        "comptes.nom_forme": N_("Écrivez un nom de 80 caractères au plus, sur une ligne."),
        "comptes.telephone_forme": N_("Écrivez un numéro de téléphone, par exemple 02 96 00 00 00."),
        "comptes.langue_inconnue": N_("Cette langue n’est pas proposée."),
        "comptes.mot_de_passe_court": N_("Choisissez un mot de passe d’au moins %(minimum)s caractères."),
        "comptes.mot_de_passe_long": N_("Choisissez un mot de passe d’au plus %(maximum)s caractères."),
        "comptes.mot_de_passe_courant": N_(
            "Ce mot de passe est trop facile à deviner : il est très courant, ou répète les mêmes "
            "caractères. Quatre mots sans rapport font un bon mot de passe."
        ),
        "comptes.mot_de_passe_personnel": N_(
            "Ce mot de passe reprend votre adresse électronique. Choisissez-en un autre."
        ),
        "comptes.mot_de_passe_identique": N_("Choisissez un mot de passe différent de l’actuel."),
        "comptes.mot_de_passe_refuse": N_("Ce mot de passe n’est pas le vôtre."),
        "comptes.lien_perime": N_("Ce lien a expiré, a déjà servi ou a été annulé. Demandez-en un nouveau."),
        "comptes.autre_compte": N_(
            "Cette invitation est adressée à une autre personne que celle qui est connectée."
        ),
        "comptes.profil_non_accordable": N_("Vous ne pouvez pas donner ce profil dans cette organisation."),
        "comptes.departement_non_accordable": N_("Cette organisation ne travaille pas dans ce département."),
        "comptes.organisation_fermee": N_("Cette organisation est fermée : on n’y ouvre plus d’accès."),
        "comptes.successeur": N_("Cette personne ne peut pas recevoir cela : choisissez-en une autre."),
        "comptes.passation_vide": N_("Rien n’est choisi : dites à qui passer au moins une ligne."),
        "comptes.retrait_futur": N_(
            "L’accès ne peut être retiré avant le dernier jour : revenez ce jour-là, ou décochez cette case."
        ),
        "comptes.deja_membre": N_("Cette personne a déjà ce profil dans cette organisation."),
        "comptes.invitation_en_cours": N_(
            "Une invitation à ce profil attend déjà la réponse de cette personne. Vous pouvez la renvoyer."
        ),
        "comptes.email_identique": N_("C’est déjà votre adresse électronique."),
        "comptes.email_pris": N_("Cette adresse électronique est déjà celle d’un compte."),
        "comptes.second_facteur_actif": N_("Le second facteur est déjà activé."),
        "comptes.second_facteur_absent": N_("Le second facteur n’est pas activé."),
        "comptes.second_facteur_requis": N_(
            "L’un de vos profils demande le second facteur : il ne peut pas être retiré."
        ),
    }
)
