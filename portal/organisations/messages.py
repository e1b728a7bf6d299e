"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "organisations.siren_forme": N_("Un SIREN compte neuf chiffres."),
        "organisations.siren_cle": N_("Ce SIREN n’existe pas : sa clé est fausse. Vérifiez les chiffres."),
        "organisations.siret_forme": N_("Un SIRET compte quatorze chiffres."),
        "organisations.siret_cle": N_("Ce SIRET n’existe pas : sa clé est fausse. Vérifiez les chiffres."),
        "organisations.finess_forme": N_(
            "Un numéro FINESS compte neuf chiffres (en Corse : 2A ou 2B puis sept)."
        ),
        "organisations.finess_cle": N_(
            "Ce numéro FINESS n’existe pas : sa clé est fausse. Vérifiez les chiffres."
        ),
        "organisations.nom_obligatoire": N_("Écrivez un nom."),
        "organisations.trop_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "organisations.siret_autre_siren": N_("Ce SIRET n’appartient pas à ce SIREN."),
        "organisations.siren_existe": N_(
            "Une organisation de ce type porte déjà ce SIREN. Rattachez-la à votre département."
        ),
        "organisations.siren_introuvable": N_("Aucune organisation ouverte de ce type ne porte ce SIREN."),
        "organisations.type_fige": N_("Le type d’une organisation ne change pas : ouvrez-en une autre."),
        "organisations.departement_inconnu": N_("Ce département n’existe pas."),
        "organisations.departement_habite": N_(
            "L’organisation a des structures ouvertes dans le département %(departement)s : "
            "il ne peut pas être retiré."
        ),
        "organisations.territoire": N_(
            "Vous ne pouvez pas étendre une organisation de l’État ou un SIAO à un département qui n’est pas "
            "le vôtre."
        ),
        "organisations.categorie_inconnue": N_("Les catégories vont de 1 à 11."),
        "organisations.email": N_("Cette adresse électronique n’est pas complète."),
        "organisations.telephone": N_(
            "Un numéro de téléphone compte dix chiffres, par exemple 02 96 00 00 00."
        ),
        "organisations.site": N_("L’adresse d’un site commence par https:// ou http://."),
        "organisations.fermee": N_("Cette organisation est fermée."),
        "organisations.fermeture_future": N_("La date ne peut pas être dans l’avenir."),
        "organisations.fermeture_avant_ouverture": N_("La fermeture ne peut pas précéder l’ouverture."),
        "organisations.fusion_meme": N_("Choisissez une autre organisation que celle qui est absorbée."),
        "organisations.fusion_types": N_("Deux organisations de types différents ne fusionnent pas."),
        "organisations.fermeture_sienne": N_(
            "Vous agissez pour cette organisation : demandez à une autre de la fermer."
        ),
        "organisations.structures_ouvertes": N_(
            "Cette organisation a encore des structures ouvertes (%(nombre)s) : fermez-les d’abord."
        ),
        "organisations.structure_fermee": N_("Cette structure est fermée."),
        "organisations.commune_inconnue": N_("Cette commune n’existe pas."),
        "organisations.commune_ailleurs": N_("Cette commune n’est pas dans ce département."),
        "organisations.finess_existe": N_("Une autre structure porte déjà ce numéro FINESS."),
        "organisations.nature_inconnue": N_("Cette nature de dispositif n’existe pas."),
        "organisations.type_place_inconnu": N_("Ce type de place n’existe pas."),
        "organisations.places_nombre": N_("Le nombre de places est un entier de 0 à 9999."),
        "organisations.finess_fichier": N_(
            "Ce fichier n’est pas l’extraction FINESS telle qu’elle est publiée : sa première ligne devrait "
            "commencer par « finess;etalab; »."
        ),
        "organisations.finess_ligne_longue": N_("Ligne trop longue pour une ligne FINESS."),
        "organisations.finess_ligne_inconnue": N_("Ligne d’un genre inconnu (« %(genre)s »)."),
        "organisations.finess_champs": N_("%(trouves)s champs au lieu de 32."),
        "organisations.finess_numero": N_("Numéro FINESS illisible (« %(valeur)s »)."),
        "organisations.finess_nom": N_("Établissement sans nom."),
        "organisations.finess_departement": N_("Département inconnu (« %(valeur)s »)."),
        "organisations.finess_doublon": N_("Numéro FINESS déjà lu à la ligne %(ligne)s."),
        "organisations.finess_sans_entite": N_(
            "Ni SIRET ni FINESS de l’entité juridique : le gestionnaire est introuvable."
        ),
    }
)
