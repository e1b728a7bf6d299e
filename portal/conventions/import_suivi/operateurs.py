"""Finding the operator that a line names: by SIREN, by name or acronym; else close names to choose from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.conventions.creation import TYPES_OPERATEUR
from portal.conventions.import_suivi.colonnes import Champ
from portal.conventions.import_suivi.lecture import LigneLue
from portal.organisations.models import Organisation, OrganisationDepartement, Structure
from portal.shared.text import sort_key

PAR_LOT = 500
PROPOSITIONS = 3
RESSEMBLANCE = 0.6
CONTENUE = 0.9  # likeness of two names when every significant word of one is in the other
COMMUN, PART = 3, 20  # organisations that share a word (3, or one in 20): beyond, it tells nothing
ECARTEE = "-"  # answer about an unknown operator: leave its lines aside

# What such an organisation is, and not which one: two names that share these alone are not close.
_MOTS_VIDES = frozenset(
    {"accompagnement", "accueil", "action", "agence", "aide", "asso", "association", "bureau", "caisse"}
    | {"centre", "collectif", "comite", "communal", "communaute", "commune", "cooperative", "dans"}
    | {
        "departement",
        "departemental",
        "departementale",
        "developpement",
        "entraide",
        "espace",
        "etablissement",
    }
    | {"famille", "federation", "femme", "fondation", "foyer", "france", "francais", "francaise", "gestion"}
    | {"groupe", "groupement", "habitat", "hebergement", "insertion", "intercommunal", "jeune", "local"}
    | {"logement", "maison", "migrant", "mission", "mutualite", "office", "oeuvre", "pension", "pour"}
    | {"protection", "public", "regional", "regionale", "reinsertion", "relai", "reseau", "residence"}
    | {"sante", "sauvegarde", "secours", "service", "siege", "social", "sociale", "societe", "solidaire"}
    | {"solidarite", "sous", "structure", "travailleur", "union", "urgence", "ville", "avec", "chez", "vers"}
)


@dataclass(frozen=True)
class Connu:
    """An organisation that may be the operator of a line."""

    id: int
    ref: str
    nom: str
    sigle: str
    siren: str | None
    tri: str
    ici: bool  # works in the département


@dataclass
class Inconnu:
    """An operator that no organisation stands for yet: to be created, or matched with a close one."""

    cle: str
    nom: str
    siren: str | None
    lignes: list[int] = field(default_factory=list)
    propositions: list[Connu] = field(default_factory=list)


def cle_de(ligne: LigneLue) -> str:
    """Return what two lines of one operator have in common: its SIREN, else its name."""
    return ligne.siren or sort_key(ligne.operateur) or ligne.finess or ""


def partager_les_sirens(lues: Iterable[LigneLue]) -> None:
    """Give the lines of one name the SIREN that one of them bears, so that they make one operator."""
    lues = list(lues)
    portes: dict[str, set[str]] = defaultdict(set)
    for lue in lues:
        if lue.siren and lue.operateur:
            portes[sort_key(lue.operateur)].add(lue.siren)
    for lue in lues:
        connus = portes.get(sort_key(lue.operateur), set())
        if lue.siren is None and len(connus) == 1:
            lue.siren = next(iter(connus))


class Annuaire:
    """The organisations among which the operators of a table are looked for."""

    def __init__(self, connus: Iterable[Connu]) -> None:
        self.par_ref: dict[str, Connu] = {}
        self._siren: dict[str, list[Connu]] = defaultdict(list)
        self._nom: dict[str, list[Connu]] = defaultdict(list)
        self._sigle: dict[str, list[Connu]] = defaultdict(list)
        self._mots: dict[str, list[Connu]] = defaultdict(list)
        self._finess: dict[str, Connu] = {}
        for connu in connus:
            self.par_ref[connu.ref] = connu
            self._nom[connu.tri].append(connu)
            if connu.siren:
                self._siren[connu.siren].append(connu)
            if connu.sigle:
                self._sigle[sort_key(connu.sigle)].append(connu)
            for mot in _mots(connu.tri):
                self._mots[mot].append(connu)

    def numeroter(self, finess: Mapping[str, int]) -> None:
        """Say whose the FINESS numbers of the table are: keys of organisations by number."""
        par_id = {connu.id: connu for connu in self.par_ref.values()}
        self._finess = {numero: par_id[id_] for numero, id_ in finess.items() if id_ in par_id}

    def trouver(self, ligne: LigneLue) -> Connu | None:
        """Return the one organisation that the line names; None when there is none, or several.

        Its numbers speak first: the SIREN, then the FINESS; then its name or acronym, unless the
        organisation of that name bears another SIREN.
        """
        nom = sort_key(ligne.operateur)
        if ligne.siren and (porteurs := self._siren[ligne.siren]):
            return _seul(porteurs) or _seul([c for c in porteurs if nom in {c.tri, sort_key(c.sigle)}])
        if ligne.finess and (porteur := self._finess.get(ligne.finess)):
            return porteur
        ici = [connu for connu in (*self._nom[nom], *self._sigle[nom]) if connu.ici]
        trouve = _seul(ici or self._nom[nom]) if nom else None
        autre = trouve is not None and ligne.siren and trouve.siren not in (None, ligne.siren)
        return None if autre else trouve

    def proches(self, nom: str) -> list[Connu]:
        """Return the organisations of the département whose names look like this one, the closest first.

        They share a whole word that says which one it is; a word that many share does not.
        """
        mots = _mots(sort_key(nom))
        voisins: dict[str, Connu] = {}
        for mot in mots:
            if len(self._mots[mot]) <= max(COMMUN, len(self.par_ref) // PART):
                voisins |= {connu.ref: connu for connu in self._mots[mot] if connu.ici}
        notes = [(_ressemblance(nom, mots, connu), connu) for connu in voisins.values()]
        proches = sorted((n for n in notes if n[0] >= RESSEMBLANCE), key=lambda n: (-n[0], n[1].tri))
        return [connu for _, connu in proches[:PROPOSITIONS]]


def _ressemblance(nom: str, mots: set[str], connu: Connu) -> float:
    autres = _mots(connu.tri)
    entiere = SequenceMatcher(None, sort_key(nom), connu.tri).ratio()
    return max(entiere, CONTENUE if mots <= autres or autres <= mots else 0.0)


def _seul(connus: Sequence[Connu]) -> Connu | None:
    uniques = {connu.ref: connu for connu in connus}
    return next(iter(uniques.values())) if len(uniques) == 1 else None


def _mots(tri: str) -> set[str]:
    """Return the words of a name that tell which one it is, without their plurals."""
    singuliers = {mot.rstrip("sx") if len(mot) > 4 else mot for mot in tri.split() if not mot.isdigit()}
    return {mot for mot in singuliers if len(mot) > 3 and mot not in _MOTS_VIDES}


def lire_annuaire(
    session: Session, departement_code: str, lues: Iterable[LigneLue], choisies: Iterable[str]
) -> Annuaire:
    """Return the organisations of the département, and those that the lines name or the person chose."""
    lues = list(lues)
    finess = _porteurs(session, {ligne.finess for ligne in lues if ligne.finess})
    trouves = {c.ref: c for c in _lire(session, departement_code)}
    recherches: tuple[tuple[Any, set[Any]], ...] = (
        (Organisation.siren, {ligne.siren for ligne in lues if ligne.siren}),
        (Organisation.tri, {sort_key(ligne.operateur) for ligne in lues if ligne.operateur}),
        (Organisation.ref, set(choisies) - trouves.keys()),
        (Organisation.id, set(finess.values())),
    )
    for colonne, valeurs in recherches:
        for lot in _lots(valeurs):
            for connu in _lire(session, departement_code, colonne.in_(lot)):
                trouves.setdefault(connu.ref, connu)
    annuaire = Annuaire(trouves.values())
    annuaire.numeroter(finess)
    return annuaire


def _porteurs(session: Session, numeros: set[str]) -> dict[str, int]:
    """Return the organisation of each FINESS number: of one of its structures, else its own."""
    trouves: dict[str, int] = {}
    for lot in _lots(numeros):
        siennes = select(Organisation.finess_ej, Organisation.id).where(Organisation.finess_ej.in_(lot))
        structures = select(Structure.finess, Structure.organisation_id).where(Structure.finess.in_(lot))
        for demande in (siennes, structures):
            trouves |= {numero: id_ for numero, id_ in session.execute(demande) if numero}
    return trouves


def _lots(valeurs: set[Any]) -> Iterable[list[Any]]:
    ordre = sorted(valeurs)
    return (ordre[debut : debut + PAR_LOT] for debut in range(0, len(ordre), PAR_LOT))


def _lire(
    session: Session, departement_code: str, condition: ColumnElement[bool] | None = None
) -> list[Connu]:
    """Return the possible operators that meet a condition: by default, that they work in the département."""
    dedans: ColumnElement[bool] = (
        select(OrganisationDepartement.organisation_id)
        .where(
            OrganisationDepartement.organisation_id == Organisation.id,
            OrganisationDepartement.departement_code == departement_code,
        )
        .exists()
    )
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.siren,
            Organisation.tri,
            dedans.label("ici"),
        )
        .where(
            Organisation.type.in_(TYPES_OPERATEUR),
            Organisation.fermee_le.is_(None),
            Organisation.fusionnee_dans_id.is_(None),
            dedans if condition is None else condition,
        )
        .order_by(Organisation.tri, Organisation.id)
    )
    return [Connu(*row) for row in rows]


def inconnus(annuaire: Annuaire, lignes: Iterable[LigneLue], choix: Mapping[str, str]) -> dict[str, Inconnu]:
    """Return the operators to create or to match, by key, with the lines that name them.

    Each of their cells says so, with the close names.
    """
    trouves: dict[str, Inconnu] = {}
    for ligne in lignes:
        cle = cle_de(ligne)
        if not cle or (ligne.ignoree and cle not in choix) or annuaire.trouver(ligne) is not None:
            continue
        inconnu = trouves.get(cle)
        if inconnu is None:
            inconnu = trouves[cle] = Inconnu(cle, ligne.operateur, ligne.siren)
            inconnu.propositions = annuaire.proches(ligne.operateur)
            choisi = annuaire.par_ref.get(choix.get(cle, ""))
            if choisi is not None and choisi not in inconnu.propositions:
                inconnu.propositions.append(choisi)
        inconnu.nom = inconnu.nom or ligne.operateur
        inconnu.lignes.append(ligne.numero)
        _prevenir(ligne, inconnu, annuaire.par_ref.get(choix.get(cle, "")))
    return trouves


def _prevenir(ligne: LigneLue, inconnu: Inconnu, choisi: Connu | None) -> None:
    """Say in the cell of an unknown operator which one it is taken for, or the names that are close."""
    if choisi is not None:
        ligne.avertir(Champ.OPERATEUR, "conventions.import_operateur_choisi", nom=choisi.nom)
    elif inconnu.propositions:
        noms = " ; ".join(connu.nom for connu in inconnu.propositions)
        ligne.avertir(Champ.OPERATEUR, "conventions.import_operateur_proche", noms=noms)
    elif inconnu.nom:
        ligne.avertir(Champ.OPERATEUR, "conventions.import_operateur_nouveau")
