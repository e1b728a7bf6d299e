"""Reading avenants: those of a line, one with its clauses and its circuit. Statements do not grow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal.conventions.avenants.composition import Composee, Modification
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.fil import dernier_fait, marque_de, ouverts
from portal.conventions.avenants.models import Avenant, AvenantClause
from portal.conventions.avenants.service import composition
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.queries import lisibles
from portal.conventions.redaction import positions as regles
from portal.conventions.redaction.ecrits import PositionLue
from portal.conventions.redaction.enums import EtatClause, Position
from portal.conventions.redaction.forme import forme_figee
from portal.conventions.redaction.queries import ligne_entiere, texte_de
from portal.conventions.signature.circuit import avec_actes, avec_regles, regles_lues
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.conventions.signature.regles import attendues
from portal.organisations.models import Departement
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible


@dataclass(frozen=True)
class ClauseAvenant:
    """A clause of an avenant, with what becomes of it and where the parties stand."""

    code: str
    version: int
    attention: bool
    choisie: bool
    modification: Modification
    positions: Mapping[Partie, PositionLue]
    ligne: AvenantClause
    commentaires: int  # open ones

    @property
    def titre(self) -> str:
        """Its title."""
        return self.modification.titre

    @property
    def sort(self) -> str:
        """What becomes of it: `modifiee`, `ajoutee`, `supprimee`."""
        return self.modification.sort.value

    @cached_property
    def _dites(self) -> dict[Partie, Position]:
        return {partie: lue.position for partie, lue in self.positions.items()}

    @property
    def etat(self) -> EtatClause:
        """What the positions make of it."""
        return regles.etat(self._dites, self.attention)

    @property
    def accordee(self) -> bool:
        """Whether the three parties agree on it."""
        return regles.accordee(self._dites, self.attention)

    @property
    def attendues(self) -> tuple[Partie, ...]:
        """The parties whose turn it is."""
        return regles.doivent_agir(self._dites, self.attention)


@dataclass(frozen=True)
class Lu:
    """An avenant as its pages show it, under the names of the convention's circuit: they share pages.

    `marque`: an open page asks whether it still is that one; `composer`: reads the texts, which not every
    page shows; `commentaires`: open ones, by key of the clause.
    """

    ligne: Convention
    avenant: Avenant
    marque: str
    fuseau: str
    jour: date
    composer: Callable[[], Composee]
    commentaires: Mapping[int, int]
    fige: TexteFige | None
    anciens: Sequence[TexteFige]
    actes: Mapping[Partie, ActeSignature]
    ordre: tuple[Partie, ...] | None
    lettre: bool

    @cached_property
    def composee(self) -> Composee:
        """The text before and after the avenant. Two statements, the first time."""
        return self.composer()

    @cached_property
    def clauses(self) -> Sequence[ClauseAvenant]:
        """The clauses that it changes, in the order of the text."""
        return _clauses(self.composee, self.avenant, self.commentaires)

    @property
    def en_signature(self) -> bool:
        """Whether the avenant waits for signatures."""
        return self.avenant.statut is StatutAvenant.EN_SIGNATURE and self.fige is not None

    @property
    def attendues(self) -> tuple[Partie, ...]:
        """The parties that may sign now."""
        if not self.en_signature:
            return ()
        return attendues(list(self.actes), self.ordre, lettre=self.lettre)

    @property
    def accordees(self) -> int:
        """How many clauses the three parties agree on."""
        return sum(clause.accordee for clause in self.clauses)

    @property
    def ouvertes(self) -> list[ClauseAvenant]:
        """The clauses that they do not agree on yet."""
        return [clause for clause in self.clauses if not clause.accordee]

    def nom(self, partie: Partie) -> str:
        """Return the name of the organisation that stands for a party."""
        return {
            Partie.OPERATEUR: self.ligne.operateur,
            Partie.SIAO: self.ligne.siao,
            Partie.ETAT: self.ligne.etat,
        }[partie].nom

    def clause(self, code: str) -> ClauseAvenant:
        """Return a clause of the avenant; raises NotVisible."""
        trouvee = next((clause for clause in self.clauses if clause.code == code), None)
        if trouvee is None:
            raise NotVisible(code)
        return trouvee


def ligne_visible(session: Session, actor: Actor, ref: str) -> tuple[Convention, str]:
    """Return a visible line and the zone of its département. Raises NotVisible."""
    row = session.execute(
        select(Convention, Departement.fuseau)
        .join(Departement, Departement.code == Convention.departement_code)
        .where(Convention.ref == ref, lisibles(actor))
        .options(joinedload(Convention.operateur), joinedload(Convention.siao), joinedload(Convention.etat))
    ).one_or_none()
    if row is None:
        raise NotVisible(ref)
    return row.Convention, row.fuseau


def lire(session: Session, clock: Clock, actor: Actor, ref: str, avenant_ref: str) -> Lu:
    """Return an avenant of a visible line. Raises NotVisible."""
    row = session.execute(
        avec_regles(ligne_entiere(actor, ref))
        .add_columns(Avenant, dernier_fait())  # before its clauses: what comes meanwhile is news
        .join(Avenant, Avenant.convention_id == Convention.id)
        .where(Avenant.ref == avenant_ref)
    ).one_or_none()
    if row is None:
        raise NotVisible(avenant_ref)
    avenant: Avenant = row.Avenant
    clauses = (
        session.execute(
            select(AvenantClause, ouverts())
            .where(AvenantClause.avenant_id == avenant.id)
            .options(joinedload(AvenantClause.positions))
            .order_by(AvenantClause.id)
        )
        .unique()
        .all()
    )
    set_committed_value(avenant, "clauses", [found.AvenantClause for found in clauses])
    rows = session.execute(
        avec_actes(select(TexteFige, ActeSignature)).where(TexteFige.avenant_id == avenant.id)
    ).all()
    figes = list(dict.fromkeys(found.TexteFige for found in rows))
    fige = next((une for une in figes if une.annule_le is None), None)
    figee = forme_figee(fige.contenu) if fige is not None else row.forme_figee
    ordre, lettre = regles_lues(row, figee, fige)
    return Lu(
        row.Convention,
        avenant,
        marque_de(avenant.version, row.dernier),
        row.fuseau,
        clock.today(row.fuseau),
        lambda: composition(session, row.Convention, avenant, texte_de(session, row)),
        {found.AvenantClause.id: found.ouverts for found in clauses},
        fige,
        [une for une in figes if une.annule_le is not None],
        {found.ActeSignature.partie: found.ActeSignature for found in rows if found.ActeSignature},
        ordre,
        lettre,
    )


def _clauses(composee: Composee, avenant: Avenant, commentaires: Mapping[int, int]) -> list[ClauseAvenant]:
    rangs = composee.ordre
    lues = [
        ClauseAvenant(
            clause.code,
            clause.version,
            clause.attention,
            clause.choisie,
            modification,
            {
                partie: next(
                    (
                        PositionLue(une.position, une.motif, une.le, une.par)
                        for une in clause.positions
                        if une.partie is partie
                    ),
                    PositionLue(),
                )
                for partie in Partie
            },
            clause,
            commentaires.get(clause.id, 0),
        )
        for clause in avenant.clauses
        if (modification := composee.modification(clause.code)) is not None
    ]
    return sorted(lues, key=lambda lue: rangs.get(lue.code, len(rangs)))


def de_la_ligne(session: Session, convention_id: int) -> Sequence[AnyRow]:
    """Return the avenants of a line, the latest first, with their signatures. One statement."""
    signatures = (
        select(func.count())
        .select_from(ActeSignature)
        .join(TexteFige, TexteFige.id == ActeSignature.texte_fige_id)
        .where(TexteFige.avenant_id == Avenant.id, TexteFige.annule_le.is_(None))
        .scalar_subquery()
    )
    clauses = select(func.count()).where(AvenantClause.avenant_id == Avenant.id).scalar_subquery()
    return fetch(
        session,
        select(
            Avenant.ref,
            Avenant.numero,
            Avenant.objet,
            Avenant.statut,
            Avenant.origine,
            Avenant.date_signature,
            Avenant.date_effet,
            Avenant.created_at,
            Avenant.motif,
            signatures.label("signatures"),
            clauses.label("clauses"),
        )
        .where(Avenant.convention_id == convention_id)
        .order_by(Avenant.id.desc()),
    )
