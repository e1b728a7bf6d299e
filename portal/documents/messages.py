"""French texts of what a file or a table may be refused for."""

from portal.shared.messages import N_, register

register(
    {
        "fichier.vide": N_("Ce fichier est vide."),
        "fichier.trop_gros": N_("Ce fichier dépasse %(limite)s Mo. Choisissez un fichier plus petit."),
        "fichier.type_refuse": N_("Ce type de fichier n’est pas accepté ici. Types acceptés : %(acceptes)s."),
        "fichier.contenu_different": N_(
            "Le contenu de ce fichier ne correspond pas à son nom (%(extension)s). "
            "Enregistrez-le de nouveau depuis le logiciel qui l’a produit."
        ),
        "fichier.archive_abimee": N_("Ce fichier est abîmé : il ne peut pas être ouvert."),
        "fichier.archive_protegee": N_(
            "Ce fichier est protégé par un mot de passe. Retirez-le et recommencez."
        ),
        "fichier.bombe": N_(
            "Ce fichier grossit anormalement quand on l’ouvre. Par sécurité, il est refusé. "
            "Enregistrez de nouveau seulement les données utiles."
        ),
        "fichier.refuse": N_("Ce fichier a été refusé par l’analyse de sécurité."),
        "fichier.en_analyse": N_("Ce fichier est en cours d’analyse de sécurité. Réessayez dans une minute."),
        "fichier.absent": N_("Ce fichier n’est plus disponible."),
        "fichier.altere": N_("Ce fichier a été modifié en dehors du portail : il n’est pas servi."),
        "tableau.colonne": N_("Cette colonne n’est pas dans le fichier."),
        "tableau.colonne_double": N_("Une même colonne est choisie deux fois."),
        "tableau.perdu": N_("Le fichier n’est plus gardé : déposez-le de nouveau."),
        "tableau.format": N_(
            "Ce fichier n’est pas un tableau lisible. Enregistrez-le au format XLSX ou CSV et recommencez."
        ),
        "tableau.ancien_format": N_(
            "Ce fichier est à l’ancien format d’Excel (.xls) ou protégé par un mot de passe. "
            "Enregistrez-le au format XLSX, sans mot de passe."
        ),
        "tableau.encodage": N_(
            "Les accents de ce fichier ne peuvent pas être lus (ligne %(ligne)s). "
            "Enregistrez-le au format « CSV UTF-8 » ou XLSX."
        ),
        "tableau.vide": N_("Ce tableau est vide."),
        "tableau.sans_entete": N_(
            "La première ligne de ce tableau ne porte pas de titres de colonnes. Ajoutez une ligne de titres."
        ),
        "tableau.sans_ligne": N_("Ce tableau ne contient que des titres de colonnes, sans aucune ligne."),
        "tableau.trop_de_lignes": N_(
            "Ce tableau dépasse %(limite)s lignes. Partagez-le en plusieurs fichiers."
        ),
        "tableau.trop_de_colonnes": N_(
            "Ce tableau dépasse %(limite)s colonnes. Ne gardez que les colonnes utiles."
        ),
        "tableau.cellule_trop_longue": N_("Une cellule de la ligne %(ligne)s est trop longue."),
        "tableau.guillemets": N_(
            "Les guillemets de la ligne %(ligne)s ne vont pas par deux. Corrigez-les et recommencez."
        ),
        "tableau.trop_d_erreurs": N_(
            "Plus de %(limite)s cellules de ce classeur montrent une erreur de formule (#REF!, #N/A…). "
            "Corrigez-les dans le tableur, puis déposez le fichier de nouveau."
        ),
        "tableau.trop_etendu": N_(
            "Ce tableau s’étend trop loin (jusqu’à la cellule %(cellule)s). "
            "Supprimez les cellules éloignées et recommencez."
        ),
    }
)
