"""French texts of this room's errors, and the words of what is read."""

from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.shared.messages import N_, register

DECISION = "decision"
LIBELLES_LECTURE[DECISION] = N_("La décision d’une commission")

register(
    {
        "suites.pas_finie": N_("La séance n’est pas terminée : le relevé se rédige ensuite."),
        "suites.decisions_en_cours": N_(
            "Des décisions sont encore en cours de rédaction (%(nombre)s) : prenez-les ou ajournez-les."
        ),
        "suites.trop_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "suites.commentaire_vide": N_("Écrivez votre remarque."),
        "suites.relire_avant": N_("Donnez aux membres un jour à venir pour relire, dans les soixante jours."),
        "suites.remarques": N_(
            "Des remarques attendent une suite du secrétariat (%(nombre)s) : le relevé s’approuve ensuite."
        ),
        "suites.deja_approuve": N_("Votre organisation a déjà approuvé ce relevé."),
        "suites.statut": N_("Cette prescription ne peut pas passer à cet état."),
        "suites.recours_ferme": N_("Cette commission n’ouvre pas de recours."),
        "suites.recours_favorable": N_("Un recours ne se forme que contre une décision défavorable."),
        "suites.recours_non_notifie": N_("La décision ne vous a pas encore été notifiée."),
        "suites.recours_delai": N_("Le délai de recours est passé depuis le %(jour)s."),
        "suites.recours_existe": N_("Un recours a déjà été formé contre cette décision."),
        "suites.recours_motif": N_("Dites pourquoi la décision doit être revue."),
        "suites.recours_clos": N_("Ce recours a déjà reçu son issue."),
        "suites.formation": N_(
            "Le recours est examiné par une autre formation : choisissez une autre commission, ou donnez "
            "dans celle-ci un siège à une organisation qui n’était pas là la première fois. Un invité ajouté "
            "à la séance ne lit pas les dossiers."
        ),
        "suites.seance": N_("Choisissez une séance à venir parmi celles proposées."),
        "suites.sans_seance": N_("Désignez d’abord la séance qui examine le recours."),
        "suites.pas_examinee": N_("La séance qui examine le recours n’a pas commencé."),
        "suites.reponse": N_("Motivez l’issue : le prescripteur la lira."),
        "suites.nouvelle_decision": N_("Choisissez la décision révisée dans la liste de la commission."),
        "suites.meme_decision": N_(
            "La décision révisée est la même que la première : choisissez « maintenue »."
        ),
        "suites.interdit": N_("Ce motif n’est pas admis (%(interdit_libelle)s). %(explication)s"),
        "suites.pas_pret": N_("Le document se prépare : revenez dans un instant."),
        "suites.acces": N_("Vous n’avez plus accès à ce document."),
    }
)
