"""French texts of the refusals of a bilan."""

from portal.shared.messages import N_, register

register(
    {
        "bilans.engagements": N_("Dites ce que sont devenus les engagements avant de rendre le bilan."),
        "bilans.difficultes": N_(
            "Dites les difficultés rencontrées avant de rendre le bilan, ou écrivez qu’il n’y en a pas eu."
        ),
        "bilans.deja_rendu": N_("Ce bilan est rendu : il se lit, sans se modifier."),
        "bilans.pas_rendu": N_("Ce bilan n’est pas rendu."),
        "bilans.motif": N_("Dites pourquoi ce bilan est à reprendre."),
    }
)
