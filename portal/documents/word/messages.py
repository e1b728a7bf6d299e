"""French texts of what a Word file may be refused for, and of what its reading tells."""

from portal.shared.messages import N_, register

register(
    {
        "word.protege": N_(
            "Ce document est protégé par un mot de passe. Retirez-le dans Word et recommencez."
        ),
        "word.ancien": N_("Ce document est à l’ancien format de Word (.doc). Enregistrez-le au format DOCX."),
        "word.macros": N_(
            "Ce document contient des macros : il n’est pas accepté. Enregistrez-le en DOCX, sans macros."
        ),
        "word.pdf": N_("Ce fichier est un PDF renommé. Déposez le document Word d’origine (DOCX)."),
        "word.pas_word": N_("Ce fichier n’est pas un document Word (DOCX)."),
        "word.illisible": N_(
            "Ce document est abîmé et ne peut pas être lu. Ouvrez-le dans Word, enregistrez-le de nouveau et "
            "recommencez."
        ),
        "word.doctype": N_("Ce document contient des déclarations interdites : par sécurité, il est refusé."),
        "word.trop_long": N_("Ce document est trop long pour être importé. Gardez seulement le modèle."),
        "word.vide": N_("Ce document ne contient aucun texte."),
        "word.sans_couleur": N_(
            "Aucun passage n’est surligné en vert ni en jaune : tout le texte est importé comme fixe."
        ),
        "word.autres_couleurs": N_(
            "Passages surlignés d’une autre couleur, importés comme fixes : %(nombre)s."
        ),
        "word.insertions": N_("Modifications suivies : ajouts gardés dans le texte : %(nombre)s."),
        "word.suppressions": N_("Modifications suivies : suppressions retirées du texte : %(nombre)s."),
        "word.commentaires": N_("Commentaires laissés de côté : %(nombre)s."),
        "word.images": N_("Images et objets laissés de côté : %(nombre)s."),
        "word.masque": N_("Passages masqués dans Word, importés avec le reste : %(nombre)s."),
        "word.symboles": N_("Symboles d’une police spéciale, remplacés par □ : %(nombre)s."),
        "word.annexes": N_("Documents insérés dans le document, laissés de côté : %(nombre)s."),
    }
)
