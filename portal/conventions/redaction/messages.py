"""French texts of the refusals of a negotiation."""

from portal.shared.messages import N_, register

register(
    {
        "redaction.version_absente": N_(
            "Aucune version du département n’est publiée : l’État et le SIAO remplissent d’abord les parties "
            "vertes, puis les valident."
        ),
        "redaction.natures_absentes": N_(
            "Indiquez d’abord les natures de dispositif que porte l’opérateur : elles décident des clauses."
        ),
        "redaction.deja_ouvert": N_("Le texte de cette convention est déjà ouvert."),
        "redaction.pas_ouvert": N_("Le texte de cette convention n’est pas rédigé dans le portail."),
        "redaction.etat": N_(
            "Le texte ne se modifie plus dans cet état (%(etat)s). Il faut d’abord rouvrir la négociation."
        ),
        "redaction.personnes_distinctes": N_(
            "L’opérateur et le SIAO sont deux personnes morales : chacun a son signataire."
        ),
        "redaction.forme_etat": N_(
            "La forme se choisit de l’ouverture de la négociation jusqu’à la signature, pas dans cet état "
            "(%(etat)s)."
        ),
        "redaction.forme_figee": N_(
            "Le texte est figé : la forme ne change plus. Il faut d’abord rouvrir la négociation."
        ),
        "redaction.projet": N_(
            "Le projet est en préparation à l’État et au SIAO. Vous pourrez vous prononcer à l’ouverture de "
            "la négociation."
        ),
        "redaction.fixe": N_("Cette partie du modèle national est fixe : personne ne la modifie ici."),
        "redaction.vert": N_(
            "Cette partie est verte : elle s’adapte une fois pour le département, par l’État et le SIAO."
        ),
        "redaction.inchangee": N_(
            "Vous n’avez rien changé. Pour retenir le texte tel qu’il est, acceptez la clause."
        ),
        "redaction.texte_vide": N_("Le texte de la clause ne peut pas être vide."),
        "redaction.texte_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "redaction.champ_inconnu": N_("« %(champ)s » ne correspond à aucune valeur de cette clause."),
        "redaction.champ_perdu": N_(
            "« %(champ)s » est une valeur du département : le texte de la clause doit la garder."
        ),
        "redaction.renvoi_inconnu": N_("Le renvoi à « %(renvoi)s » ne correspond à aucune clause du modèle."),
        "redaction.motif_obligatoire": N_("Dites pourquoi : les autres parties doivent pouvoir répondre."),
        "redaction.a_completer": N_("Cette clause a encore une valeur à compléter : %(champ)s."),
        "redaction.position": N_("Cette position n’existe pas."),
        "redaction.commentaire_vide": N_("Écrivez votre commentaire."),
        "redaction.clauses_ouvertes": N_(
            "L’accord ne peut pas être constaté : les trois parties ne sont pas d’accord sur %(clauses)s."
        ),
        "redaction.natures_figees": N_(
            "Les parties se sont accordées sur le texte : rouvrez la négociation avant de changer les "
            "natures."
        ),
        "redaction.toutes_differees": N_("Gardez au moins une nature : sans elle, il n’y a rien à signer."),
        "redaction.nature_inconnue": N_("Cette nature n’est pas parmi celles de la convention."),
        "redaction.avenant_motif": N_("Dites pourquoi ces natures attendent un avenant."),
        "redaction.reference_vide": N_("Indiquez la référence de l’acte et de sa clause."),
        "redaction.version_a_jour": N_("Ce texte suit déjà la dernière version publiée du département."),
        "redaction.version_autre": N_(
            "La version %(numero)s a été publiée entre-temps : lisez d’abord ce qu’elle change."
        ),
        "redaction.cadre_collectif": N_(
            "Le dialogue de gestion est celui d’une négociation de gré à gré. Une négociation collective se "
            "tient aux réunions de son tour."
        ),
        "redaction.clause_inconnue": N_("Cette clause n’est pas dans le texte de la convention."),
    }
)
