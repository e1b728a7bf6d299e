"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "conduite.trop_tot": N_("La séance s’ouvre au plus tôt une heure avant son horaire."),
        "conduite.pas_ouverte": N_("Ouvrez d’abord la séance."),
        "conduite.close": N_("La séance est close : ses décisions ne changent plus."),
        "conduite.hors_seance": N_("Ce dossier n’est pas à l’ordre du jour de cette séance."),
        "conduite.decide": N_("Ce dossier est déjà décidé : reprenez d’abord la décision."),
        "conduite.code": N_("Choisissez une décision de la liste."),
        "conduite.motif": N_("Écrivez le motif : aucune décision n’est prise sans lui."),
        "conduite.interdit": N_(
            "Ce motif ne peut pas fonder cette décision. En cause : %(interdit_libelle)s. %(explication)s"
        ),
        "conduite.porteur": N_("Dites qui porte cette prescription."),
        "conduite.echeance": N_("Donnez une date à venir."),
        "conduite.prescription": N_("Cette prescription n’est pas dans la liste de la commission."),
        "conduite.consensus": N_(
            "La commission décide par consensus : constatez-le, ou ajournez à la séance suivante."
        ),
        "conduite.presences": N_("Notez d’abord les présences : ce sont les présents qui votent."),
        "conduite.quorum": N_("Le quorum n’est pas atteint : le dossier ne peut qu’être ajourné."),
        "conduite.rejete": N_(
            "La proposition n’est pas adoptée : %(pour)s pour, %(contre)s contre. Proposez une autre "
            "décision, ou ajournez."
        ),
        "conduite.voix_sans_vote": N_("Cette décision ne se prend pas au vote : aucune voix n’est comptée."),
        "conduite.voix_absente": N_("Personne n’est noté présent pour %(nom)s : sa voix n’est pas comptée."),
        "conduite.voix_inconnue": N_("Une voix n’est celle d’aucun membre de cette séance."),
        "conduite.voix_deport": N_("%(nom)s est partie au dossier : elle s’exprime sans voter."),
        "conduite.voix_double": N_(
            "Une voix est donnée deux fois. Un siège a une voix, celle du titulaire ou de son suppléant."
        ),
        "conduite.voix_choix": N_("Une voix est pour, contre, ou s’abstient."),
        "conduite.a_confirmer": N_(
            "Des décisions prises par écrit attendent d’être confirmées ou non : %(codes)s."
        ),
        "conduite.consultation": N_(
            "Une consultation écrite s’ouvre avant la séance convoquée, pour un dossier inscrit."
        ),
        "conduite.illisible": N_(
            "Le ménage n’autorise pas, ou plus, que la commission lise ce dossier : nul ne pourrait répondre."
        ),
        "conduite.delai": N_(
            "Tous n’ont pas répondu et le délai court encore : la décision se prend ensuite."
        ),
        "conduite.personne": N_("Aucun membre de la commission ne peut être consulté par courriel."),
    }
)
