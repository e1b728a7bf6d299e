"""What importing a table would do, line by line; nothing is written here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import parametres
from portal.conventions.enums import Statut
from portal.conventions.import_suivi import operateurs
from portal.conventions.import_suivi.colonnes import Champ, Colonnes
from portal.conventions.import_suivi.lecture import LigneLue, Regles, lire
from portal.conventions.import_suivi.operateurs import Annuaire, Inconnu
from portal.conventions.import_suivi.parties import Parties, Siao, siaos_de
from portal.conventions.models import Convention
from portal.documents.constats import questions_posees
from portal.documents.spreadsheets import Table
from portal.organisations.models import Nature
from portal.organisations.natures_ecrites import Lexique
from portal.organisations.parametres import values
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import Forbidden

PAR_LOT = 500
REFUSEES_MONTREES = 300
AUTRES_MONTREES = 100
QUESTIONS = 200

Progress = Callable[[float], None]  # told the per cent done
Paire = tuple[str, int]  # key of the operator, id of the SIAO


class Sort(Enum):
    """What becomes of a line of the table."""

    CREER = "creer"
    SIGNER = "signer"  # the open line of the pair becomes signed
    DEJA = "deja"  # already there
    IGNOREE = "ignoree"  # says nothing of a convention, or was set aside by the person
    REFUSEE = "refusee"


@dataclass(frozen=True)
class Existante:
    """A line of the portal for one of the pairs of the table."""

    id: int
    ref: str
    statut: Statut
    date_effet: date | None
    date_fin: date | None
    fin_effective: date | None


@dataclass
class Prevue:
    """A line of the table and what becomes of it. `operateur_id` None: to be created under `cle`."""

    lue: LigneLue
    cle: str = ""
    operateur_id: int | None = None
    siao: Siao | None = None
    etat_id: int | None = None  # the State's service that signs
    sort: Sort = Sort.CREER
    existante: Existante | None = None

    @property
    def paire(self) -> Paire:
        """The pair, before its operator exists."""
        return (self.cle, self.siao.id if self.siao else 0)


@dataclass
class Apercu:
    """What importing would do."""

    entetes: tuple[str, ...]
    colonnes: Colonnes
    lignes: list[Prevue]
    inconnus: dict[str, Inconnu]
    existantes: dict[Paire, list[Existante]] = field(default_factory=dict)
    choix: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # answers, by column

    def comptes(self) -> dict[str, int]:
        """Return how many lines meet each fate."""
        comptes = Counter(ligne.sort.value for ligne in self.lignes)
        return {sort.value: comptes[sort.value] for sort in Sort}

    def as_dict(self) -> dict[str, Any]:
        """Return what the preview shows; every refused line up to a bound, and the first of the others."""
        refusees = [ligne for ligne in self.lignes if ligne.sort is Sort.REFUSEE][:REFUSEES_MONTREES]
        autres = [ligne for ligne in self.lignes if ligne.sort is not Sort.REFUSEE][:AUTRES_MONTREES]
        return {
            **self.comptes(),
            "total": len(self.lignes),
            "entetes": {champ.value: self.entetes[index] for champ, index in self.colonnes.items()},
            "lignes": [
                x.lue.as_dict(x.sort.value) for x in sorted([*refusees, *autres], key=lambda x: x.lue.numero)
            ],
            "inconnus": [
                {
                    "cle": inconnu.cle,
                    "nom": inconnu.nom,
                    "siren": inconnu.siren,
                    "lignes": inconnu.lignes,
                    "propositions": [[connu.ref, connu.nom] for connu in inconnu.propositions],
                }
                for inconnu in self.inconnus.values()
            ],
            "questions": questions_posees(one.lue for one in self.lignes)[:QUESTIONS],
            "choix": self.choix,
        }


def analyser(
    session: Session,
    clock: Clock,
    actor: Actor,
    table: Table,
    colonnes: Colonnes,
    choix: Mapping[str, str] | None = None,
    mots: Mapping[str, str] | None = None,
    progress: Progress = lambda _percent: None,
) -> Apercu:
    """Return what importing the table would do.

    `choix`: for unknown operators by key, the reference of the organisation to match, or ECARTEE; those left
    out are to be created. `mots`: what words of the file mean, by `Question.cle`. `progress` is told the
    per cent done. Raises Forbidden when the actor may import nothing.
    """
    lues = lire_lignes(session, clock, actor, table, colonnes, mots, progress)
    return comparer(session, actor, table, colonnes, lues, choix, mots)


def lire_lignes(
    session: Session,
    clock: Clock,
    actor: Actor,
    table: Table,
    colonnes: Colonnes,
    mots: Mapping[str, str] | None = None,
    progress: Progress = lambda _percent: None,
) -> list[LigneLue]:
    """Return the lines of the table as they are read, before anything is looked for in the portal."""
    regles = _regles(session, clock, actor, mots or {})
    lues = []
    for rang, row in enumerate(table.rows):
        if rang % PAR_LOT == 0:
            progress(100 * rang / len(table.rows))
        lues.append(lire(row, colonnes, regles))
    return lues


def comparer(
    session: Session,
    actor: Actor,
    table: Table,
    colonnes: Colonnes,
    lues: Sequence[LigneLue],
    choix: Mapping[str, str] | None = None,
    mots: Mapping[str, str] | None = None,
) -> Apercu:
    """Return what becomes of lines just read; raises Forbidden when the actor may import nothing."""
    siaos = siaos_de(session, actor)
    if not siaos or not can(actor, Permission.CONVENTIONS_IMPORTER):
        raise Forbidden(Permission.CONVENTIONS_IMPORTER.value)
    choix = choix or {}
    parties = Parties(session, actor, siaos, mots or {})
    operateurs.partager_les_sirens(lues)
    refs = [ref for ref in choix.values() if ref and ref != operateurs.ECARTEE]
    annuaire = operateurs.lire_annuaire(session, actor.departement_code, lues, refs)
    prevues = [_situer(lue, annuaire, choix, parties) for lue in lues]
    inconnus = operateurs.inconnus(annuaire, lues, choix)
    apercu = Apercu(table.headers, colonnes, prevues, inconnus, choix=parties.choix())
    apercu.existantes = _existantes(session, prevues)
    _comparer(apercu)
    for prevue in prevues:
        if prevue.lue.ignoree:
            prevue.sort = Sort.IGNOREE
        elif prevue.lue.erreurs:
            prevue.sort = Sort.REFUSEE
    return apercu


def _regles(session: Session, clock: Clock, actor: Actor, mots: Mapping[str, str]) -> Regles:
    natures = session.execute(select(Nature.code, Nature.libelle).order_by(Nature.ordre))
    usuels = values(session, actor.departement_code, parametres.DUREE_MOIS, parametres.DATE_CIBLE)
    return Regles(
        Lexique((code, libelle) for code, libelle in natures),
        clock.today(actor.fuseau),
        usuels[parametres.DUREE_MOIS.key],
        usuels[parametres.DATE_CIBLE.key],
        mots,
    )


def _situer(lue: LigneLue, annuaire: Annuaire, choix: Mapping[str, str], parties: Parties) -> Prevue:
    """Find the parties that a line speaks of."""
    prevue = Prevue(lue, operateurs.cle_de(lue))
    if lue.ignoree:
        return prevue
    connu = annuaire.trouver(lue)
    choisie = choix.get(prevue.cle, "")
    if connu is None and choisie == operateurs.ECARTEE:
        lue.ignoree = True
        lue.avertir(Champ.OPERATEUR, "conventions.import_ecartee")
        return prevue
    if connu is None and choisie:
        connu = annuaire.par_ref.get(choisie)
        if connu is None:
            lue.refuser(Champ.OPERATEUR, "conventions.import_choix")
    if connu is not None:
        prevue.operateur_id, prevue.cle = connu.id, f"#{connu.id}"
    elif not lue.operateur and prevue.cle:
        lue.refuser(Champ.OPERATEUR, "obligatoire")  # a number alone names nobody yet
    prevue.siao = parties.siao(lue)
    if prevue.siao is not None:
        prevue.etat_id = parties.service(lue)
    return prevue


def _existantes(session: Session, prevues: Sequence[Prevue]) -> dict[Paire, list[Existante]]:
    """Return the lines that the portal already holds for the pairs of the table."""
    cles = {p.operateur_id: p.cle for p in prevues if p.operateur_id is not None}
    ids, siaos = sorted(cles), {p.siao.id for p in prevues if p.siao}
    trouvees: dict[Paire, list[Existante]] = defaultdict(list)
    for debut in range(0, len(ids), PAR_LOT):
        rows = session.execute(
            select(
                Convention.operateur_id,
                Convention.siao_id,
                Convention.id,
                Convention.ref,
                Convention.statut,
                Convention.date_effet,
                Convention.date_fin,
                Convention.fin_effective,
            )
            .where(
                Convention.operateur_id.in_(ids[debut : debut + PAR_LOT]),
                Convention.siao_id.in_(siaos),
                Convention.statut != Statut.SANS_OBJET,
            )
            .order_by(Convention.id)
        )
        for row in rows:
            trouvees[cles[row.operateur_id], row.siao_id].append(
                Existante(row.id, row.ref, row.statut, row.date_effet, row.date_fin, row.fin_effective)
            )
    return dict(trouvees)


def _comparer(apercu: Apercu) -> None:
    """Compare the lines of each pair with one another, then with those of the portal."""
    par_paire: dict[Paire, list[Prevue]] = defaultdict(list)
    for prevue in apercu.lignes:
        if prevue.siao and prevue.cle and not prevue.lue.erreurs and not prevue.lue.ignoree:
            _confronter(prevue, par_paire[prevue.paire])
            if not prevue.lue.erreurs:
                par_paire[prevue.paire].append(prevue)
    for paire, prevues in par_paire.items():
        existantes = apercu.existantes.get(paire, [])
        for prevue in prevues:
            _placer(prevue, existantes)
        _signer_l_ouverte(prevues, existantes)


def _confronter(prevue: Prevue, autres: Sequence[Prevue]) -> None:
    """Refuse a line that repeats or overlaps an earlier one of the table."""
    lue = prevue.lue
    for autre in autres:
        if lue.signee != autre.lue.signee:
            continue
        if not lue.signee or lue.date_effet == autre.lue.date_effet:
            lue.refuser(None, "conventions.import_doublon", ligne=autre.lue.numero)
            return
        if _chevauchent(lue, autre.lue.date_effet, autre.lue.date_fin):
            lue.refuser(Champ.EFFET, "conventions.import_chevauchement", ligne=autre.lue.numero)
            return


def _placer(prevue: Prevue, existantes: Sequence[Existante]) -> None:
    """Tell whether the portal already holds the line, or a CTP that it would overlap."""
    lue = prevue.lue
    if not lue.signee:
        if any(e.statut is not Statut.SIGNEE for e in existantes):
            prevue.sort = Sort.DEJA
        return
    for existante in existantes:
        if existante.statut is not Statut.SIGNEE:
            continue
        if existante.date_effet == lue.date_effet and existante.date_fin == lue.date_fin:
            prevue.sort, prevue.existante = Sort.DEJA, existante
            return
        if _chevauchent(lue, existante.date_effet, existante.fin_effective):
            lue.refuser(
                Champ.EFFET,
                "conventions.chevauchement",
                existante=existante.ref,
                debut=existante.date_effet,
                fin=existante.fin_effective,
            )
            return


def _signer_l_ouverte(prevues: Sequence[Prevue], existantes: Sequence[Existante]) -> None:
    """Let the latest signed line of the table sign the open line of the pair, when it follows the others."""
    ouverte = next((e for e in existantes if e.statut is not Statut.SIGNEE), None)
    neuves = [p for p in prevues if p.lue.signee and p.sort is Sort.CREER and not p.lue.erreurs]
    if ouverte is None or not neuves:
        return
    derniere = max(neuves, key=lambda p: p.lue.date_effet or date.min)
    fins = [e.fin_effective for e in existantes if e.statut is Statut.SIGNEE and e.fin_effective]
    if not fins or (derniere.lue.date_effet or date.min) > max(fins):
        derniere.sort, derniere.existante = Sort.SIGNER, ouverte


def _chevauchent(lue: LigneLue, debut: date | None, fin: date | None) -> bool:
    if lue.date_effet is None or lue.date_fin is None or debut is None or fin is None:
        return False
    return lue.date_effet <= fin and debut <= lue.date_fin
