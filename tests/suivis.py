"""Follow-ups as five départements might keep them: fictitious, and each in its own way."""

from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill


def classeur(lignes: list[list[Any]], *, fusions: tuple[str, ...] = (), masquees: str = "") -> bytes:
    """Return a workbook of one sheet; `fusions`: merged ranges, `masquees`: letters of hidden columns."""
    livre, sortie = Workbook(), BytesIO()
    feuille = livre.active
    feuille.title = "CTP 2026"
    for ligne in lignes:
        feuille.append(ligne)
    for plage in fusions:
        feuille.merge_cells(plage)
    for lettre in masquees:
        feuille.column_dimensions[lettre].hidden = True
    feuille["A1"].fill = PatternFill("solid", fgColor="FFFF00")
    livre.save(sortie)
    return sortie.getvalue()


def titres_fusionnes() -> bytes:
    """A State service: lines of title, titles on two lines, operators merged, a hidden column, a total."""
    return classeur(
        [
            ["DDETS – Suivi du déploiement des conventions territoriales partenariales"],
            ["Mise à jour", date(2026, 2, 27), None, "Rédacteur", "Pôle hébergement"],
            [],
            ["Gestionnaire", "Dispositifs", None, "Convention", None, None, "Avancement", "Obs.", "Interne"],
            [None, "Type", "Nb places", "Signée le", "Début", "Fin", None, None, None],
            [
                "Association Essai",
                "CHRS",
                25,
                date(2022, 12, 12),
                date(2022, 12, 12),
                date(2026, 12, 12),
                "Signé",
            ],
            [
                "Les Ajoncs fictifs",
                "Pension de famille / maison relais",
                24,
                None,
                None,
                None,
                "à relancer",
                "Appeler",
            ],
            [None, "IML location/sous-location", 40, "15/01/2024", "15/01/2024", "14/01/2028", "en cours"],
            [
                "Foyer fictif des Bruyères",
                "FJT",
                "62",
                None,
                None,
                None,
                "En attente de signature",
                None,
                "x",
            ],
            [],
            ["TOTAL", None, 151],
        ],
        fusions=("A1:I1", "A4:A5", "B4:C4", "D4:F4", "G4:G5", "H4:H5", "I4:I5", "A7:A8"),
        masquees="I",
    )


def csv_d_un_siao() -> bytes:
    """A SIAO: semicolons, Windows-1252, dates in words, dashes for nothing, quoted newlines."""
    return (
        "N°;Nom de l'opérateur;SIRET;Activité;Capacité;Où en est-on ?;Date de la convention;Échéance;"
        "Date limite;Commentaire\r\n"
        "1;Association Essai;-;CHU, CHRS insertion;30 + 12;Signé;12 décembre 2022;12/12/2026;-;"
        '"Vu le 3 mars\r\navec la direction"\r\n'
        "2;Les Genêts fictifs;732 829 320 00074;RS;1 200;rendez-vous pris;;;fin 2026;\r\n"
        "3;Les Landes fictives;;résidence acceuil;18 pl.;à engager;NC;;T3 2026;=cmd|' /C calc'!A0\r\n"
        ";;;;;;;;;\r\n"
        "Total;;;;1 260;;;;;\r\n"
    ).encode("cp1252")


def utf16_tabule() -> bytes:
    """A département of several SIAO and State services: « texte Unicode » of a spreadsheet, with tabs."""
    return (
        "Partenaire\tSIAO concerné\tDDETS / DRIHL\tNature\tPlaces\tStatut\tSignature\tPrise d’effet\tTerme\n"
        "Les Ajoncs fictifs\tSIAO Nord\tService logement\tLHSS\t15\tsigné\t2023-03-01\t2023-03-01\t"
        "2027-02-28\n"
        "Les Ajoncs fictifs\tSud\tService hébergement\tLAM et ACT\t10 et 8\tsigné\t1.3.23\t\t28.02.27\n"
        "Les Bruyères fictives\tNord\tService logement\tCADA\t80\tnégociation\t\t\t\n"
    ).encode("utf-16")


def une_ligne_par_nature() -> bytes:
    """A tracker by structure: FINESS, the period in one cell, « oui » or « non » for the signature."""
    return classeur(
        [
            [
                "Structure",
                "N° FINESS",
                "Catégorie",
                "Nbre de places",
                "CTP signée ?",
                "Période de validité",
                "Précisions",
            ],
            [
                "Résidence Essai",
                220000012,
                "Résidence sociale",
                45,
                "Oui",
                "du 01/01/2024 au 31/12/2027",
                None,
            ],
            [
                "Maison fictive du Port",
                None,
                "pension famile",
                "12 places",
                "Non",
                None,
                "rencontrer en avril",
            ],
            ["Maison fictive du Large", None, "CPH", 50, "NON", None, None],
        ]
    )


def virgules_et_propositions() -> bytes:
    """A shared table: commas, UTF-8 with a mark, names nearly those of the portal, natures with numbers."""
    return (
        "Association,Siret,Modalité,Type de dispositif,Date prévue,État,Date signature,Remarques\n"
        "Association Essai Bretagne,,gré à gré,CHRS 25 pl + CHU (12 places),30/06/2026,En cours,,\n"
        '"Association, Les Chênes fictifs",,collectif,"HUDA; CAES",juin 2026,à signer,,"a ""relire"""\n'
        "Centre fictif d’accueil,,,château,,à faire,,\n"
        "Les Tilleuls fictifs,,,RHVS,31/02/2026,à faire,,\n"
        "Les Tilleuls fictifs bis,,,RHVS,,signé,29/02/2023,\n"
    ).encode("utf-8-sig")
