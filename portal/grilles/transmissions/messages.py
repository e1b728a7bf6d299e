"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "transmissions.pas_d_autorisation": N_(
            "Cette autorisation n’est pas en vigueur : rien n’a été transmis."
        ),
        "transmissions.presentation": N_(
            "Cette autorisation est celle d’une présentation en commission : elle ne permet aucune "
            "transmission."
        ),
        "transmissions.protege": N_(
            "Ce ménage est dans le circuit protégé : rien ne peut être transmis à un bailleur."
        ),
        "transmissions.non_couverte": N_("L’autorisation ne couvre pas cette version de la grille."),
        "transmissions.autre_que_signe": N_(
            "Ce qui partirait n’est plus exactement ce que le ménage a signé : une identité, le numéro de la "
            "demande ou la personne qui l’accompagne a changé. Demandez-lui une nouvelle autorisation."
        ),
        "transmissions.fonction": N_("Choisissez une des fonctions proposées."),
        "transmissions.alteree": N_(
            "Le contenu conservé ne correspond plus à son empreinte : il n’est pas affiché. Prévenez le SIAO."
        ),
        "transmissions.etape": N_("Cette étape n’est pas possible ici. Rechargez la page."),
        "transmissions.jour": N_("Donnez la date."),
        "transmissions.jour_futur": N_("Cette date est dans le futur."),
        "transmissions.jour_ancien": N_("Cette date précède l’envoi de la grille."),
        "transmissions.jour_avant_decision": N_("Cette date précède celle de la décision."),
        "transmissions.jour_lointain": N_("Cette date est à plus d’un an."),
        "transmissions.issue": N_("Choisissez ce que la commission a décidé."),
        "transmissions.rang": N_("Donnez le rang, entre %(minimum)s et %(maximum)s."),
        "transmissions.motif": N_("Choisissez un motif de la liste."),
        "transmissions.precision": N_("Ce motif demande des faits : écrivez-les en une phrase."),
        "transmissions.trop_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "transmissions.calcul": N_("Ce motif demande le calcul : donnez ce montant."),
        "transmissions.montant": N_("Écrivez un montant en euros, par exemple 612,50."),
        "transmissions.motif_interdit": N_(
            "Ce motif n’est pas admis : %(motif)s. %(explication)s Fondement : %(fondement)s."
        ),
    }
)
