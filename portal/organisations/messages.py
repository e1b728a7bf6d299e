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
