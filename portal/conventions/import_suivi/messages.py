"""French texts of what an imported table may be refused for."""

from portal.shared.messages import N_, register

register(
    {
        "conventions.import_operateur_colonne": N_("Dites quelle colonne donne l’opérateur."),
        "conventions.import_siao_inconnu": N_(
            "SIAO inconnu dans votre département (« %(valeur)s »). Connus : %(noms)s."
        ),
        "conventions.import_siao_absent": N_("Plusieurs SIAO dans ce département : dites lequel (%(noms)s)."),
        "conventions.import_service_inconnu": N_(
            "Service de l’État inconnu dans ce département (« %(valeur)s »). Connus : %(noms)s."
        ),
        "conventions.import_service_absent": N_(
            "Plusieurs services de l’État dans ce département : dites lequel signe (%(noms)s)."
        ),
        "conventions.import_total": N_("Ligne de total : laissée de côté."),
        "conventions.import_ecartee": N_("Laissée de côté, comme vous l’avez demandé."),
        "conventions.import_formule": N_(
            "Cette case contient une erreur de calcul (%(valeur)s) : écrivez sa valeur."
        ),
        "conventions.import_operateur_formule": N_(
            "Cette case commence comme une formule de tableur : écrivez le nom de l’opérateur."
        ),
        "conventions.import_operateur_long": N_("Ce texte est trop long : %(maximum)s caractères au plus."),
        "conventions.import_notes_formule": N_(
            "Cette case commence comme une formule de tableur : elle est gardée en texte, jamais calculée."
        ),
        "conventions.import_nature_proche": N_(
            "Nature de dispositif inconnue (« %(nature)s »). Proches : %(proches)s."
        ),
        "conventions.import_nature_prise": N_("« %(nature)s » est lu « %(comprise)s »."),
        "conventions.import_places_total": N_(
            "Un seul nombre pour plusieurs natures : gardé dans les notes, à répartir ensuite."
        ),
        "conventions.import_date_sans_jour": N_(
            "Le jour manque. Écrivez la date entière, par exemple 31/12/2026."
        ),
        "conventions.import_date_de_periode": N_(
            "Le jour manque : la fin de la période est prise (%(fin)s)."
        ),
        "conventions.import_etat_suppose": N_(
            "État inconnu (« %(valeur)s ») : la ligne sera à engager, et ce mot gardé dans les notes."
        ),
        "conventions.import_etat_deduit": N_(
            "État inconnu (« %(valeur)s ») : la ligne sera signée à la date donnée, et ce mot gardé dans les "
            "notes."
        ),
        "conventions.import_etat_signe": N_(
            "« %(valeur)s » avec une date de signature : la ligne sera signée."
        ),
        "conventions.import_operateur_nouveau": N_("Opérateur inconnu du portail : il sera créé."),
        "conventions.import_operateur_proche": N_("Opérateur inconnu du portail. Noms proches : %(noms)s."),
        "conventions.import_operateur_choisi": N_("Lu « %(nom)s », comme vous l’avez choisi."),
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
            "Lignes refusées : %(nombre)s ; rien n’a été importé. Corrigez le fichier, ou importez seulement "
            "les lignes valides."
        ),
        "conventions.import_acces": N_("Votre accès ne permet plus d’importer ici."),
        "conventions.import_annulation_tardive": N_("Un import s’annule le jour même seulement."),
        "conventions.import_deja_annule": N_("Cet import est déjà annulé."),
        "conventions.import_modifiee": N_("Modifiée depuis l’import."),
        "conventions.import_documents": N_("Un document lui a été lié depuis l’import."),
        "conventions.import_renouvelee": N_("Son renouvellement a été ouvert depuis l’import."),
        "conventions.import_choix": N_("Cet organisme ne peut pas être l’opérateur d’une convention."),
    }
)
