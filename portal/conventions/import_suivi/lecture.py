"""Reading the cells of one line: pure, every error told at its column, nothing guessed in silence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.conventions import regles
from portal.conventions.enums import Mode, Statut
from portal.conventions.import_suivi.colonnes import Champ, Colonnes
from portal.documents.spreadsheets import Cell, Row
from portal.organisations.identifiants import read_siren, siren_of
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError
from portal.shared.text import normalise

NOM_MAXIMUM = 200
NOTES_MAXIMUM = 5000
PLACES_MAXIMUM = 100_000

_SEPARATEURS = re.compile(r"[,;/+\n|]| et ")

_ETATS: dict[str, Statut] = {
    texte: statut
    for statut, textes in {
        Statut.A_ENGAGER: "a engager|prevue|prevu|planifiee|a faire|non engagee|non demarree",
        Statut.PROJET: "projet|brouillon|en preparation|en redaction",
        Statut.EN_NEGOCIATION: "en negociation|negociation|en cours|en cours de negociation|en discussion",
        Statut.ACCORD_DE_PRINCIPE: "accord de principe|accord",
        Statut.EN_SIGNATURE: "en signature|a signer|en cours de signature|signature en cours",
        Statut.SIGNEE: "signee|signe|signee a venir|en vigueur|active|a renouveler|echue|expiree|remplacee",
    }.items()
    for texte in textes.split("|")
}
_ETATS_DU_PORTAIL = frozenset(
    {"suspendue", "suspendu", "bloquee", "bloque", "sans objet", "abandonnee", "abandonne", "resiliee"}
)
_MODES: dict[str, Mode] = {
    "gre a gre": Mode.GRE_A_GRE,
    "gre": Mode.GRE_A_GRE,
    "individuel": Mode.GRE_A_GRE,
    "bilateral": Mode.GRE_A_GRE,
    "collectif": Mode.COLLECTIF,
    "collective": Mode.COLLECTIF,
}


@dataclass(frozen=True)
class Constat:
    """What is wrong with a cell, or worth knowing: the code of its text, its column (None: the line)."""

    champ: Champ | None
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Regles:
    """What reading needs to know: natures by normalised code or label, today, usual values."""

    natures: Mapping[str, str]
    jour: date
    duree_mois: int
    date_cible: date


@dataclass
class LigneLue:
    """A line as read. `statut`: what it would become; a signed one has its three dates."""

    numero: int
    operateur: str = ""
    siren: str | None = None
    siao: str = ""
    natures: dict[str, int | None] = field(default_factory=dict)
    mode: Mode | None = None
    statut: Statut = Statut.A_ENGAGER
    date_cible: date | None = None
    date_signature: date | None = None
    date_effet: date | None = None
    date_fin: date | None = None
    notes: str = ""
    cellules: dict[str, str] = field(default_factory=dict)
    erreurs: list[Constat] = field(default_factory=list)
    avertissements: list[Constat] = field(default_factory=list)

    @property
    def signee(self) -> bool:
        """Whether it enters as a CTP signed elsewhere."""
        return self.statut is Statut.SIGNEE

    def refuser(self, champ: Champ | None, code: str, **params: Any) -> None:
        """Note an error."""
        self.erreurs.append(Constat(champ, code, params))

    def avertir(self, champ: Champ | None, code: str, **params: Any) -> None:
        """Note what is worth knowing and refuses nothing."""
        self.avertissements.append(Constat(champ, code, params))


def lire(row: Row, colonnes: Colonnes, regles_: Regles) -> LigneLue:
    """Return a line of the table with its errors."""
    cellules = {champ: row.cells[index] for champ, index in colonnes.items()}
    ligne = LigneLue(row.number)
    ligne.cellules = {champ.value: montrer(valeur)[:NOM_MAXIMUM] for champ, valeur in cellules.items()}
    _lire_operateur(ligne, cellules)
    ligne.siao = texte(cellules.get(Champ.SIAO))[:NOM_MAXIMUM]
    _lire_natures(ligne, cellules, regles_.natures)
    _lire_mode(ligne, texte(cellules.get(Champ.MODE)))
    _lire_dates(ligne, cellules)
    _lire_etat(ligne, texte(cellules.get(Champ.ETAT)))
    if ligne.signee:
        _completer(ligne, regles_)
    if ligne.date_cible is None:
        ligne.date_cible = regles_.date_cible
    ligne.notes = texte(cellules.get(Champ.NOTES))[:NOTES_MAXIMUM]
    return ligne


def texte(valeur: Cell) -> str:
    """Return a cell as text, kept as it is written: what looks like a formula is but a text."""
    if valeur is None:
        return ""
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return str(valeur).strip()


def montrer(valeur: Cell) -> str:
    """Return a cell as the preview shows it."""
    if isinstance(valeur, datetime):
        valeur = valeur.date()
    return valeur.strftime("%d/%m/%Y") if isinstance(valeur, date) else texte(valeur)


def _lire_operateur(ligne: LigneLue, cellules: Mapping[Champ, Cell]) -> None:
    ligne.operateur = texte(cellules.get(Champ.OPERATEUR))[:NOM_MAXIMUM]
    numero = re.sub(r"[\s.]", "", texte(cellules.get(Champ.SIREN)))
    if numero:
        try:
            ligne.siren = read_siren(siren_of(numero) if len(numero) == 14 else numero, Champ.SIREN.value)
        except DomainError as error:
            ligne.refuser(Champ.SIREN, error.code, **error.params)
    elif not ligne.operateur:
        ligne.refuser(Champ.OPERATEUR, "obligatoire")


def _lire_natures(ligne: LigneLue, cellules: Mapping[Champ, Cell], natures: Mapping[str, str]) -> None:
    valeur = texte(cellules.get(Champ.NATURES))
    entiere = normalise(valeur) in natures  # a label may hold a comma of its own
    morceaux = [valeur] if entiere else [m.strip() for m in _SEPARATEURS.split(valeur) if m.strip()]
    codes = []
    for morceau in morceaux:
        code = natures.get(normalise(morceau))
        if code is None:
            ligne.refuser(Champ.NATURES, "conventions.nature_inconnue", nature=morceau)
        else:
            codes.append(code)
    places = _lire_places(ligne, texte(cellules.get(Champ.PLACES)))
    if places and len(places) != len(morceaux):
        ligne.refuser(Champ.PLACES, "conventions.import_places_natures")
        places = []
    if ligne.erreurs and len(codes) != len(morceaux):
        return
    for code, nombre in zip(codes, places or [None] * len(codes), strict=True):
        ligne.natures[code] = nombre


def _lire_places(ligne: LigneLue, valeur: str) -> list[int | None]:
    nombres: list[int | None] = []
    for morceau in filter(None, (m.strip() for m in _SEPARATEURS.split(valeur))):
        compact = re.sub(r"\s", "", morceau)
        if not compact.isdigit() or not compact.isascii() or int(compact[:9]) > PLACES_MAXIMUM:
            ligne.refuser(Champ.PLACES, "conventions.import_places_nombre", valeur=morceau[:40])
            return []
        nombres.append(int(compact))
    return nombres


def _lire_mode(ligne: LigneLue, valeur: str) -> None:
    if not valeur:
        return
    ligne.mode = _MODES.get(normalise(valeur))
    if ligne.mode is None:
        ligne.refuser(Champ.MODE, "conventions.import_mode_inconnu", valeur=valeur[:40])


def _lire_dates(ligne: LigneLue, cellules: Mapping[Champ, Cell]) -> None:
    for champ in (Champ.DATE_CIBLE, Champ.SIGNATURE, Champ.EFFET, Champ.FIN):
        try:
            jour = parse_date(cellules.get(champ), champ.value)
        except DomainError as error:
            ligne.refuser(champ, error.code, **error.params)
        else:
            setattr(ligne, champ.value, jour)


def _lire_etat(ligne: LigneLue, valeur: str) -> None:
    """Tell the state: the one written; else signed when it bears a signature, to be started otherwise."""
    datee = ligne.date_signature is not None
    mots = normalise(valeur)
    if not mots:
        ligne.statut = Statut.SIGNEE if datee else Statut.A_ENGAGER
        return
    if mots in _ETATS_DU_PORTAIL:
        ligne.refuser(Champ.ETAT, "conventions.import_etat_portail", valeur=valeur[:40])
        return
    statut = _ETATS.get(mots)
    if statut is None:
        ligne.refuser(Champ.ETAT, "conventions.import_etat_inconnu", valeur=valeur[:40])
        return
    ligne.statut = statut
    if statut is not Statut.SIGNEE and datee:
        ligne.refuser(Champ.SIGNATURE, "conventions.import_signature_contraire", valeur=valeur[:40])


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
