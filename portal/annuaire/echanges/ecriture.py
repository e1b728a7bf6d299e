"""Doing what the preview showed: made ready before the database is locked, then written at once.

The entries to be changed are changed away from their session, with their search columns, and given to the
one that writes: what someone else changed meanwhile is seen by the version of the entry, and refuses all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.annuaire.echanges.apercu import Apercu
from portal.annuaire.echanges.champs import Champ
from portal.annuaire.echanges.fiches import PERSONNE, SUPPLEANT
from portal.annuaire.echanges.instantane import photographier
from portal.annuaire.echanges.rapprochement import SIMPLES, Prevue, Sort, lieux_dits
from portal.annuaire.enums import Preference, Role
from portal.annuaire.indexation import indexer
from portal.annuaire.models import Referent, ReferentNature, ReferentTerritoire, Titulaire
from portal.annuaire.models_echanges import FicheImportee
from portal.annuaire.service import tenues, toucher, verifiee
from portal.annuaire.titulaires import tenue
from portal.audit.diff import plain
from portal.audit.service import Fact, record_many
from portal.comptes.models import Personne
from portal.organisations.models import Organisation, Structure
from portal.security.policy import Actor
from portal.shared.bulk import among, insert_many
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

PAR_LOT = 500


@dataclass
class Ecriture:
    """An entry ready to be written: what it was (None: opened now), what the journal says of it."""

    referent: Referent
    avant: dict[str, Any] | None
    faits: dict[str, Any]
    ligne: int


@dataclass
class Bilan:
    """What an import did. `privees`: lines whose address is at a service for private people."""

    creees: int = 0
    modifiees: int = 0
    inchangees: int = 0
    refusees: int = 0
    ignorees: int = 0
    privees: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form that the job keeps."""
        return dict(vars(self))


@dataclass
class Pret:
    """Everything that an import will write, made ready without a lock."""

    bilan: Bilan
    ecritures: list[Ecriture] = field(default_factory=list)


def preparer(
    session: Session,
    clock: Clock,
    actor: Actor,
    apercu: Apercu,
    *,
    tout: bool,
    progress: Callable[[float], None] = lambda _percent: None,
) -> Pret:
    """Make ready the lines of a preview just made with the same session, which is left empty.

    `tout`: all or nothing; else the refused lines are left out; `progress` is told the per cent done. Raises
    DomainError when one is refused and `tout`.
    """
    comptes = apercu.comptes()
    if tout and comptes[Sort.REFUSEE.value]:
        raise DomainError("annuaire.import_refusees", nombre=comptes[Sort.REFUSEE.value])
    bilan = Bilan(
        creees=comptes[Sort.CREER.value],
        modifiees=comptes[Sort.MODIFIER.value],
        inchangees=comptes[Sort.INCHANGEE.value],
        refusees=comptes[Sort.REFUSEE.value],
        ignorees=comptes[Sort.IGNOREE.value],
    )
    prevues = [one for one in apercu.lignes if one.sort in (Sort.CREER, Sort.MODIFIER)]
    bilan.privees = sum(
        any(constat.code == "annuaire.import_prive" for constat in one.lue.avertissements) for one in prevues
    )
    comptes_ouverts = _comptes(session, prevues)
    organisations, structures = _parties(session, prevues)
    session.expunge_all()
    pret = Pret(bilan)
    with session.no_autoflush:
        for rang, prevue in enumerate(prevues):
            if rang % PAR_LOT == 0:
                progress(100 * rang / len(prevues))
            if prevue.sort is Sort.CREER:
                une = _creer(clock, prevue, organisations, structures, apercu.reperes.jour)
            else:
                une = _modifier(clock, prevue, actor, apercu.reperes.jour)
            for titulaire in une.referent.titulaires:
                if titulaire.personne_id is None:
                    titulaire.personne_id = comptes_ouverts.get(titulaire.email)
            verifiee(clock, actor, une.referent)
            indexer(session, clock, une.referent)
            pret.ecritures.append(une)
    return pret


def _comptes(session: Session, prevues: Sequence[Prevue]) -> dict[str, int]:
    """Return the accounts that carry the addresses of the lines."""
    emails = {
        prevue.lue.dit[champ]
        for prevue in prevues
        for champ in (Champ.EMAIL, Champ.SUPPLEANT_EMAIL)
        if champ in prevue.lue.dit
    }
    lus = sorted(emails)
    trouves: dict[str, int] = {}
    for debut in range(0, len(lus), PAR_LOT):
        rows = session.execute(
            select(Personne.email, Personne.id).where(
                among(session, Personne.email, lus[debut : debut + PAR_LOT])
            )
        )
        trouves |= {row.email: row.id for row in rows}
    return trouves


def _parties(
    session: Session, prevues: Sequence[Prevue]
) -> tuple[dict[int, Organisation], dict[int, Structure]]:
    neuves = [one.lue for one in prevues if one.sort is Sort.CREER]
    ids = sorted({one.organisme.id for one in neuves if one.organisme is not None})
    organisations = session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    places = sorted({one.structure_id for one in neuves if one.structure_id is not None})
    structures = session.scalars(select(Structure).where(Structure.id.in_(places)))
    return {one.id: one for one in organisations}, {one.id: one for one in structures}


def _creer(
    clock: Clock,
    prevue: Prevue,
    organisations: dict[int, Organisation],
    structures: dict[int, Structure],
    jour: date,
) -> Ecriture:
    lue, dit, now = prevue.lue, prevue.lue.dit, clock.now()
    assert lue.organisme is not None
    assert lue.fonction is not None
    referent = Referent(
        organisation=organisations[lue.organisme.id],
        structure=structures[lue.structure_id] if lue.structure_id is not None else None,
        departement_code=lue.departement_code,
        fonction_code=lue.fonction.code,
        unicite=lue.fonction.unique,
        publics=list(dit.get(Champ.PUBLICS, ())),
        preference=dit.get(Champ.PREFERENCE, Preference.INDIFFERENT),
        **{nom: dit.get(champ, "") for champ, nom in SIMPLES.items() if nom != "preference"},
        ferme_le=None,
        tri="",
        texte_recherche="",
        poids_recherche="",
        created_at=now,
        updated_at=now,
    )
    referent.territoires = [ReferentTerritoire(maille=x.maille, code=x.code) for x in lieux_dits(lue)]
    referent.natures = [ReferentNature(nature_code=code) for code in dit.get(Champ.NATURES, ())]
    du = dit.get(Champ.DU) or jour
    if Champ.NOM in dit:
        _arrive(clock, referent, Role.TITULAIRE, dit, du, dit.get(Champ.AU))
    if Champ.SUPPLEANT_NOM in dit:
        _arrive(clock, referent, Role.SUPPLEANT, dit, du, None)
    faits = {champ.value: [None, _dire(valeur)] for champ, valeur in dit.items()}
    faits["fonction_code"] = [None, referent.fonction_code]
    return Ecriture(referent, None, faits | {"ligne_du_fichier": lue.numero}, lue.numero)


def _modifier(clock: Clock, prevue: Prevue, actor: Actor, jour: date) -> Ecriture:
    referent, dit = prevue.cible, prevue.lue.dit
    assert referent is not None
    avant, tenaient = photographier(referent), tenues(referent)
    held = tenue(referent, jour)
    _couvrir(referent, prevue)
    if prevue.nouveau:
        du = dit.get(Champ.DU) or jour
        _part(held.titulaire, du - timedelta(days=1))
        _arrive(clock, referent, Role.TITULAIRE, dit, du, dit.get(Champ.AU))
    elif held.titulaire is not None:
        _corriger(held.titulaire, prevue, PERSONNE | {Champ.DU: "du", Champ.AU: "au"})
    if prevue.nouveau_suppleant:
        _part(held.suppleant, jour - timedelta(days=1))
        _arrive(clock, referent, Role.SUPPLEANT, dit, jour, None)
    elif held.suppleant is not None:
        _corriger(held.suppleant, prevue, SUPPLEANT)
    toucher(clock, referent)
    faits: dict[str, Any] = {
        one.champ.value: [_dire(one.avant), _dire(one.apres)] for one in prevue.changements
    }
    if tenaient != tenues(referent):
        faits["tenue"] = [tenaient, tenues(referent)]
    return Ecriture(referent, avant, faits | {"ligne_du_fichier": prevue.lue.numero}, prevue.lue.numero)


def _couvrir(referent: Referent, prevue: Prevue) -> None:
    """Write what changes of the function itself."""
    for change in prevue.changements:
        if change.champ in SIMPLES:
            setattr(referent, SIMPLES[change.champ], change.apres)
        elif change.champ is Champ.PUBLICS:
            referent.publics = list(change.apres)
        elif change.champ is Champ.NATURES:
            _remplacer(
                referent.natures,
                change.apres,
                lambda row: row.nature_code,
                lambda code: ReferentNature(nature_code=code),
            )
        elif change.champ in (Champ.COMMUNES, Champ.TERRITOIRES):
            _remplacer(
                referent.territoires,
                [(lieu.maille, lieu.code) for lieu in change.apres],
                lambda row: (row.maille, row.code),
                lambda cle: ReferentTerritoire(maille=cle[0], code=cle[1]),
            )


def _remplacer(rows: list[Any], voulues: Sequence[Any], cle: Any, faire: Any) -> None:
    """Leave in a collection the rows of the wanted keys, and make those that lack."""
    for row in [one for one in rows if cle(one) not in voulues]:
        rows.remove(row)
    presentes = {cle(one) for one in rows}
    rows.extend(faire(une) for une in voulues if une not in presentes)


def _arrive(
    clock: Clock, referent: Referent, role: Role, dit: dict[Champ, Any], du: date, au: date | None
) -> None:
    champs = PERSONNE if role is Role.TITULAIRE else SUPPLEANT
    valeurs = {attribut: dit.get(champ, "") for champ, attribut in champs.items()}
    referent.titulaires.append(
        Titulaire(role=role, du=du, au=au, created_at=clock.now(), personne_id=None, **valeurs)
    )


def _part(titulaire: Titulaire | None, au: date) -> None:
    """End a period the day before the next; the absences that were to follow go with it."""
    if titulaire is None:
        return
    titulaire.au = au
    for one in list(titulaire.absences):
        if one.du > au:
            titulaire.absences.remove(one)
        elif one.au is None or one.au > au:
            one.au = au


def _corriger(titulaire: Titulaire, prevue: Prevue, champs: dict[Champ, str]) -> None:
    for change in prevue.changements:
        if change.champ in champs:
            setattr(titulaire, champs[change.champ], change.apres)
            if champs[change.champ] == "email":
                titulaire.personne_id = None  # the account of the former address is no longer meant
    if titulaire.au is not None:
        _part(titulaire, titulaire.au)


def _dire(valeur: Any) -> Any:
    if isinstance(valeur, (list, tuple)):
        return [str(plain(one)) for one in valeur]
    return plain(valeur)


def ecrire(session: Session, clock: Clock, actor: Actor, pret: Pret, travail_id: int) -> Bilan:
    """Write what was made ready, in one transaction of the caller's.

    Raises DomainError when an entry has changed since: nothing may then be committed.
    """
    referents = [une.referent for une in pret.ecritures]
    for referent in referents:
        session.add(referent)
    try:
        session.flush()
    except (StaleDataError, IntegrityError) as error:
        raise DomainError("annuaire.import_concurrent") from error
    insert_many(
        session,
        FicheImportee,
        [
            {
                "travail_id": travail_id,
                "referent_id": x.referent.id,
                "avant": x.avant,
                "le": x.referent.updated_at,
            }
            for x in pret.ecritures
        ],
    )
    record_many(
        session,
        clock,
        actor,
        "annuaire:referent:importer",
        [
            Fact("referent", x.referent.id, x.referent.ref, x.referent.departement_code, x.faits)
            for x in pret.ecritures
        ],
    )
    return pret.bilan
