"""French texts of what an imported table may be refused for."""

from portal.shared.messages import N_, register

register(
    {
        "conventions.import_operateur_colonne": N_("Dites quelle colonne donne l’opérateur."),
        "conventions.import_colonne": N_("Cette colonne n’est pas dans le fichier."),
        "conventions.import_colonne_double": N_("Une même colonne est choisie deux fois."),
        "conventions.import_siao_inconnu": N_("SIAO inconnu dans votre département (« %(valeur)s »)."),
        "conventions.import_siao_absent": N_("Plusieurs SIAO dans ce département : dites lequel."),
        "conventions.import_mode_inconnu": N_(
            "Mode inconnu (« %(valeur)s ») : écrivez « gré à gré » ou « collectif »."
        ),
        "conventions.import_etat_inconnu": N_("État inconnu (« %(valeur)s »)."),
        "conventions.import_etat_portail": N_(
            "L’état « %(valeur)s » ne s’importe pas : importez la ligne sans état, puis changez-le dans le "
            "portail."
        ),
        "conventions.import_signee_sans_date": N_(
            "La ligne est dite signée, sans date de signature ni date d’effet."
        ),
        "conventions.import_signature_contraire": N_(
            "La ligne porte une date de signature, mais son état est « %(valeur)s »."
        ),
        "conventions.import_places_nombre": N_("« %(valeur)s » n’est pas un nombre de places."),
        "conventions.import_places_natures": N_(
            "Donnez autant de nombres de places que de natures, dans le même ordre (par exemple « 40 + 12 »)."
        ),
        "conventions.import_doublon": N_("Même convention que la ligne %(ligne)s."),
        "conventions.import_chevauchement": N_(
            "Chevauche la convention de la ligne %(ligne)s (même opérateur, même SIAO)."
        ),
        "conventions.import_effet_avant": N_("Date d’effet avant la signature : gardée telle quelle."),
        "conventions.import_effet_calcule": N_("Date d’effet absente : la date de signature est prise."),
        "conventions.import_signature_calculee": N_("Date de signature absente : la date d’effet est prise."),
        "conventions.import_fin_calculee": N_("Date de fin absente : calculée (%(fin)s)."),
        "conventions.import_refusees": N_(
            "%(nombre)s lignes sont refusées : rien n’a été importé. Corrigez-les, ou importez seulement les "
            "lignes valides."
        ),
        "conventions.import_acces": N_("Votre accès ne permet plus d’importer ici."),
        "conventions.import_perdu": N_("Le fichier n’est plus gardé : déposez-le de nouveau."),
        "conventions.import_annulation_tardive": N_("Un import s’annule le jour même seulement."),
        "conventions.import_deja_annule": N_("Cet import est déjà annulé."),
        "conventions.import_modifiee": N_("Modifiée depuis l’import."),
        "conventions.import_documents": N_("Un document lui a été lié depuis l’import."),
        "conventions.import_renouvelee": N_("Son renouvellement a été ouvert depuis l’import."),
        "conventions.import_choix": N_("Cet organisme ne peut pas être l’opérateur d’une convention."),
    }
)
