"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "grilles.absente": N_(
            "Aucune grille n’est chargée : demandez à l’administration technique de le faire."
        ),
        "grilles.version_publiee": N_(
            "Cette grille est publiée : elle ne change plus. Ouvrez un brouillon pour préparer la suivante."
        ),
        "grilles.inchangee": N_("Rien ne change par rapport à la version enregistrée."),
        "grilles.motif_obligatoire": N_(
            "Dites pourquoi cette question change : le motif est gardé au journal."
        ),
        "grilles.texte_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "grilles.libelle_obligatoire": N_("Écrivez la question."),
        "grilles.hors_champ": N_(
            "« %(mot)s » touche à %(famille)s : une grille n’a pas de question là-dessus. Demandez ce dont "
            "le logement a besoin, jamais pourquoi."
        ),
        "grilles.portee_elargie": N_(
            "Cette réponse ne peut pas aller plus loin que dans la grille nationale : %(portee)s."
        ),
        "grilles.trop_large": N_(
            "La grille nationale a changé : ces questions vont maintenant plus loin qu’elle, resserrez-les "
            "d’abord : %(liste)s."
        ),
        "grilles.choix_obligatoires": N_("Donnez au moins deux choix, un par ligne."),
        "grilles.choix_nombreux": N_("Donnez %(maximum)s choix au plus."),
        "grilles.choix_double": N_("Ce choix est écrit deux fois : %(choix)s."),
        "grilles.section_pleine": N_("Cette section a déjà %(maximum)s questions : retirez-en une d’abord."),
        "grilles.section_vide": N_(
            "Gardez au moins une question dans chaque section : il n’en reste pas en %(section)s."
        ),
        "grilles.parole": N_("Les mots du ménage ont toujours leur place : cette question ne se retire pas."),
        "grilles.deja_validee": N_("Votre partie a déjà validé cette grille."),
        "grilles.validations_manquantes": N_("Il manque la validation de : %(liste)s."),
        "grilles.identique": N_(
            "Cette grille est la même que la dernière publiée : il n’y a rien à publier."
        ),
    }
)
