"""French texts of the refusals of an avenant."""

from portal.shared.messages import N_, register

register(
    {
        "avenants.pas_signee": N_("Un avenant modifie une convention signée, et celle-ci ne l’est pas."),
        "avenants.terminee": N_("La convention n’est plus en vigueur : elle ne se modifie plus."),
        "avenants.fusionnee": N_(
            "« %(absorbee)s » a été absorbée par « %(absorbante)s » : la convention a pris fin le jour de la "
            "fusion, et aucun avenant ne la prolonge. La suite s’écrit avec « %(absorbante)s »."
        ),
        "avenants.texte_absent": N_(
            "Le texte signé de cette convention n’est pas dans le portail : un avenant par clause ne peut "
            "pas s’y appuyer. Renouvelez la convention, ou joignez l’avenant signé aux documents."
        ),
        "avenants.deja_ouvert": N_(
            "Un avenant est déjà ouvert sur cette convention : menez-le à son terme avant d’en ouvrir un "
            "autre."
        ),
        "avenants.objet": N_("Dites en une phrase l’objet de l’avenant."),
        "avenants.clause_inconnue": N_("Cette clause n’est pas dans le texte consolidé de la convention."),
        "avenants.clause_verte": N_(
            "Cette partie est verte ou fixe : un avenant ne la modifie pas. Elle s’adapte une fois pour le "
            "département, par l’État et le SIAO."
        ),
        "avenants.sans_clause": N_("L’avenant ne modifie encore rien : choisissez au moins une clause."),
        "avenants.sans_effet": N_(
            "Ces clauses sont encore telles que la convention les dit : %(clauses)s. Modifiez-les, ou "
            "retirez-les de l’avenant."
        ),
        "avenants.clauses_ouvertes": N_(
            "L’avenant ne peut pas partir à la signature : les trois parties ne sont pas d’accord sur "
            "%(clauses)s."
        ),
        "avenants.etat": N_("L’avenant ne se modifie plus dans cet état (%(etat)s)."),
        "avenants.projet": N_(
            "Le projet d’avenant est en préparation à l’État et au SIAO. Vous pourrez vous prononcer à "
            "l’ouverture de la négociation."
        ),
        "avenants.nature_portee": N_("La convention porte déjà cette nature."),
        "avenants.nature_absente": N_("La convention ne porte pas cette nature."),
        "avenants.toutes_natures": N_(
            "Gardez au moins une nature : sans elle, la convention n’a plus d’objet."
        ),
        "avenants.effet_hors": N_(
            "La prise d’effet doit se situer entre le %(debut)s et le %(fin)s, pendant la convention."
        ),
        "avenants.effet_convention": N_("Un avenant ne change pas la prise d’effet de la convention."),
        "avenants.version_a_jour": N_("La convention emploie déjà la dernière version départementale."),
        "avenants.version_sans_effet": N_("La dernière version départementale n’y change aucun mot."),
        "avenants.proposition_absente": N_("Cette proposition n’attend plus de réponse."),
        "avenants.aucune": N_("Choisissez au moins une convention."),
    }
)
