"""French texts of the refusals of a collective round."""

from portal.shared.messages import N_, register

register(
    {
        "tours.deja_ouvert": N_("Un tour est déjà ouvert pour cette nature avec ce SIAO."),
        "tours.nature_absente": N_("Choisissez une nature de dispositif."),
        "tours.siao_absent": N_("Choisissez le SIAO avec lequel se tient le tour."),
        "tours.sans_clause": N_("Le modèle du département n’a aucune clause à négocier pour cette nature."),
        "tours.operateurs_absents": N_("Choisissez au moins un opérateur."),
        "tours.operateur_inconnu": N_("Cet opérateur n’est pas parmi ceux du département."),
        "tours.ferme": N_("Le tour n’est plus ouvert : il se lit, sans se modifier."),
        "tours.motif_obligatoire": N_("Dites pourquoi : les autres parties doivent pouvoir répondre."),
        "tours.inchangee": N_("Vous n’avez rien changé. Pour retenir le socle tel qu’il est, adoptez-le."),
        "tours.socle_inchange": N_("Vous n’avez rien changé au socle."),
        "tours.clause_hors_tour": N_("Cette clause n’est pas négociée dans ce tour."),
        "tours.etoile": N_(
            "La clause %(clause)s est marquée ★ : elle s’adopte une par une, depuis sa propre page."
        ),
        "tours.rien_choisi": N_("Cochez au moins une case."),
        "tours.pas_un_ecart": N_("Une position se prend sur un écart proposé par un opérateur."),
        "tours.date_obligatoire": N_("Indiquez le jour de la réunion."),
        "tours.texte_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "tours.en_cours": N_(
            "L’accord ne peut pas être constaté : l’opérateur participe encore au tour collectif %(tours)s. "
            "Il faut d’abord le clore, ou remettre cette nature à un avenant."
        ),
    }
)
