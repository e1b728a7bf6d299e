"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "modeles.absents": N_(
            "Aucun modèle n’est chargé : demandez à l’administration technique de le faire."
        ),
        "modeles.version_publiee": N_(
            "Cette version est publiée : elle ne change plus. Ouvrez un brouillon pour préparer la suivante."
        ),
        "modeles.champ_inconnu": N_("Ce champ n’est pas une partie verte du modèle."),
        "modeles.motif_obligatoire": N_(
            "Dites pourquoi cette valeur change : le motif est gardé au journal."
        ),
        "modeles.motif_long": N_("Ce motif est trop long : %(maximum)s caractères au plus."),
        "modeles.champ_inchange": N_("Cette valeur est déjà celle de la version."),
        "modeles.texte_champs_manquants": N_(
            "Gardez dans le texte les champs de la clause ; il manque : %(liste)s."
        ),
        "modeles.texte_champ_inconnu": N_("Le texte emploie un champ qui n’existe pas : %(liste)s."),
        "modeles.texte_renvoi_inconnu": N_(
            "Le texte renvoie à une clause qui n’existe pas dans le modèle : %(liste)s."
        ),
        "modeles.incomplete": N_("Il reste des parties vertes à compléter : %(liste)s."),
        "modeles.deja_validee": N_("Votre partie a déjà validé cette version."),
        "modeles.validations_manquantes": N_("Il manque la validation de : %(liste)s."),
        "modeles.deja_adopte": N_("Votre partie a déjà adopté ce modèle."),
        "modeles.modele_depasse": N_(
            "Une nouvelle version du modèle a paru entre-temps : relisez-la d’abord."
        ),
        "modeles.deja_a_jour": N_("Ce brouillon est déjà sur la dernière version du modèle national."),
    }
)
