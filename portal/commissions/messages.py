"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "commissions.prereglage": N_("Choisissez un type de commission parmi ceux proposés."),
        "commissions.departement": N_("Ce département n’est pas le vôtre."),
        "commissions.secretariat": N_("Cette organisation n’intervient pas dans ce département."),
        "commissions.nom_existe": N_("Une commission de ce département porte déjà ce nom."),
        "commissions.trop_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "commissions.entre": N_("Écrivez un nombre entre %(minimum)s et %(maximum)s."),
        "commissions.decision": N_("Cette décision n’est pas dans la liste."),
        "commissions.prescription": N_("Cette prescription n’est pas dans la liste."),
        "commissions.sans_decision": N_("Choisissez au moins une décision possible."),
        "commissions.accord": N_(
            "Des dossiers nominatifs ne sont présentés qu’avec l’autorisation de présentation du ménage."
        ),
        "commissions.releve": N_("Sans dossier nominatif, le relevé est anonyme."),
        "commissions.valide": N_("La commission est en service : l’État seul change ce qu’il a validé."),
        "commissions.visio": N_("Écrivez l’adresse complète de la réunion, qui commence par https://."),
        "commissions.fermee": N_("Cette commission est fermée."),
        "commissions.sans_presidence": N_("Nommez d’abord qui préside la commission."),
        "commissions.sans_membre": N_("Donnez d’abord un siège à au moins un membre."),
        "commissions.college_vide": N_(
            "Ces collèges n’ont encore aucun siège : %(noms)s. Pourvoyez-les ou retirez-les."
        ),
        "commissions.college_existe": N_("Un collège de cette commission porte déjà ce nom."),
        "commissions.college_occupe": N_(
            "Des fonctions y siègent ou y ont siégé : ce collège ne peut pas être retiré."
        ),
        "commissions.deux_presidents": N_("Une commission a deux présidents au plus."),
        "commissions.siege_existe": N_("Cette fonction siège déjà dans la commission."),
        "commissions.siege_complet": N_("Le collège « %(nom)s » a déjà ses %(nombre)s sièges."),
        "commissions.fonction": N_("Choisissez une fonction de l’annuaire de ce département."),
        "commissions.college_absent": N_("Choisissez le collège où siège cette fonction."),
        "commissions.texte_vide": N_("Écrivez le texte."),
        "commissions.texte_inchange": N_("Ce texte est déjà celui en vigueur."),
        "commissions.seance_passee": N_("Cette date est passée."),
        "commissions.seance_loin": N_("Une séance se prévoit au plus deux ans à l’avance."),
        "commissions.seance_existe": N_("Cette commission a déjà une séance ce jour-là à cette heure."),
        "commissions.trop_de_seances": N_("Prévoyez au plus %(maximum)s séances à la fois."),
        "commissions.duree": N_("La séance dure entre un quart d’heure et douze heures."),
        "commissions.lieu": N_("Indiquez un lieu ou un lien de visioconférence."),
        "commissions.seances_a_venir": N_(
            "Des séances sont encore à venir (%(nombre)s) : annulez-les d’abord, les personnes invitées "
            "seront prévenues."
        ),
        "commissions.seance_finie": N_("Cette séance est terminée."),
        "commissions.seance_annulee": N_("Cette séance est annulée."),
        "commissions.seance_ouverte": N_(
            "Cette séance a été ouverte : elle ne s’annule ni ne se déplace plus. Clôturez-la, ses dossiers "
            "non examinés passeront à la suivante."
        ),
        "commissions.decision_ecrite": N_(
            "Une décision par écrit attend cette séance (%(codes)s) : prévoyez d’abord la séance qui la "
            "confirmera."
        ),
        "commissions.pas_en_service": N_(
            "La commission n’est pas encore en service : l’État doit d’abord valider sa configuration."
        ),
        "commissions.hors_delai": N_(
            "Le délai de convocation est passé depuis le %(jour)s : dites pourquoi cette séance ne peut pas "
            "attendre."
        ),
        "commissions.urgence": N_("Dites pourquoi cette séance devient urgente."),
        "commissions.personne_a_convoquer": N_(
            "Aucune fonction de la commission n’a de titulaire joignable : complétez l’annuaire."
        ),
        "commissions.motif": N_("Dites pourquoi : toutes les personnes invitées le liront."),
        "commissions.remplacant": N_("Écrivez le nom de la personne qui vous remplace."),
        "commissions.suppleant_courriel": N_(
            "Écrivez son adresse électronique : l’invitation et la séance lui seront envoyées."
        ),
        "commissions.suppleant_soi": N_("C’est l’adresse de la personne invitée, pas celle d’un suppléant."),
        "commissions.sans_suppleant": N_("Ce collège n’admet pas de suppléant."),
        "commissions.reponse_tardive": N_("La séance a commencé : il est trop tard pour répondre."),
        "commissions.reponse": N_("Choisissez une réponse."),
        "commissions.pas_encore": N_("La séance n’a pas commencé : les présences se notent ensuite."),
        "commissions.deja_relancees": N_("Les personnes sans réponse ont déjà été relancées aujourd’hui."),
        "commissions.commencee": N_("La séance a commencé : il est trop tard pour inviter."),
        "commissions.deja_invitee": N_("Cette fonction est déjà invitée à cette séance."),
        "commissions.secretariats": N_(
            "Cette organisation tient encore le secrétariat de commissions (%(nombre)s) : "
            "confiez-les d’abord."
        ),
    }
)
