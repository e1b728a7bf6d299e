"""Texts of the refusals of this room."""

from portal.shared.messages import N_, register

register(
    {
        "autorisations.pas_de_grille": N_(
            "Il n’y a pas encore de version figée de la grille : figez-la avec le ménage, puis demandez son "
            "autorisation."
        ),
        "autorisations.destinataire": N_("Choisissez un destinataire de la liste."),
        "autorisations.protege": N_(
            "Ce ménage est dans le circuit protégé : rien ne part vers un bailleur ou un réservataire."
        ),
        "autorisations.sections": N_("Choisissez au moins une partie de la grille."),
        "autorisations.section_inconnue": N_("Choisissez des parties de cette version de la grille."),
        "autorisations.mandataire": N_(
            "Cette réponse ne part que si la personne chargée de la mesure de protection signe : indiquez-la "
            "d’abord dans la fiche du ménage."
        ),
        "autorisations.finalite": N_("Choisissez à quoi servira la grille."),
        "autorisations.jours": N_("La fin précède le début."),
        "autorisations.passe": N_("Cette date est déjà passée."),
        "autorisations.trop_long": N_(
            "Une autorisation dure au plus %(mois)s mois : choisissez une date plus proche."
        ),
        "autorisations.adulte_manquant": N_("Tous les adultes du ménage n’ont pas encore répondu."),
        "autorisations.preuve": N_("Une transmission demande une signature, à l’écran ou sur papier."),
        "autorisations.oral_presentation": N_(
            "Un accord donné oralement n’ouvre qu’une séance à laquelle le ménage assiste : une transmission "
            "demande une signature."
        ),
        "autorisations.oral_menage_absent": N_(
            "Cette commission ne reçoit pas le ménage : son accord doit être signé."
        ),
        "autorisations.oral_jour": N_(
            "Indiquez le jour de la séance, entre le début et la fin de l’autorisation."
        ),
        "autorisations.deja_repondu": N_(
            "Cette personne a déjà répondu. Pour revenir sur un accord, retirez-le ; après un refus, faites "
            "une nouvelle demande quand le ménage le souhaite."
        ),
        "autorisations.pas_informe": N_("Donnez d’abord la notice au ménage."),
        "autorisations.finie": N_("La date de fin est passée : faites une nouvelle demande."),
        "autorisations.adulte_inconnu": N_("Cette personne n’est plus dans le ménage : rechargez la page."),
        "autorisations.depassee": N_(
            "Ce qui partirait a changé depuis l’ouverture de cette page : relisez-le."
        ),
        "autorisations.signature": N_("Signez dans le cadre, ou écrivez votre nom et cochez la case."),
        "autorisations.signature_illisible": N_("Cette signature n’a pas pu être lue : signez de nouveau."),
        "autorisations.nom_signataire": N_("Écrivez le nom de la personne qui signe."),
        "autorisations.case_signataire": N_("Cochez la case pour confirmer."),
        "autorisations.decision": N_("Choisissez d’accepter ou de refuser."),
        "autorisations.sans_identite": N_(
            "Ce ménage est sorti du circuit protégé : écrivez d’abord l’identité de chaque adulte."
        ),
        "autorisations.papier_verrouille": N_(
            "Ce PDF est protégé par un mot de passe : personne ne pourrait le relire. Enregistrez-le sans "
            "protection, ou photographiez le papier."
        ),
        "autorisations.papier_illisible": N_(
            "Ce fichier est abîmé ou incomplet : il ne pourrait pas être relu. Refaites la photo ou le scan."
        ),
        "autorisations.papier_demesure": N_(
            "Cette image est démesurée (%(largeur)s × %(hauteur)s points) : elle ne s’ouvrirait pas partout. "
            "Refaites la photo ou le scan, avec %(maximum)s points de côté au plus."
        ),
        "autorisations.papier_protege": N_(
            "Dans le circuit protégé aucun nom n’est conservé : l’accord se donne à l’écran."
        ),
        "autorisations.notice_inconnue": N_("Choisissez une des langues proposées."),
        "autorisations.lecture": N_("Indiquez comment la notice a été donnée."),
        "recus.protege": N_("Il n’y a pas de reçu dans le circuit protégé."),
        "recus.pin": N_("Le code est fait de 6 chiffres."),
        "recus.pin_simple": N_(
            "Ce code se devine trop facilement : évitez les chiffres répétés ou qui se suivent, et la date "
            "de naissance."
        ),
        "recus.pin_different": N_("Les deux codes ne sont pas les mêmes."),
        "recus.pin_faux": N_("Ce code n’est pas le bon."),
        "recus.attendre": N_("Trop d’essais. Réessayez dans %(minutes)s minutes."),
        "recus.remarque_vide": N_("Écrivez votre remarque."),
        "recus.remarque_longue": N_("Votre remarque est trop longue : %(maximum)s caractères au plus."),
        "recus.fermee": N_("Cette autorisation est fermée : plus personne ne lit cette grille."),
        "recus.trop_de_remarques": N_("Vous avez déjà ajouté %(maximum)s remarques à cette grille."),
    }
)
