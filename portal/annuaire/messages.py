"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "annuaire.fonction_inconnue": N_("Cette fonction n’est pas proposée dans ce département."),
        "annuaire.fonction_type": N_("Une organisation de ce type ne tient pas cette fonction."),
        "annuaire.fonction_existe": N_(
            "Cette fonction est unique et figure déjà à l’annuaire pour cette organisation : modifiez la "
            "fiche qui existe."
        ),
        "annuaire.fonction_libelle_existe": N_("Cette fonction existe déjà dans ce département."),
        "annuaire.departement": N_("Cette organisation n’intervient pas dans ce département."),
        "annuaire.structure": N_("Cette structure n’est pas une structure ouverte de l’organisation."),
        "annuaire.organisation_fermee": N_("Cette organisation est fermée."),
        "annuaire.territoire": N_("Ce territoire n’est pas dans ce département."),
        "annuaire.commune_inconnue": N_("Aucune commune de ce département ne s’écrit « %(nom)s »."),
        "annuaire.commune_ambigue": N_("Plusieurs communes s’écrivent « %(nom)s » : ajoutez le code postal."),
        "annuaire.public": N_("Ce public n’est pas proposé."),
        "annuaire.nature": N_("Cette nature de dispositif n’existe pas."),
        "annuaire.nom": N_("Écrivez le prénom et le nom."),
        "annuaire.joindre": N_(
            "Écrivez un téléphone ou un courriel professionnel : sans eux, personne ne peut joindre cette "
            "fonction."
        ),
        "annuaire.trop_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "annuaire.email": N_("Cette adresse électronique n’est pas complète."),
        "annuaire.periode": N_("La fin ne peut pas précéder le début."),
        "annuaire.periode_prise": N_(
            "%(nom)s tient déjà cette place à ces dates : mettez d’abord fin à sa fonction."
        ),
        "annuaire.dernier_jour_avant": N_(
            "Le dernier jour précède celui où %(nom)s a pris une des fonctions à passer : vérifiez la date."
        ),
        "annuaire.absence_prise": N_("Une absence est déjà notée à ces dates."),
        "annuaire.absence_hors": N_("Cette absence ne tombe pas dans les dates de %(nom)s."),
        "annuaire.personne_absente": N_(
            "Cette fonction n’a pas de titulaire : personne n’est à dire absent."
        ),
        "annuaire.lien_perime": N_("Ce lien ne fonctionne plus : demandez-en un autre."),
        "annuaire.choisir": N_("Choisissez au moins une fonction."),
        "annuaire.deja_signalee": N_(
            "Vous avez déjà signalé une erreur sur cette fiche : vous serez prévenu de la suite."
        ),
        "annuaire.signalements_nombreux": N_(
            "Vous avez signalé %(nombre)s fiches en un jour : continuez demain, ou écrivez au SIAO."
        ),
        "annuaire.relance_recente": N_("Un courriel est déjà parti depuis moins d’un jour."),
        "annuaire.sans_adresse": N_(
            "Aucune adresse ne mène à qui tient cette fonction : appelez, ou complétez la fiche."
        ),
        "annuaire.paliers": N_(
            "Écrivez quatre nombres de mois, du plus petit au plus grand, entre %(minimum)s et %(maximum)s, "
            "séparés par des virgules."
        ),
        "annuaire.fermee": N_("Cette fiche est fermée."),
        "annuaire.fermeture_future": N_("La date ne peut pas être dans l’avenir."),
        "annuaire.fonctions_ouvertes": N_(
            "Cette organisation tient encore des fonctions à l’annuaire (%(nombre)s) : fermez-les d’abord."
        ),
        "annuaire.fonctions_departement": N_(
            "Cette organisation tient encore des fonctions à l’annuaire de ce département "
            "(%(departement)s) : fermez-les d’abord."
        ),
    }
)
