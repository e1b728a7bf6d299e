"""Reading the cells of one line: pure, every error told at its column, nothing guessed in silence."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from portal.conventions import regles
from portal.conventions.enums import Mode, Statut
from portal.conventions.import_suivi import vocabulaire
from portal.conventions.import_suivi.colonnes import Champ, Colonnes
from portal.documents.cellules import erreur_de_calcul, est_un_total, jours_dans, montrer, texte, vide
from portal.documents.constats import Ligne, Question, cle_de_mot
from portal.documents.spreadsheets import Cell, Row
from portal.organisations.identifiants import bare, read_finess, read_siren, read_siret, siren_of
from portal.organisations.natures_ecrites import SEPARATEURS, Lexique, Nommee
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError
from portal.shared.text import normalise

FORMULES = ("=", "@")
NOM_MAXIMUM = 200
NOTES_MAXIMUM = 5000
PLACES_MAXIMUM = 100_000

_DATES = (Champ.DATE_CIBLE, Champ.SIGNATURE, Champ.EFFET, Champ.FIN)
_PLACES = re.compile(r"[^\d=+@|!-]*(\d[\d\s]*)(?:[.,]0+)?[^\d=+@|!]*")  # words around a number, no formula


@dataclass(frozen=True)
class Regles:
    """What reading needs to know: writings of the natures, today, usual values.

    `mots`: what a person said that words of the file mean, by `Question.cle`.
    """

    lexique: Lexique
    jour: date
    duree_mois: int
    date_cible: date
    mots: Mapping[str, str] = field(default_factory=dict)


@dataclass
class LigneLue(Ligne[Champ]):
    """A line as read. `statut`: what it would become; a signed one has its three dates."""

    operateur: str = ""
    siren: str | None = None
    finess: str | None = None
    siao: str = ""
    service: str = ""
    natures: dict[str, int | None] = field(default_factory=dict)
    mode: Mode | None = None
    statut: Statut = Statut.A_ENGAGER
    date_cible: date | None = None
    date_signature: date | None = None
    date_effet: date | None = None
    date_fin: date | None = None
    notes: str = ""

    @property
    def signee(self) -> bool:
        """Whether it enters as a CTP signed elsewhere."""
        return self.statut is Statut.SIGNEE


def lire(row: Row, colonnes: Colonnes, regles_: Regles) -> LigneLue:
    """Return a line of the table with its errors."""
    cellules = {champ: row.cells[index] for champ, index in colonnes.items()}
    ligne = LigneLue(row.number)
    ligne.cellules = {champ.value: montrer(valeur)[:NOM_MAXIMUM] for champ, valeur in cellules.items()}
    if _est_un_total(row):
        ligne.ignoree = True
        ligne.avertir(None, "conventions.import_total")
        return ligne
    _ecarter_les_erreurs(ligne, cellules)
    ligne.notes = texte(cellules.get(Champ.NOTES))
    _lire_operateur(ligne, cellules)
    ligne.siao = _dit(cellules.get(Champ.SIAO))[:NOM_MAXIMUM]
    ligne.service = _dit(cellules.get(Champ.SERVICE))[:NOM_MAXIMUM]
    _lire_natures(ligne, cellules, regles_)
    _lire_mode(ligne, _dit(cellules.get(Champ.MODE)))
    signee = _lire_dates(ligne, cellules)
    _lire_etat(ligne, texte(cellules.get(Champ.ETAT)), regles_, signee=signee)
    if ligne.signee:
        _completer(ligne, regles_)
    if ligne.date_cible is None:
        ligne.date_cible = regles_.date_cible
    ligne.notes = ligne.notes[:NOTES_MAXIMUM]
    return ligne


def _dit(valeur: Cell) -> str:
    """Return what a cell says; nothing for a dash or « NC »."""
    lue = texte(valeur)
    return "" if vide(lue) else lue


def _est_un_total(row: Row) -> bool:
    premiere = next((cell for cell in row.cells if cell is not None), None)
    return isinstance(premiere, str) and est_un_total(premiere)


def _ecarter_les_erreurs(ligne: LigneLue, cellules: dict[Champ, Cell]) -> None:
    """Refuse the cells where a formula of the workbook failed, and read them as empty.

    A text that begins as a formula: no operator is called so; notes keep it, and it is said.
    """
    for champ, valeur in cellules.items():
        if not isinstance(valeur, str):
            continue
        if erreur_de_calcul(valeur):
            ligne.refuser(champ, "conventions.import_formule", valeur=valeur)
            cellules[champ] = None
        elif champ is Champ.OPERATEUR and valeur.lstrip().startswith(FORMULES):
            ligne.refuser(champ, "conventions.import_operateur_formule")
            cellules[champ] = None
        elif champ is Champ.NOTES and valeur.lstrip().startswith(FORMULES):
            ligne.avertir(champ, "conventions.import_notes_formule")


def _lire_operateur(ligne: LigneLue, cellules: Mapping[Champ, Cell]) -> None:
    nom = _dit(cellules.get(Champ.OPERATEUR))
    if len(nom) > NOM_MAXIMUM:
        ligne.refuser(Champ.OPERATEUR, "conventions.import_operateur_long", maximum=NOM_MAXIMUM)
    ligne.operateur = nom[:NOM_MAXIMUM]
    for champ, lire_numero in ((Champ.SIREN, _siren), (Champ.FINESS, read_finess)):
        numero = bare(_dit(cellules.get(champ)))
        if numero.isdigit() and len(numero) == 8:
            numero = f"0{numero}"  # a spreadsheet drops the zero that a number begins with
        if not numero:
            continue
        try:
            setattr(ligne, champ.value, lire_numero(numero, champ.value))
        except DomainError as error:
            ligne.refuser(champ, error.code, **error.params)
    numeros = _dit(cellules.get(Champ.SIREN)) + _dit(cellules.get(Champ.FINESS))
    dit = any(erreur.champ is Champ.OPERATEUR for erreur in ligne.erreurs)
    if not ligne.operateur and not numeros and not dit:
        ligne.refuser(Champ.OPERATEUR, "obligatoire")


def _siren(numero: str, champ: str) -> str:
    """Return the SIREN of a number that may be a SIRET, whose two keys are then checked."""
    return siren_of(read_siret(numero, champ)) if len(numero) == 14 else read_siren(numero, champ)


def _lire_natures(ligne: LigneLue, cellules: Mapping[Champ, Cell], regles_: Regles) -> None:
    nommees = regles_.lexique.lire(_dit(cellules.get(Champ.NATURES)))
    codes = [_nature(ligne, nommee, regles_) for nommee in nommees]
    nombres = _lire_places(ligne, _dit(cellules.get(Champ.PLACES)))
    if not nombres:
        nombres = [nommee.nombre for nommee in nommees]
    elif len(nombres) == 1 < len(codes):
        ligne.avertir(Champ.PLACES, "conventions.import_places_total")
        ligne.notes = f"{ligne.notes}\nPlaces : {nombres[0]}".strip()
        nombres = [None] * len(codes)
    elif len(nombres) != len(codes):
        ligne.refuser(Champ.PLACES, "conventions.import_places_natures")
        return
    for code, nombre in zip(codes, nombres, strict=True):
        if code:
            deja = ligne.natures.get(code)
            ligne.natures[code] = nombre if deja is None else deja + (nombre or 0)


def _nature(ligne: LigneLue, nommee: Nommee, regles_: Regles) -> str:
    """Return the nature that a writing is taken for, told when it is not sure; empty when it is unknown."""
    lexique, ecrit = regles_.lexique, nommee.texte[:NOM_MAXIMUM]
    choisie = regles_.mots.get(cle_de_mot(Champ.NATURES, ecrit), "")
    pris = choisie if choisie in lexique.libelles else next(iter(nommee.codes), "")
    if not nommee.supposee and len(nommee.codes) == 1:
        return pris
    ligne.questions.append(Question(Champ.NATURES, ecrit, pris, nommee.codes or nommee.voisins))
    if not pris and nommee.voisins:
        proches = list(nommee.voisins)
        ligne.refuser(Champ.NATURES, "conventions.import_nature_proche", nature=ecrit, proches=proches)
    elif not pris:
        ligne.refuser(Champ.NATURES, "conventions.nature_inconnue", nature=ecrit)
    elif pris != choisie:
        ligne.avertir(Champ.NATURES, "conventions.import_nature_prise", nature=ecrit, comprise=pris)
    return pris


def _lire_places(ligne: LigneLue, valeur: str) -> list[int | None]:
    if _PLACES.fullmatch(valeur):
        morceaux = [valeur]
    else:
        morceaux = [m.strip() for m in SEPARATEURS.split(valeur) if m.strip()]
    nombres: list[int | None] = []
    for morceau in morceaux:
        trouve = _PLACES.fullmatch(morceau)
        compact = re.sub(r"\s", "", trouve[1]) if trouve else ""
        nombre = int(compact.lstrip("0")[:9] or 0) if compact and compact.isascii() else None
        if nombre is None or nombre > PLACES_MAXIMUM:
            ligne.refuser(Champ.PLACES, "conventions.import_places_nombre", valeur=morceau[:40])
            return []
        nombres.append(nombre)
    return nombres


def _lire_mode(ligne: LigneLue, valeur: str) -> None:
    if not valeur:
        return
    ligne.mode = vocabulaire.MODES.get(normalise(valeur))
    if ligne.mode is None:
        ligne.refuser(Champ.MODE, "conventions.import_mode_inconnu", valeur=valeur[:40])


def _lire_dates(ligne: LigneLue, cellules: Mapping[Champ, Cell]) -> bool:
    """Read the dates; tell whether the column of the signature says « oui » instead of a date."""
    cellules = dict(cellules)
    effet = cellules.get(Champ.EFFET)
    if isinstance(effet, str) and cellules.get(Champ.FIN) is None:
        jours = jours_dans(effet)
        if len(jours) == 2:  # « du 01/01/2023 au 31/12/2025 »
            cellules[Champ.EFFET], cellules[Champ.FIN] = jours[0], jours[1]
    signature = cellules.get(Champ.SIGNATURE)
    oui = isinstance(signature, str) and normalise(signature) in vocabulaire.OUI
    if oui:
        cellules[Champ.SIGNATURE] = None
    for champ in _DATES:
        setattr(ligne, champ.value, _date(ligne, champ, cellules.get(champ)))
    return oui


def _date(ligne: LigneLue, champ: Champ, valeur: Cell) -> date | None:
    """Return a date as people write it; the end of a period only for what is but a target."""
    lue = texte(valeur)
    if isinstance(valeur, str) and vide(lue):
        return None
    periode = None if isinstance(valeur, date) else vocabulaire.fin_de_periode(lue)
    if periode is not None:
        if champ is not Champ.DATE_CIBLE:
            ligne.refuser(champ, "conventions.import_date_sans_jour")
            return None
        ligne.avertir(champ, "conventions.import_date_de_periode", fin=periode)
        return periode
    jours = jours_dans(lue) if isinstance(valeur, str) else []
    if len(jours) == 1 and jours[0] != lue:
        with suppress(DomainError):  # « signée le 12/12/2022 »: else the whole text is read, and refused
            return parse_date(jours[0], champ.value)
    try:
        return parse_date(valeur, champ.value)
    except DomainError as error:
        ligne.refuser(champ, error.code, **error.params)
        return None


def _lire_etat(ligne: LigneLue, valeur: str, regles_: Regles, *, signee: bool) -> None:
    """Tell the state: the one written; else signed when it bears a signature, to be started otherwise."""
    datee = ligne.date_signature is not None
    mots = normalise(valeur)
    ligne.statut = Statut.SIGNEE if datee or signee else Statut.A_ENGAGER
    choisi = regles_.mots.get(cle_de_mot(Champ.ETAT, valeur)) if mots else None
    if choisi:
        ligne.questions.append(Question(Champ.ETAT, valeur[:NOM_MAXIMUM], choisi))
        statut = vocabulaire.statut_choisi(choisi)
    elif mots in vocabulaire.ETATS_DU_PORTAIL:
        ligne.refuser(Champ.ETAT, "conventions.import_etat_portail", valeur=valeur[:40])
        return
    elif datee and mots in vocabulaire.EN_COURS:
        ligne.avertir(Champ.ETAT, "conventions.import_etat_signe", valeur=valeur[:40])
        return
    elif mots in vocabulaire.ETATS:
        statut = vocabulaire.ETATS[mots]
    else:
        if not vide(valeur):
            _garder_l_etat(ligne, valeur)
        return
    ligne.statut = statut
    if statut is not Statut.SIGNEE and datee:
        ligne.refuser(Champ.SIGNATURE, "conventions.import_signature_contraire", valeur=valeur[:40])


def _garder_l_etat(ligne: LigneLue, valeur: str) -> None:
    """Keep in the notes a state that the portal does not know, and ask what it means."""
    ligne.questions.append(Question(Champ.ETAT, valeur[:NOM_MAXIMUM], ""))
    code = "conventions.import_etat_deduit" if ligne.signee else "conventions.import_etat_suppose"
    ligne.avertir(Champ.ETAT, code, valeur=valeur[:40])
    ligne.notes = f"{ligne.notes}\n{valeur}".strip()


def _completer(ligne: LigneLue, regles_: Regles) -> None:
    """Check the dates of a signed line, and give it those that the table leaves out."""
    if any(e.champ in {Champ.SIGNATURE, Champ.EFFET, Champ.FIN} for e in ligne.erreurs):
        return
    signature, effet = ligne.date_signature, ligne.date_effet
    if signature is None and effet is None:
        ligne.refuser(Champ.SIGNATURE, "conventions.import_signee_sans_date")
        return
    if signature is None:
        ligne.avertir(Champ.SIGNATURE, "conventions.import_signature_calculee")
        signature = effet
    elif effet is None:
        ligne.avertir(Champ.EFFET, "conventions.import_effet_calcule")
        effet = signature
    assert signature is not None
    assert effet is not None
    ligne.date_signature, ligne.date_effet = signature, effet
    if signature > regles_.jour:
        ligne.refuser(Champ.SIGNATURE, "conventions.signature_future")
    if effet < signature:
        ligne.avertir(Champ.EFFET, "conventions.import_effet_avant")
    if ligne.date_fin is None:
        ligne.date_fin = regles.fin_par_defaut(effet, regles_.duree_mois)
        ligne.avertir(Champ.FIN, "conventions.import_fin_calculee", fin=ligne.date_fin)
    if ligne.date_fin < effet:
        ligne.refuser(Champ.FIN, "conventions.fin_avant_effet", effet=effet)
