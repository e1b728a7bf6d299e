"""French texts of this room's errors."""

from portal.shared.messages import N_, register

register(
    {
        "menages.sans_ctp": N_(
            "Votre organisation n’a pas de CTP en vigueur dans ce département : les ménages ne lui sont pas "
            "ouverts."
        ),
        "menages.nom": N_("Écrivez le nom."),
        "menages.prenom": N_("Écrivez le prénom."),
        "menages.naissance": N_("Écrivez la date de naissance."),
        "menages.naissance_absurde": N_(
            "Cette date de naissance n’est pas celle d’un adulte du ménage : vérifiez-la."
        ),
        "menages.long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "menages.numero_unique": N_(
            "Un numéro unique a 18 caractères et commence par le département, comme sur l’attestation "
            "d’enregistrement. Laissez vide si vous ne l’avez pas."
        ),
        "menages.si_siao_protege": N_(
            "En circuit protégé, la référence du SI SIAO est le seul repère : écrivez-la."
        ),
        "menages.adultes": N_("Un ménage a entre 1 et %(maximum)s adultes."),
        "menages.dernier_adulte": N_(
            "C’est le seul adulte du ménage : si l’accompagnement s’arrête, fermez le ménage."
        ),
        "menages.meme_personne": N_("Cette personne est déjà dans le ménage."),
        "menages.clos": N_("Ce ménage est fermé : rouvrez-le d’abord."),
        "menages.ouvert": N_("Ce ménage n’est pas fermé."),
        "menages.protege": N_("Ce ménage est en circuit protégé : aucun nom n’y est gardé."),
        "menages.non_protege": N_("Ce ménage n’est pas en circuit protégé."),
        "menages.contact_futur": N_("Un contact a déjà eu lieu : choisissez aujourd’hui ou un jour passé."),
        "menages.motif": N_("Dites pourquoi vous avez besoin de voir ce ménage."),
        "menages.jours": N_("Choisissez entre 1 et %(maximum)s jours."),
        "menages.deja_demande": N_("Vous avez déjà demandé à voir ce ménage : la réponse est attendue."),
        "menages.deja_repondu": N_("Cette demande n’attend plus de réponse."),
        "menages.acces_ferme": N_("Cet accès n’est plus ouvert."),
        "menages.absent": N_("Choisissez la personne absente."),
        "menages.relais": N_("Choisissez la personne qui assure le relais."),
        "menages.soi_meme": N_("Choisissez une autre personne que celle qui est absente."),
        "menages.relais_jours": N_("Le dernier jour vient après le premier, et n’est pas passé."),
        "menages.relais_long": N_("Un relais dure %(maximum)s jours au plus : au-delà, passez les ménages."),
        "menages.relais_double": N_("Cette personne assure déjà ce relais sur une partie de ces jours."),
        "menages.recherches_nombreuses": N_(
            "Vous avez cherché %(maximum)s fois en une heure : reprenez un peu plus tard."
        ),
        "menages.recherche_vide": N_("Écrivez au moins un nom, un numéro ou une référence."),
    }
)
