"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "fin_de_vie.pas_au_terme": N_(
            "Rien de ce ménage n’est à effacer aujourd’hui : un contact ou une écriture a été noté depuis."
        ),
        "fin_de_vie.recue_le": N_(
            "Une demande a été reçue aujourd’hui ou un jour passé, depuis un an au plus."
        ),
        "fin_de_vie.detail_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "fin_de_vie.detail": N_("Écrivez ce que le ménage demande de corriger."),
        "fin_de_vie.deja_recue": N_("Une même demande de ce ménage est déjà à traiter."),
        "fin_de_vie.deja_traitee": N_("Cette demande est déjà traitée."),
        "fin_de_vie.reponse": N_("Dites comment il a été répondu au ménage."),
        "fin_de_vie.motif": N_("Écrivez le motif du refus : il est dû au ménage."),
        "fin_de_vie.par_effacement": N_("Une demande d’effacement se traite en effaçant, ou se refuse."),
        "fin_de_vie.genre": N_("Cette action ne répond pas à cette demande."),
        "fin_de_vie.code": N_("Le code ne correspond pas à celui de ce ménage : %(attendu)s."),
        "fin_de_vie.efface": N_("Les données de ce ménage n’existent plus."),
    }
)
