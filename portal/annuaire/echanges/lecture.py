"""Reading the cells of one line: every error told at its column, nothing guessed in silence.

An empty cell says nothing, and changes nothing of an entry that exists. A cell equal to what the export
writes of the entry says nothing new either, whatever it holds.
"""

from collections.abc import Mapping
from datetime import date

from portal.annuaire.echanges import mots, telephones
from portal.annuaire.echanges.champs import Champ, Colonnes
from portal.annuaire.echanges.ligne import LigneLue
from portal.annuaire.echanges.reperes import ECARTEE, Organisme, Reperes, noms_proches
from portal.annuaire.nomenclatures import Fonction, publics
from portal.annuaire.regles import courriel_prive
from portal.annuaire.saisie import EMAIL
from portal.documents.cellules import erreur_de_calcul, est_un_total, montrer, texte, vide
from portal.documents.constats import Question, cle_de_mot
from portal.documents.exports import Value, neutralise
from portal.documents.spreadsheets import Cell, Row
from portal.organisations.identifiants import bare, read_siren, read_siret, siren_of
from portal.organisations.referentiel import Lieu, Maille
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError
from portal.shared.text import sort_key

MONTRE = 200  # characters of a cell that the preview keeps
LONGUEURS = {
    Champ.MENTION: 120,
    Champ.HORAIRES: 200,
    Champ.PRENOM: 80,
    Champ.NOM: 80,
    Champ.SUPPLEANT_PRENOM: 80,
    Champ.SUPPLEANT_NOM: 80,
}
_TELEPHONES = (Champ.TELEPHONE, Champ.SUPPLEANT_TELEPHONE, Champ.FONCTION_TELEPHONE)
_EMAILS = (Champ.EMAIL, Champ.SUPPLEANT_EMAIL, Champ.FONCTION_EMAIL)


def lire(
    row: Row, colonnes: Colonnes, reperes: Reperes, actuelle: Mapping[Champ, Value] | None = None
) -> LigneLue:
    """Return a line of the table with its errors; `actuelle`: what the export says of the entry it names."""
    cellules = {champ: row.cells[index] for champ, index in colonnes.items()}
    ligne = LigneLue(row.number)
    ligne.cellules = {champ.value: montrer(valeur)[:MONTRE] for champ, valeur in cellules.items()}
    premiere = next((cell for cell in row.cells if cell is not None), None)
    if isinstance(premiere, str) and est_un_total(premiere):
        ligne.ignoree = True
        ligne.avertir(None, "annuaire.import_total")
        return ligne
    ligne.reference = reference(cellules.get(Champ.REFERENCE))
    _ecarter(ligne, cellules, actuelle or {})
    if actuelle is None:
        _lire_la_fonction(ligne, cellules, reperes)
    else:
        for champ in IDENTITE:
            if cellules.get(champ) is not None:
                ligne.refuser(champ, "annuaire.import_autre_fiche")
        ligne.departement_code = str(actuelle[Champ.DEPARTEMENT])
    _lire_les_personnes(ligne, cellules, reperes.inverses)
    for champ in (*_TELEPHONES, *_EMAILS):
        _lire_joindre(ligne, champ, cellules.get(champ))
    for champ in (Champ.DU, Champ.AU):
        _lire_date(ligne, champ, cellules.get(champ))
    for champ in (Champ.MENTION, Champ.HORAIRES):
        _noter(ligne, champ, _dit(cellules.get(champ)))
    _lire_les_lieux(ligne, cellules, reperes)
    _lire_la_couverture(ligne, cellules, reperes)
    return ligne


IDENTITE = (Champ.ORGANISATION, Champ.SIREN, Champ.STRUCTURE, Champ.DEPARTEMENT, Champ.FONCTION)


def reference(cellule: Cell) -> str:
    """Return the public reference that a cell holds, without the apostrophe of an export."""
    return texte(cellule).lstrip("'")


def _dit(valeur: Cell) -> str:
    """Return what a cell says on one line; nothing for a dash or « NC », no apostrophe put by an export."""
    lue = " ".join(texte(valeur).split())
    if lue.startswith("'") and neutralise(lue[1:]) == lue:
        lue = lue[1:]
    return "" if vide(lue) else lue


def _ecarter(ligne: LigneLue, cellules: dict[Champ, Cell], actuelle: Mapping[Champ, Value]) -> None:
    """Read as empty the cells that say what the entry says already, and refuse failed formulas."""
    for champ, valeur in cellules.items():
        if isinstance(valeur, str) and erreur_de_calcul(valeur):
            ligne.refuser(champ, "annuaire.import_formule", valeur=valeur)
            cellules[champ] = None
        elif champ in actuelle and _ecrit_pareil(valeur, actuelle[champ]):
            cellules[champ] = None


def _ecrit_pareil(cellule: Cell, ecrit: Value) -> bool:
    dite = montrer(cellule)
    if isinstance(ecrit, date):
        return dite == f"{ecrit:%d/%m/%Y}" or dite == ecrit.isoformat()
    connue = " ".join(str(ecrit or "").split())
    return " ".join(dite.split()) in (connue, " ".join(neutralise(str(ecrit or "")).split()))


def _lire_la_fonction(ligne: LigneLue, cellules: Mapping[Champ, Cell], reperes: Reperes) -> None:
    organisme = _organisme(ligne, cellules, reperes)
    if ligne.ignoree or organisme is None:
        return
    ligne.organisme = organisme
    ligne.departement_code = _departement(ligne, _dit(cellules.get(Champ.DEPARTEMENT)), organisme, reperes)
    if not ligne.departement_code:
        return
    if not reperes.peut(organisme, ligne.departement_code):
        ligne.refuser(Champ.ORGANISATION, "annuaire.import_droit")
        return
    ligne.structure_id = _structure(ligne, _dit(cellules.get(Champ.STRUCTURE)), organisme)
    ligne.fonction = _fonction(ligne, _dit(cellules.get(Champ.FONCTION)), organisme, reperes)


def _organisme(ligne: LigneLue, cellules: Mapping[Champ, Cell], reperes: Reperes) -> Organisme | None:
    nom, siren = _dit(cellules.get(Champ.ORGANISATION)), _siren(ligne, _dit(cellules.get(Champ.SIREN)))
    if not nom and not siren:
        if reperes.propre is None:
            ligne.refuser(Champ.ORGANISATION, "obligatoire")
        return reperes.propre
    ecrit = nom or siren
    trouve = reperes.organisme(nom, siren)
    choisie = reperes.mots.get(cle_de_mot(Champ.ORGANISATION, ecrit), "")
    if trouve is None and choisie == ECARTEE:
        ligne.ignoree = True
        ligne.avertir(Champ.ORGANISATION, "annuaire.import_ecartee")
        ligne.questions.append(Question(Champ.ORGANISATION, ecrit[:MONTRE], ECARTEE))
        return None
    pris = trouve or reperes.par_ref.get(choisie)
    if trouve is None:
        proches = tuple((one.ref, one.nom) for one in reperes.proches(nom))
        ligne.questions.append(
            Question(Champ.ORGANISATION, ecrit[:MONTRE], pris.ref if pris else "", proches)
        )
        if pris is None:
            code = "annuaire.import_organisation" if reperes.propre is None else "annuaire.import_autrui"
            ligne.refuser(Champ.ORGANISATION, code, valeur=ecrit[:80])
    return pris


def _siren(ligne: LigneLue, ecrit: str) -> str:
    numero = bare(ecrit)
    if not numero:
        return ""
    try:
        return siren_of(read_siret(numero)) if len(numero) == 14 else read_siren(numero.zfill(9))
    except DomainError as error:
        ligne.refuser(Champ.SIREN, error.code, **error.params)
        return ""


def _departement(ligne: LigneLue, ecrit: str, organisme: Organisme, reperes: Reperes) -> str:
    ou = organisme.departements
    if not ecrit:
        return reperes.actor.departement_code if reperes.actor.departement_code in ou else ou[0]
    par_nom = {sort_key(nom): code for code, nom in reperes.departements.items()}
    code = ecrit.upper().zfill(2)
    code = code if code in reperes.departements else par_nom.get(sort_key(ecrit), "")
    if code not in ou:
        ligne.refuser(Champ.DEPARTEMENT, "annuaire.departement")
        return ""
    return code


def _structure(ligne: LigneLue, ecrit: str, organisme: Organisme) -> int | None:
    if not ecrit or sort_key(ecrit) in (sort_key(organisme.nom), sort_key(organisme.sigle)):
        return None
    ici = [one for one in organisme.structures if one.departement_code == ligne.departement_code]
    trouvees = [one for one in ici if sort_key(one.nom) == sort_key(ecrit) or one.finess == bare(ecrit)]
    if len(trouvees) == 1:
        return trouvees[0].id
    proches = noms_proches(ecrit, [one.nom for one in ici])
    if proches:
        ligne.refuser(
            Champ.STRUCTURE, "annuaire.import_structure_proche", valeur=ecrit[:80], noms=" ; ".join(proches)
        )
    else:
        ligne.refuser(Champ.STRUCTURE, "annuaire.import_structure", valeur=ecrit[:80])
    return None


def _fonction(ligne: LigneLue, ecrit: str, organisme: Organisme, reperes: Reperes) -> Fonction | None:
    if not ecrit:
        ligne.refuser(Champ.FONCTION, "obligatoire")
        return None
    connues = reperes.fonctions[ligne.departement_code]
    trouve = mots.fonction(ecrit, connues, organisme.type)
    code = _choisir(
        ligne,
        Champ.FONCTION,
        ecrit,
        trouve,
        {c: f.libelle.en_langue(reperes.actor.langue) for c, f in connues.items()},
        reperes,
    )
    if not code:
        return None
    if not connues[code].convient(organisme.type):
        ligne.refuser(Champ.FONCTION, "annuaire.fonction_type")
        return None
    return connues[code]


def _choisir(
    ligne: LigneLue,
    champ: Champ,
    ecrit: str,
    trouve: mots.Trouve,
    labels: Mapping[str, str],
    reperes: Reperes,
) -> str:
    """Return the code that a writing is taken for, asked about when it is not sure; empty: unknown."""
    if trouve.code and not trouve.suppose:
        return trouve.code
    choisi = reperes.mots.get(cle_de_mot(champ, ecrit), "")
    pris = choisi if choisi in labels else trouve.code
    proches = tuple((code, labels[code]) for code in trouve.proches if code in labels)
    ligne.questions.append(Question(champ, ecrit[:MONTRE], pris, proches))
    if not pris:
        ligne.refuser(champ, "annuaire.import_inconnu", valeur=ecrit[:80])
    elif pris != choisi:
        ligne.avertir(champ, "annuaire.import_pris", valeur=ecrit[:80], compris=labels[pris])
    return pris


def _lire_les_personnes(ligne: LigneLue, cellules: Mapping[Champ, Cell], inverses: frozenset[Champ]) -> None:
    for un, deux in ((Champ.PRENOM, Champ.NOM), (Champ.SUPPLEANT_PRENOM, Champ.SUPPLEANT_NOM)):
        prenom, nom = _dit(cellules.get(un)), _dit(cellules.get(deux))
        if nom and un not in cellules:
            prenom, nom = mots.prenom_et_nom(nom, inverse=deux in inverses)
        _noter(ligne, un, prenom)
        _noter(ligne, deux, nom)


def _noter(ligne: LigneLue, champ: Champ, dit: str) -> None:
    if len(dit) > LONGUEURS[champ]:
        ligne.refuser(champ, "annuaire.trop_long", maximum=LONGUEURS[champ])
    elif dit:
        ligne.dit[champ] = dit


def _lire_joindre(ligne: LigneLue, champ: Champ, cellule: Cell) -> None:
    ecrit = _dit(cellule)
    if not ecrit:
        return
    if champ in _EMAILS:
        dites = [one.strip("<>\"'()").removeprefix("mailto:") for one in ecrit.replace(";", " ").split()]
        dites = [one.rstrip(",").lower() for one in dites if "@" in one] or [ecrit.lower()]
    else:
        dites = telephones.numeros(ecrit if isinstance(cellule, str) else cellule)
    try:
        read = _email if champ in _EMAILS else telephones.lire
        ligne.dit[champ] = read(dites[0], champ.value)
    except DomainError as error:
        ligne.refuser(champ, error.code, **error.params)
        return
    if len(dites) > 1:
        ligne.avertir(champ, "annuaire.import_plusieurs", garde=ligne.dit[champ])
    if champ in _EMAILS and courriel_prive(ligne.dit[champ]):
        ligne.avertir(champ, "annuaire.import_prive")


def _email(ecrit: str, champ: str) -> str:
    if len(ecrit) > 254 or not EMAIL.fullmatch(ecrit):
        raise DomainError("annuaire.email", champ)
    return ecrit


def _lire_date(ligne: LigneLue, champ: Champ, cellule: Cell) -> None:
    valeur = _dit(cellule) if isinstance(cellule, str) else cellule
    try:
        jour = parse_date(valeur, champ.value)
    except DomainError as error:
        ligne.refuser(champ, error.code, **error.params)
    else:
        if jour is not None:
            ligne.dit[champ] = jour


def _lire_les_lieux(ligne: LigneLue, cellules: Mapping[Champ, Cell], reperes: Reperes) -> None:
    for champ in (Champ.COMMUNES, Champ.TERRITOIRES):
        ecrit = texte(cellules.get(champ))
        if not _dit(cellules.get(champ)):
            continue
        trouves: list[Lieu] = []
        if not mots.dit_tout(ecrit):
            for partie in mots.parties(ecrit):
                lieu = _lieu(ligne, champ, partie, reperes)
                if lieu is not None:
                    trouves.append(lieu)
        ligne.dit[champ] = tuple(dict.fromkeys(trouves))


def _lieu(ligne: LigneLue, champ: Champ, ecrit: str, reperes: Reperes) -> Lieu | None:
    """Return the territory that a part of a cell names: of the kind of its column first."""
    if not ligne.departement_code:
        return None
    lieu = reperes.lieu(ecrit, ligne.departement_code) if champ is Champ.TERRITOIRES else None
    if lieu is not None:
        return lieu
    codes = reperes.commune(ecrit, ligne.departement_code)
    if len(codes) == 1:
        return Lieu(Maille.COMMUNE, codes[0])
    lieu = reperes.lieu(ecrit, ligne.departement_code)
    if lieu is None:
        code = "annuaire.commune_ambigue" if codes else "annuaire.import_lieu"
        ligne.refuser(champ, code, nom=ecrit[:80])
    return lieu


def _lire_la_couverture(ligne: LigneLue, cellules: Mapping[Champ, Cell], reperes: Reperes) -> None:
    natures = _dit(cellules.get(Champ.NATURES))
    if natures:
        codes: list[str] = []
        if not mots.dit_tout(natures):
            for nommee in reperes.lexique.lire(natures):
                trouve = mots.Trouve(
                    next(iter(nommee.codes), ""), nommee.supposee or len(nommee.codes) > 1, nommee.voisins
                )
                labels = reperes.natures
                code = _choisir(ligne, Champ.NATURES, nommee.texte, trouve, labels, reperes)
                codes += [code] if code else []
        ligne.dit[Champ.NATURES] = tuple(sorted(set(codes)))
    dits = _dit(cellules.get(Champ.PUBLICS))
    if dits:
        labels = {code: une.en_langue(reperes.actor.langue) for code, une in publics().items()}
        choisis = [
            _choisir(ligne, Champ.PUBLICS, partie, mots.public(partie), labels, reperes)
            for partie in ([] if mots.dit_tout(dits) else mots.parties(dits))
        ]
        ligne.dit[Champ.PUBLICS] = tuple(sorted(set(filter(None, choisis))))
    ecrit = _dit(cellules.get(Champ.PREFERENCE))
    if ecrit:
        preference = mots.preference(ecrit)
        if preference is None:
            ligne.refuser(Champ.PREFERENCE, "annuaire.import_preference", valeur=ecrit[:40])
        else:
            ligne.dit[Champ.PREFERENCE] = preference
