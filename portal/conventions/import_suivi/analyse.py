"""What importing a table would do, line by line; nothing is written here."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.diff import plain
from portal.conventions import parametres
from portal.conventions.creation import etat_de
from portal.conventions.enums import Statut
from portal.conventions.import_suivi import operateurs
from portal.conventions.import_suivi.colonnes import Champ, Colonnes
from portal.conventions.import_suivi.lecture import Constat, LigneLue, Regles, lire
from portal.conventions.import_suivi.operateurs import Annuaire, Inconnu
from portal.conventions.models import Convention
from portal.documents.spreadsheets import Table
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Nature, Organisation
from portal.organisations.parametres import values
from portal.security.permissions import ETAT, Permission
from portal.security.permissions import SIAO as PROFILS_SIAO
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden
from portal.shared.text import normalise, sort_key

PAR_LOT = 500
REFUSEES_MONTREES = 300
AUTRES_MONTREES = 100

Paire = tuple[str, int]  # key of the operator, id of the SIAO


class Sort(Enum):
    """What becomes of a line of the table."""

    CREER = "creer"
    SIGNER = "signer"  # the open line of the pair becomes signed
    DEJA = "deja"  # already there
    REFUSEE = "refusee"


@dataclass(frozen=True)
class Siao:
    """A SIAO where the actor may import."""

    id: int
    ref: str
    nom: str
    sigle: str
    departement_code: str


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
    etats: dict[int, int] = field(default_factory=dict)  # State's service by SIAO

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
            "lignes": [_montrer(x) for x in sorted([*refusees, *autres], key=lambda x: x.lue.numero)],
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
        }


def _montrer(prevue: Prevue) -> dict[str, Any]:
    return {
        "numero": prevue.lue.numero,
        "sort": prevue.sort.value,
        "cellules": prevue.lue.cellules,
        "erreurs": [_constat(c) for c in prevue.lue.erreurs],
        "avertissements": [_constat(c) for c in prevue.lue.avertissements],
    }


def _constat(constat: Constat) -> dict[str, Any]:
    return {
        "champ": constat.champ.value if constat.champ else None,
        "code": constat.code,
        "parametres": {nom: plain(valeur) for nom, valeur in constat.params.items()},
    }


def analyser(
    session: Session,
    clock: Clock,
    actor: Actor,
    table: Table,
    colonnes: Colonnes,
    choix: Mapping[str, str] | None = None,
) -> Apercu:
    """Return what importing the table would do.

    `choix`: for unknown operators by key, the reference of the organisation to match; those left out are to
    be created. Raises Forbidden, and DomainError when no SIAO or State's service can sign.
    """
    siaos = siaos_de(session, actor)
    if not siaos or not can(actor, Permission.CONVENTIONS_IMPORTER):
        raise Forbidden(Permission.CONVENTIONS_IMPORTER.value)
    choix = choix or {}
    regles = _regles(session, clock, actor)
    lues = [lire(row, colonnes, regles) for row in table.rows]
    annuaire = operateurs.lire_annuaire(session, actor.departement_code, lues, filter(None, choix.values()))
    inconnus = operateurs.inconnus(annuaire, lues, choix)
    prevues = [_situer(lue, annuaire, choix, siaos) for lue in lues]
    apercu = Apercu(table.headers, colonnes, prevues, inconnus)
    apercu.etats = _etats(session, actor, siaos, prevues)
    apercu.existantes = _existantes(session, prevues)
    _comparer(apercu)
    for prevue in prevues:
        if prevue.lue.erreurs:
            prevue.sort = Sort.REFUSEE
    return apercu


def siaos_de(session: Session, actor: Actor) -> list[Siao]:
    """Return the SIAO whose lines the actor may import: its own, or those of the State's département."""
    if actor.profil in PROFILS_SIAO:
        condition = Organisation.id == actor.organisation_id
    elif actor.profil in ETAT:
        condition = Organisation.departement_code == actor.departement_code
    else:
        return []
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.departement_code,
        )
        .where(
            condition,
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.fermee_le.is_(None),
            Organisation.fusionnee_dans_id.is_(None),
        )
        .order_by(Organisation.tri)
    )
    return [Siao(*row) for row in rows]


def _regles(session: Session, clock: Clock, actor: Actor) -> Regles:
    natures: dict[str, str] = {}
    for code, libelle in session.execute(select(Nature.code, Nature.libelle).order_by(Nature.ordre)):
        natures.setdefault(normalise(libelle), code)
        natures[normalise(code)] = code
    usuels = values(session, actor.departement_code, parametres.DUREE_MOIS, parametres.DATE_CIBLE)
    return Regles(
        natures,
        clock.today(actor.fuseau),
        usuels[parametres.DUREE_MOIS.key],
        usuels[parametres.DATE_CIBLE.key],
    )


def _situer(lue: LigneLue, annuaire: Annuaire, choix: Mapping[str, str], siaos: Sequence[Siao]) -> Prevue:
    """Find the pair that a line speaks of."""
    prevue = Prevue(lue, operateurs.cle_de(lue))
    connu = annuaire.trouver(lue)
    choisie = choix.get(prevue.cle, "")
    if connu is None and choisie:
        connu = annuaire.par_ref.get(choisie)
        if connu is None:
            lue.refuser(Champ.OPERATEUR, "conventions.import_choix")
    if connu is not None:
        prevue.operateur_id, prevue.cle = connu.id, f"#{connu.id}"
    elif not lue.operateur and prevue.cle:
        lue.refuser(Champ.OPERATEUR, "obligatoire")  # a number alone names nobody yet
    prevue.siao = _siao(lue, siaos)
    return prevue


def _siao(lue: LigneLue, siaos: Sequence[Siao]) -> Siao | None:
    if not lue.siao:
        if len(siaos) == 1:
            return siaos[0]
        lue.refuser(Champ.SIAO, "conventions.import_siao_absent")
        return None
    cherche = sort_key(lue.siao)
    trouves = [s for s in siaos if cherche in {sort_key(s.nom), sort_key(s.sigle)}]
    if not trouves and len(siaos) == 1:
        code = siaos[0].departement_code.lower()
        trouves = [s for s in siaos if cherche in {"siao", code, f"siao {code}", f"siao{code}"}]
    if len(trouves) == 1:
        return trouves[0]
    lue.refuser(Champ.SIAO, "conventions.import_siao_inconnu", valeur=lue.siao[:60])
    return None


def _etats(
    session: Session, actor: Actor, siaos: Sequence[Siao], prevues: Sequence[Prevue]
) -> dict[int, int]:
    """Return the State's service that signs with each SIAO of the table: the actor's own when it is one."""
    trouves: dict[int, int] = {}
    for siao_id in {p.siao.id for p in prevues if p.siao}:
        organisation = session.get_one(Organisation, siao_id)
        ref = actor.organisation_ref if actor.profil in ETAT else None
        try:
            trouves[siao_id] = etat_de(session, organisation, ref).id
        except DomainError as error:
            for prevue in prevues:
                if prevue.siao and prevue.siao.id == siao_id:
                    prevue.lue.refuser(Champ.SIAO, error.code, **error.params)
    return trouves


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
        if prevue.siao and prevue.cle and not prevue.lue.erreurs:
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
