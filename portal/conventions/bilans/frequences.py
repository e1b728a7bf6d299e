"""How often a line owes a bilan: what its text says, avenants included, else what its département decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause
from portal.conventions.bilans.regles import Rythme
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.redaction.models import ConventionClause, ConventionClauseValeur, ConventionTexte
from portal.conventions.redaction.socle import Socle, socle
from portal.shared.db import fetch

PARAMETRE = "freq_bilan_mois"


@dataclass(frozen=True)
class Frequences:
    """How often bilans are due. `dits`: by key of the lines whose text says it."""

    dits: Mapping[int, Rythme]
    usuelle: int

    def de(self, convention_id: int) -> Rythme:
        """Return the months between two bilans of a line, from its effect on."""
        return self.dits.get(convention_id) or Rythme(self.usuelle)


@dataclass
class _Lecture:
    """What a text says as its avenants are read: the green first, a yellow value above it."""

    gabarit: Gabarit
    verte: int
    jaune: int = 0
    ensuite: list[tuple[date, int]] = field(default_factory=list)


def frequences(session: Session, conventions: Iterable[int], usuelle: int) -> Frequences:
    """Return those of some lines. Four statements at most, once the process knows the green versions."""
    ids = list(conventions)
    lues: dict[int, _Lecture] = {}
    for row in fetch(
        session,
        select(
            ConventionTexte.convention_id, ConventionTexte.version_departementale_id, ConventionTexte.gabarit
        ).where(ConventionTexte.convention_id.in_(ids)),
    ):
        base = socle(session, row.version_departementale_id)
        lues[row.convention_id] = _Lecture(row.gabarit, du_socle(base, row.gabarit))
    if not lues:
        return Frequences({}, usuelle)
    # A model may leave it to each convention (yellow): what the parties agreed comes first.
    for row in fetch(
        session,
        select(ConventionClause.convention_id, ConventionClauseValeur.valeur)
        .join(ConventionClause, ConventionClause.id == ConventionClauseValeur.clause_id)
        .where(
            ConventionClause.convention_id.in_(list(lues)),
            ConventionClause.retenue,
            ConventionClauseValeur.parametre_code == PARAMETRE,
        ),
    ):
        lues[row.convention_id].jaune = _mois(row.valeur)
    premieres = {ligne: lue.jaune or lue.verte or usuelle for ligne, lue in lues.items()}
    _suivre_les_avenants(session, lues, usuelle)
    return Frequences(
        {ligne: Rythme(premieres[ligne], tuple(lue.ensuite)) for ligne, lue in lues.items()}, usuelle
    )


def _suivre_les_avenants(session: Session, lues: Mapping[int, _Lecture], usuelle: int) -> None:
    """Add what each signed avenant says from its effect on: a green version, or the yellow value itself."""
    rows = fetch(
        session,
        select(Avenant.id, Avenant.convention_id, Avenant.date_effet, Avenant.version_departementale_id)
        .where(Avenant.convention_id.in_(list(lues)), Avenant.statut == StatutAvenant.SIGNE)
        .order_by(Avenant.convention_id, Avenant.date_effet, Avenant.numero),
    )
    if not rows:
        return
    ecrites = {
        row.avenant_id: _mois(row.valeurs[PARAMETRE])
        for row in fetch(
            session,
            select(AvenantClause.avenant_id, AvenantClause.valeurs).where(
                AvenantClause.avenant_id.in_([row.id for row in rows])
            ),
        )
        if PARAMETRE in row.valeurs
    }
    for row in rows:
        lue = lues[row.convention_id]
        if row.version_departementale_id:
            lue.verte = du_socle(socle(session, row.version_departementale_id), lue.gabarit)
        lue.jaune = ecrites.get(row.id, lue.jaune)
        lue.ensuite.append((row.date_effet, lue.jaune or lue.verte or usuelle))


def du_socle(base: Socle, gabarit: Gabarit) -> int:
    """Return what a département's version says, 0 when it says nothing."""
    for clause in base.modele(gabarit).clauses():
        for parametre in clause.parametres:
            if parametre.code == PARAMETRE:
                return _mois(base.valeurs.get((clause.code, parametre.code), parametre.defaut))
    return 0


def _mois(valeur: str | None) -> int:
    return int(valeur) if valeur and valeur.isdecimal() and 0 < int(valeur) <= 120 else 0
