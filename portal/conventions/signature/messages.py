"""French texts of the refusals of a signature."""

from portal.shared.messages import N_, register

register(
    {
        "signature.modele_non_adopte": N_(
            "Le modèle de convention n’est pas encore adopté dans le département : l’État et le SIAO "
            "l’adoptent d’abord, ou importent le modèle officiel."
        ),
        "signature.echeances": N_(
            "Dans le texte, le dernier jour de validité (%(fin)s) précède la prise d’effet (%(effet)s)."
        ),
        "signature.par_le_circuit": N_(
            "Le texte de cette convention est figé dans le portail : acceptez-le en ligne, ou déposez le "
            "document signé, depuis la page des signatures."
        ),
        "signature.pas_fige": N_("Aucun texte n’est en signature."),
        "signature.depasse": N_(
            "Le texte que vous aviez sous les yeux n’est plus celui qui est en signature. Lisez le texte "
            "actuel avant de signer."
        ),
        "signature.texte_altere": N_(
            "Le texte figé ne correspond plus à son empreinte : rien ne peut être signé. Rouvrez la "
            "négociation, puis figez le texte de nouveau."
        ),
        "signature.delegation_requise": N_(
            "Votre fonction ne suffit pas pour signer cette convention : la direction de l’organisation qui "
            "y est partie doit d’abord enregistrer votre délégation de signature."
        ),
        "signature.qualite": N_("Indiquez en quelle qualité la personne signe."),
        "signature.nom": N_("Indiquez le nom du signataire."),
        "signature.lu": N_("Confirmez que vous avez lu le texte."),
        "signature.meme_personne": N_(
            "%(nom)s a déjà signé pour une autre partie de cette convention. Dans ce département, une même "
            "personne ne signe pas pour deux parties."
        ),
        "signature.date_avant_gel": N_("Cette date précède le jour où le texte a été figé (%(le)s)."),
        "signature.clause_inconnue": N_("Choisissez des clauses de ce texte."),
        "signature.destinataire": N_("Il n’y a plus de signature à attendre."),
        "signature.relance_recente": N_("Une relance est déjà partie aujourd’hui."),
        "signature.personne": N_("Choisissez une personne de votre organisation."),
        "signature.dates_delegation": N_("La fin de la délégation précède son début."),
        "signature.acte_delegation": N_("Indiquez l’acte qui délègue la signature."),
        "signature.trop_de_textes": N_("Une archive contient au plus %(maximum)s conventions."),
        "signature.aucun_texte": N_("Aucune convention n’a de texte dans le portail."),
        "signature.acces": N_("Votre accès a changé : ce document ne peut plus être produit."),
    }
)
