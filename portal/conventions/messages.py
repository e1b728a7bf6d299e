"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "conventions.mise_en_demeure_date": N_("Dites la date de la mise en demeure que vous joignez."),
        "conventions.mise_en_demeure": N_("La mise en demeure précède la notification de la résiliation."),
        "conventions.operateur_type": N_(
            "Choisissez un opérateur : un gestionnaire, un bailleur, une collectivité ou un organisme "
            "de santé."
        ),
        "conventions.operateur_ferme": N_(
            "%(nom)s est fermé ou a été fusionné : choisissez un autre opérateur."
        ),
        "conventions.siao_type": N_("Choisissez un SIAO."),
        "conventions.etat_type": N_("Choisissez le service de l’État du département du SIAO."),
        "conventions.etat_absent": N_(
            "Aucun service de l’État n’est ouvert dans le département %(departement)s : ouvrez-le d’abord."
        ),
        "conventions.etat_multiple": N_(
            "Plusieurs services de l’État dans ce département : choisissez lequel."
        ),
        "conventions.ligne_ouverte": N_(
            "Une ligne est déjà ouverte pour cet opérateur et ce SIAO : complétez-la au lieu d’en "
            "créer une autre."
        ),
        "conventions.couple_en_vigueur": N_(
            "Une convention de cet opérateur avec ce SIAO court jusqu’au %(fin)s : ouvrez son renouvellement."
        ),
        "conventions.deja_renouvelee": N_("Cette convention a déjà un successeur."),
        "conventions.pas_signee": N_("Cette action ne vaut que pour une convention signée."),
        "conventions.chevauchement": N_(
            "Cet opérateur et ce SIAO ont déjà une convention signée du %(debut)s au %(fin)s : "
            "deux conventions du même couple ne peuvent pas courir en même temps."
        ),
        "conventions.chevauchement_simultane": N_(
            "Une autre convention du même couple vient d’être enregistrée sur cette période. "
            "Rechargez la page."
        ),
        "conventions.nature_inconnue": N_("Nature de dispositif inconnue (« %(nature)s »)."),
        "conventions.places": N_("Le nombre de places est un nombre entier, zéro ou plus."),
        "conventions.fin_avant_effet": N_("La date de fin précède la date d’effet (%(effet)s)."),
        "conventions.effet_avant_signature": N_(
            "La date d’effet précède la dernière signature (%(signature)s). "
            "Si la convention le prévoit, cochez « effet antérieur prévu »."
        ),
        "conventions.signature_future": N_("Une signature ne peut pas être datée dans l’avenir."),
        "conventions.signature_ordre": N_(
            "Les signatures se suivent dans l’ordre %(ordre)s : il manque celle de « %(manque)s »."
        ),
        "conventions.signature_ordre_dates": N_(
            "Cette date contredit l’ordre des signatures : celle de « %(partie)s » est du %(le)s."
        ),
        "conventions.signature_deja": N_("Cette partie a déjà signé le %(le)s."),
        "conventions.signature_absente": N_("Cette partie n’a pas signé."),
        "conventions.signature_autre_partie": N_(
            "Vous ne pouvez enregistrer que la signature de votre partie."
        ),
        "conventions.motif_obligatoire": N_("Dites pourquoi."),
        "conventions.texte_long": N_("Ce texte est trop long (%(maximum)s caractères au plus)."),
        "conventions.classement_en_attente": N_(
            "Le classement sans objet est déjà proposé : il attend la réponse de l’autre partie."
        ),
        "conventions.classement_autre_partie": N_(
            "Votre partie a proposé ce classement : c’est à l’autre, État ou SIAO, de le confirmer."
        ),
        "conventions.classement_absent": N_("Aucun classement sans objet n’est proposé pour cette ligne."),
        "conventions.fermeture_ouvertes": N_(
            "Lignes de convention encore ouvertes : %(nombre)s. Classez-les sans objet, ou fusionnez "
            "l’organisation, avant de la fermer."
        ),
        "conventions.fermeture_signees": N_(
            "Conventions en vigueur ou à venir : %(nombre)s. Enregistrez leur résiliation, ou fusionnez "
            "l’organisation, avant de la fermer."
        ),
        "conventions.resiliation_deja": N_("Cette convention est déjà résiliée."),
        "conventions.resiliation_absente": N_("Cette convention n’est pas résiliée."),
        "conventions.resiliation_passee": N_("La résiliation a pris effet : elle ne peut plus être annulée."),
        "conventions.partie_fermee": N_(
            "%(nom)s est fermé ou a été fusionné : cette convention ne peut pas reprendre vie."
        ),
        "conventions.fin_apres_fermeture": N_(
            "%(nom)s est fermé ou a été fusionné le %(le)s : la convention ne peut pas courir au-delà."
        ),
        "conventions.resiliation_effet": N_(
            "La résiliation prend effet après le premier jour (%(debut)s) et au plus tard au terme (%(fin)s)."
        ),
        "conventions.resiliation_preavis": N_(
            "Le préavis est de %(mois)s mois : la résiliation prend effet au plus tôt le %(le)s. "
            "Si les parties en sont d’accord, cochez « préavis écourté »."
        ),
        "conventions.notification_future": N_("Une notification ne peut pas être datée dans l’avenir."),
        "conventions.cible_signee": N_("Une ligne signée ou sans objet garde sa date cible : %(lignes)s."),
        "conventions.copie_non_signee": N_(
            "Seule une convention signée se recopie dans le SI SIAO : %(lignes)s."
        ),
        "conventions.responsable": N_(
            "La personne en charge doit avoir un accès dans une des trois parties de la convention. "
            "Ce n’est pas le cas pour : %(lignes)s."
        ),
        "conventions.fonction": N_(
            "La fonction en charge est celle d’une des trois parties de la convention, dans son département. "
            "Ce n’est pas le cas pour : %(lignes)s."
        ),
        "conventions.document_deja": N_("Ce document est déjà lié à la convention."),
        "conventions.document_absent": N_("Ce document n’est pas lié à la convention."),
        "conventions.trop_de_lignes": N_("Choisissez au plus %(maximum)s lignes à la fois."),
        "conventions.aucune_ligne": N_("Choisissez au moins une ligne."),
    }
)
