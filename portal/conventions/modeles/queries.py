"""Reading models, their adoption, and the versions of a département."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import Source, StatutVersion
from portal.conventions.modeles.models import (
    ModeleAdoption,
    ModeleVersion,
    VersionDepartementale,
    VersionDepartementaleChamp,
)
from portal.conventions.modeles.policies import departements_lus
from portal.organisations.enums import TypeOrganisation
from portal.organisations.queries import partners
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, NotVisible
from portal.shared.memory import Memory

_modeles: Memory[Modele] = Memory(40)

_ENTETES = select(
    ModeleVersion.id,
    ModeleVersion.ref,
    ModeleVersion.gabarit,
    ModeleVersion.numero,
    ModeleVersion.libelle,
    ModeleVersion.source,
    ModeleVersion.departement_code,
    ModeleVersion.empreinte,
    ModeleVersion.publiee_le,
)


@dataclass(frozen=True, slots=True)
class Attendu:
    """A party that must agree: the State (whichever of its services), or one SIAO. `le`, `par`: when done."""

    partie: Partie
    organisation_id: int | None
    nom: str
    le: datetime | None = None
    par: str = ""


@dataclass(frozen=True, slots=True)
class EtatAdoption:
    """Where a département stands about the present models. `officiel`: none of them is ours."""

    modeles: Mapping[Gabarit, AnyRow]
    parties: tuple[Attendu, ...]
    officiel: bool

    @property
    def acquise(self) -> bool:
        """Whether texts of the département may be frozen and signed."""
        return bool(self.parties) and all(p.le is not None for p in self.parties)


def departement_choisi(actor: Actor, code: str | None) -> str:
    """Return the département to show: the one asked for, else the actor's. Raises NotVisible."""
    read = departements_lus(actor)
    if code is not None and code not in read:
        raise NotVisible(code)
    return code or read[0]


def courants(session: Session, departement_code: str) -> dict[Gabarit, AnyRow]:
    """Return the present version of each model for a département, without content.

    An official one goes before ours, that of the département before that of everyone, then the latest.
    Raises DomainError when none is loaded.
    """
    rows = fetch(
        session,
        _ENTETES.where(
            ModeleVersion.statut == StatutVersion.PUBLIEE,
            or_(ModeleVersion.departement_code.is_(None), ModeleVersion.departement_code == departement_code),
        ),
    )
    best: dict[Gabarit, AnyRow] = {}
    for row in sorted(rows, key=_preference):
        best[row.gabarit] = row
    if set(best) != set(Gabarit):
        raise DomainError("modeles.absents")
    return best


def _preference(row: AnyRow) -> tuple[bool, bool, int]:
    return (row.source is Source.OFFICIEL, row.departement_code is not None, row.numero)


def modele(session: Session, modele_id: int, empreinte: str | None = None) -> Modele:
    """Return the content of a version; read once, then kept under its fingerprint.

    `empreinte`: that fingerprint, when the caller has read it; no statement then, but the first time.
    """
    words = empreinte or session.scalar(select(ModeleVersion.empreinte).where(ModeleVersion.id == modele_id))
    return _modeles.get(words, lambda: _contenu(session, modele_id))


def _contenu(session: Session, modele_id: int) -> Modele:
    contenu = session.scalar(select(ModeleVersion.contenu).where(ModeleVersion.id == modele_id))
    if contenu is None:
        raise NotVisible(str(modele_id))
    return Modele.from_json(contenu)


def attendus(session: Session, departement_code: str) -> list[Attendu]:
    """Return the parties of a département: the State once, and each open SIAO."""
    etat = [Attendu(Partie.ETAT, None, "État")]
    return etat + [
        Attendu(Partie.SIAO, row.id, row.sigle or row.nom)
        for row in partners(session, departement_code, TypeOrganisation.SIAO)
    ]


def adopte(session: Session, departement_code: str, version_ids: Iterable[int]) -> bool:
    """Tell whether texts written on these versions may be frozen in a département.

    A working model and an imported official one alike need the adoption of the State and of every SIAO:
    an import by one side binds that side alone.
    """
    wanted = set(version_ids)
    expected = attendus(session, departement_code)
    given = fetch(
        session,
        select(ModeleAdoption.modele_version_id, ModeleAdoption.partie, ModeleAdoption.organisation_id).where(
            ModeleAdoption.departement_code == departement_code,
            ModeleAdoption.modele_version_id.in_(wanted),
        ),
    )
    done = {(row.modele_version_id, _cle(row)) for row in given}
    return all((version, _cle(partie)) in done for version in wanted for partie in expected)


def adoption(
    session: Session,
    departement_code: str,
    modeles: Mapping[Gabarit, AnyRow] | None = None,
    parties: Iterable[Attendu] | None = None,
) -> EtatAdoption:
    """Return who has adopted the present models of a département, and who still has to.

    `modeles`, `parties`: what `courants` and `attendus` return, when the caller has them: one statement then.
    """
    modeles = modeles or courants(session, departement_code)
    a_adopter = [row.id for row in modeles.values()]
    rows = session.scalars(
        select(ModeleAdoption).where(
            ModeleAdoption.departement_code == departement_code,
            ModeleAdoption.modele_version_id.in_(a_adopter),
        )
    ).all()
    dites = []
    for partie in parties or attendus(session, departement_code):
        given = [row for row in rows if _cle(row) == _cle(partie)]
        if {row.modele_version_id for row in given} == set(a_adopter) and given:
            last = max(given, key=lambda row: row.le)
            partie = Attendu(partie.partie, partie.organisation_id, partie.nom, last.le, last.par)
        dites.append(partie)
    officiel = all(row.source is Source.OFFICIEL for row in modeles.values())
    return EtatAdoption(modeles, tuple(dites), officiel)


def validations(session: Session, version: VersionDepartementale) -> list[Attendu]:
    """Return who has validated a version, and who still has to."""
    return pointer(attendus(session, version.departement_code), version.validations)


def pointer(
    parties: Iterable[Attendu],
    donnes: Iterable[Any],
) -> list[Attendu]:
    """Return the parties, each with when and by whom it agreed.

    `donnes`: rows that say it: partie, organisation_id, le, par.
    """
    given = {_cle(row): row for row in donnes}
    return [
        Attendu(p.partie, p.organisation_id, p.nom, row.le, row.par) if (row := given.get(_cle(p))) else p
        for p in parties
    ]


def _cle(row: Any) -> int | None:
    """Return what tells parties apart: the State is one, whichever service acted."""
    return None if row.partie is Partie.ETAT else int(row.organisation_id)


def versions(session: Session, actor: Actor, departement_code: str) -> Sequence[AnyRow]:
    """Return the versions of a département that the actor may read, newest first."""
    rows = fetch(
        session,
        select(
            VersionDepartementale.id,
            VersionDepartementale.ref,
            VersionDepartementale.numero,
            VersionDepartementale.statut,
            VersionDepartementale.departement_code,
            VersionDepartementale.publiee_le,
            VersionDepartementale.publiee_par,
        )
        .where(VersionDepartementale.departement_code == departement_code)
        .order_by(VersionDepartementale.numero.desc()),
    )
    return [row for row in rows if can(actor, Permission.MODELES_LIRE, row)]


def version(session: Session, actor: Actor, ref: str) -> VersionDepartementale:
    """Return a version with its fields and validations. Raises NotVisible."""
    found = (
        session.scalars(
            select(VersionDepartementale)
            .where(VersionDepartementale.ref == ref)
            .options(
                selectinload(VersionDepartementale.champs),
                joinedload(VersionDepartementale.validations),  # two or three
                joinedload(VersionDepartementale.general).defer(ModeleVersion.contenu),
                joinedload(VersionDepartementale.simplifie).defer(ModeleVersion.contenu),
            )
        )
        .unique()
        .one_or_none()
    )
    if found is None or not can(actor, Permission.MODELES_LIRE, found):
        raise NotVisible(ref)
    return found


def ecrits(version: VersionDepartementale) -> dict[tuple[str, str], str]:
    """Return what a version writes in green, by (clause, parameter)."""
    return {(champ.clause_code, champ.parametre_code): champ.valeur for champ in version.champs}


@dataclass(frozen=True)
class ChampModifie:
    """One change of a green field: when, by whom, from what to what, why, in which version."""

    le: datetime
    auteur: str
    avant: str
    apres: str
    motif: str
    version: int


def historique(session: Session, departement_code: str, clause: str, parametre: str) -> list[ChampModifie]:
    """Return the changes of a green field through every version of a département, newest first."""
    champs = (
        select(VersionDepartementaleChamp.id)
        .join(VersionDepartementale, VersionDepartementale.id == VersionDepartementaleChamp.version_id)
        .where(
            VersionDepartementale.departement_code == departement_code,
            VersionDepartementaleChamp.clause_code == clause,
            VersionDepartementaleChamp.parametre_code == parametre,
        )
    )
    entries = session.scalars(
        select(EntreeJournal)
        .where(
            EntreeJournal.objet_type == VersionDepartementaleChamp.__tablename__,
            EntreeJournal.objet_id.in_(champs),
        )
        .order_by(EntreeJournal.id.desc())
        .limit(50)
    )
    return [
        ChampModifie(
            le=entry.le,
            auteur=entry.auteur,
            avant=entry.changements["valeur"][0],
            apres=entry.changements["valeur"][1],
            motif=entry.changements["motif"],
            version=entry.changements["version"],
        )
        for entry in entries
    ]


def numero_suivant(session: Session, departement_code: str) -> int:
    """Return the number of the département's next version."""
    last = session.scalar(
        select(func.max(VersionDepartementale.numero)).where(
            VersionDepartementale.departement_code == departement_code
        )
    )
    return (last or 0) + 1
