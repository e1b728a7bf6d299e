"""French texts of what an imported table of the directory may be refused for."""

from portal.shared.messages import N_, register

register(
    {
        "annuaire.import_fonction_colonne": N_("Dites quelle colonne donne la fonction."),
        "annuaire.import_total": N_("Ligne de total : laissée de côté."),
        "annuaire.import_ecartee": N_("Laissée de côté, comme vous l’avez demandé."),
        "annuaire.import_formule": N_(
            "Cette case contient une erreur de calcul (%(valeur)s) : écrivez sa valeur."
        ),
        "annuaire.import_reference": N_(
            "Aucune fiche ouverte ne porte la référence « %(valeur)s ». Videz la case pour créer une fiche."
        ),
        "annuaire.import_autre_fiche": N_(
            "Cette case ne dit pas la même chose que la fiche de cette référence : corrigez-la, ou videz la "
            "référence pour créer une autre fiche."
        ),
        "annuaire.import_organisation": N_(
            "Organisation inconnue dans votre département : « %(valeur)s ». Choisissez-la plus bas, ou "
            "ouvrez-la d’abord parmi les organisations."
        ),
        "annuaire.import_autrui": N_(
            "Vous n’écrivez que les fiches de votre organisation : « %(valeur)s » n’est pas elle."
        ),
        "annuaire.import_droit": N_("Votre accès ne permet pas d’écrire les fiches de cette organisation."),
        "annuaire.import_structure": N_(
            "Cette organisation n’a pas de structure ouverte du nom de « %(valeur)s » dans ce département."
        ),
        "annuaire.import_structure_proche": N_(
            "Cette organisation n’a pas de structure ouverte du nom de « %(valeur)s ». Proches : %(noms)s."
        ),
        "annuaire.import_inconnu": N_("« %(valeur)s » n’est pas connu : choisissez plus bas ce que c’est."),
        "annuaire.import_pris": N_("« %(valeur)s » est lu « %(compris)s »."),
        "annuaire.import_plusieurs": N_("Plusieurs dans la case : seul %(garde)s est gardé."),
        "annuaire.import_prive": N_(
            "Adresse d’un service grand public : l’annuaire ne garde que des coordonnées professionnelles."
        ),
        "annuaire.import_lieu": N_(
            "Aucune commune, intercommunalité ni arrondissement de ce département ne s’écrit « %(nom)s »."
        ),
        "annuaire.import_preference": N_(
            "« %(valeur)s » n’est pas connu : écrivez téléphone, courriel, SI SIAO ou indifférent."
        ),
        "annuaire.import_sans_nom": N_("Des coordonnées sont données sans le nom de la personne."),
        "annuaire.import_doublon": N_("Même fiche que la ligne %(ligne)s."),
        "annuaire.import_change": N_(
            "L’annuaire a changé depuis l’aperçu : refaites-le pour relire cette ligne."
        ),
        "annuaire.import_concurrent": N_(
            "Quelqu’un a changé une des fiches pendant l’import : rien n’a été écrit. Refaites l’aperçu."
        ),
        "annuaire.import_refusees": N_(
            "Lignes refusées : %(nombre)s ; rien n’a été importé. Corrigez le fichier, ou importez seulement "
            "les lignes valides."
        ),
        "annuaire.import_acces": N_("Votre accès ne permet plus d’importer ici."),
        "annuaire.import_annulation_tardive": N_("Un import s’annule le jour même seulement."),
        "annuaire.import_deja_annule": N_("Cet import est déjà annulé."),
        "annuaire.import_modifiee": N_("Modifiée depuis l’import."),
        "annuaire.import_signalee": N_("Quelqu’un y a signalé une erreur depuis l’import."),
        "annuaire.import_utilisee": N_("Une convention ou une commission s’y réfère depuis l’import."),
        "annuaire.livret_acces": N_("Votre accès ne permet plus de produire ce livret."),
        "annuaire.livret_vide": N_("Aucune fiche de ce département n’est à imprimer."),
        "annuaire.export_trop": N_(
            "%(nombre)s fiches : c’est trop pour ce format (%(maximum)s au plus). Ajoutez un filtre, ou "
            "prenez le CSV."
        ),
    }
)
