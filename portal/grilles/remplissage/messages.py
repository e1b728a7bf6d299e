"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "remplissage.montant": N_("Écrivez un montant en euros, par exemple 850 ou 850,50."),
        "remplissage.montant_borne": N_("Écrivez un montant entre 0 et %(maximum)s €."),
        "remplissage.nombre": N_("Écrivez un nombre entier entre 0 et %(maximum)s."),
        "remplissage.choix": N_("Cette réponse n’est pas proposée : choisissez dans la liste."),
        "remplissage.texte_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "remplissage.aides_trop_hautes": N_("Les aides dépassent le loyer et les charges : vérifiez-les."),
        "remplissage.rien_en_cours": N_(
            "Il n’y a pas de grille en cours d’écriture : ouvrez-en une nouvelle version."
        ),
        "remplissage.non_lues": N_("Lisez d’abord ces sections au ménage, puis cochez-les : %(liste)s."),
        "remplissage.sans_avis": N_(
            "Demandez au ménage ce qu’il dit de la synthèse (F4), ou indiquez qu’il ne souhaite pas le dire."
        ),
        "remplissage.a_relire": N_(
            "Des mots sont encore à relire dans : %(liste)s. Reprenez ces réponses, ou confirmez que vous "
            "les avez relues."
        ),
        "remplissage.numero_protege": N_(
            "Dans le circuit protégé, le numéro de la demande ne se garde pas : laissez cette case vide."
        ),
        "remplissage.vide": N_("Cette grille n’a encore aucune réponse : il n’y a rien à figer."),
    }
)
