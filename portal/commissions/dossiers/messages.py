"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "dossiers.convier": N_(
            "On n’invite le prescripteur qu’à une séance à venir, et si la commission le prévoit."
        ),
        "dossiers.commission": N_("Choisissez une commission de ce département."),
        "dossiers.deja": N_("Ce ménage a déjà un dossier en cours devant cette commission : %(dossier)s."),
        "dossiers.long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "dossiers.situation": N_("Décrivez la situation en quelques lignes."),
        "dossiers.demande": N_("Écrivez ce qui est demandé à la commission."),
        "dossiers.motif": N_("Choisissez un motif de la liste."),
        "dossiers.piece": N_("Dites où en est chaque pièce."),
        "dossiers.sans_autorisation": N_(
            "Le ménage n’a pas encore autorisé la présentation devant cette commission : recueillez d’abord "
            "son autorisation."
        ),
        "dossiers.autorisation_finie": N_(
            "L’autorisation du ménage ne couvre pas le jour de cette séance : le prescripteur doit d’abord "
            "la renouveler."
        ),
        "dossiers.fige": N_("Le dossier est déposé : il ne se modifie plus, sauf si le secrétariat le rend."),
        "dossiers.manques": N_("Dites ce qui manque : le prescripteur le lira."),
        "dossiers.seance": N_("Choisissez une séance à venir de cette commission."),
        "dossiers.seance_pleine": N_(
            "Cette séance a déjà ses %(nombre)s dossiers. "
            "Choisissez-en une autre, ou déclarez le dossier urgent."
        ),
        "dossiers.papiers_figes": N_(
            "Les papiers de cette séance sont déjà ouverts aux membres : seul un dossier urgent s’y ajoute."
        ),
        "dossiers.ordre_fige": N_("La séance a commencé : son ordre du jour ne change plus."),
        "dossiers.rien_a_figer": N_("Aucun dossier n’est inscrit à cette séance."),
        "dossiers.pas_convoquee": N_(
            "Convoquez d’abord la séance : les papiers s’ouvrent à ceux qui viennent."
        ),
        "dossiers.textes": N_(
            "Lisez et acceptez d’abord les textes de la commission : ils vous engagent à garder le secret."
        ),
        "dossiers.ferme": N_(
            "Ce dossier n’est plus lisible : le ménage n’autorise pas, ou plus, sa présentation."
        ),
        "dossiers.sens": N_("Choisissez un avis."),
        "dossiers.avis_motif": N_("Dites pourquoi, en une phrase."),
        "dossiers.avis_tard": N_("La séance a commencé : les avis se donnent maintenant de vive voix."),
        "dossiers.deport": N_(
            "Votre organisme est partie à ce dossier : il s’exprime en séance et ne donne pas d’avis."
        ),
        "dossiers.deport_deja": N_("Votre organisme est déjà noté comme partie à ce dossier."),
        "dossiers.deport_organisme": N_("Choisissez un organisme qui siège à cette séance."),
        "dossiers.deport_motif": N_("Choisissez un motif de la liste."),
        "dossiers.deport_tard": N_(
            "Un déport se déclare avant la décision. Déjà prise, elle doit d’abord être reprise en séance."
        ),
        "dossiers.aucun_avis_attendu": N_("Aucun avis n’est attendu, ou un rappel vient d’être envoyé."),
        "dossiers.radiation": N_("Dites pourquoi le dossier est retiré."),
        "dossiers.invite_nom": N_("Écrivez le nom de la personne invitée."),
        "dossiers.invite_dossiers": N_("Choisissez au moins un dossier."),
        "dossiers.invite_protege": N_(
            "Un dossier du circuit protégé ne se montre à personne d’extérieur : retirez-le de la liste."
        ),
        "dossiers.invite_deja": N_("Cette personne est déjà invitée à cette séance."),
        "dossiers.code_faux": N_("Ce code n’est pas le bon, ou il n’est plus valable."),
        "dossiers.code_attendre": N_("Trop d’essais : demandez un nouveau code dans %(minutes)s minutes."),
        "dossiers.code_recent": N_(
            "Un code vient d’être envoyé : attendez une minute avant d’en demander un autre."
        ),
    }
)
