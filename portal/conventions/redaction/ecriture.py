"""What every act on a text shares: taking a clause, the number of the text, history and journal.

Locks are taken in one order: the line (shared: people work on its clauses at once), the clause, the text.
Whoever changes the state of the line takes it alone, so that no clause moves under an agreement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Clause
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import MODIFIABLES, GenreFait
from portal.conventions.redaction.models import ConventionClause, ConventionClauseFait, ConventionTexte
from portal.conventions.redaction.policies import a_la_main
from portal.conventions.redaction.socle import socle
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion


def est_modifiable(ligne: Convention, texte: ConventionTexte) -> bool:
    """Tell whether the text may change: a project or a negotiation, not frozen for signature."""
    return ligne.statut in MODIFIABLES and texte.fige_le is None


@dataclass
class Prise:
    """A clause taken to be changed, with all that it belongs to. `partie`: the one that acts."""

    session: Session
    clock: Clock
    actor: Actor
    partie: Partie
    ligne: Convention
    texte: ConventionTexte
    clause: ConventionClause
    modele: Clause
    numero: int = 0

    def noter(
        self,
        genre: GenreFait,
        *,
        parametre: str = "",
        avant: str = "",
        apres: str = "",
        motif: str = "",
    ) -> None:
        """Add to the history of the clause; the first time, the text takes its next number."""
        if not self.numero:
            self.numero = suivant(self.session, self.texte)
            self.clause.numero = self.numero
            self.clause.updated_at = self.clock.now()
        self.session.add(
            ConventionClauseFait(
                clause_id=self.clause.id,
                convention_id=self.ligne.id,
                numero=self.numero,
                le=self.clock.now(),
                personne_id=self.actor.personne_id,
                par=auteur(self.actor),
                partie=self.partie,
                genre=genre,
                parametre_code=parametre,
                avant=avant,
                apres=apres,
                motif=motif,
            )
        )

    def journal(self, action: str, changes: Mapping[str, Any]) -> None:
        """Write the act to the journal."""
        self.session.flush()
        record(
            self.session,
            self.clock,
            self.actor,
            f"conventions:{action}",
            self.clause,
            changes={"convention": self.ligne.ref, "clause": self.clause.code, **changes},
            departement_code=self.ligne.departement_code,
        )


_SUIVANT = (
    update(ConventionTexte)
    .where(ConventionTexte.convention_id == bindparam("de"))
    .values(numero=ConventionTexte.numero + 1)
    .returning(ConventionTexte.numero)
)


def suivant(session: Session, texte: ConventionTexte) -> int:
    """Give the text its next number, and return it: pages that are open will learn of the change."""
    session.flush()
    return session.connection().execute(_SUIVANT, {"de": texte.convention_id}).scalar_one()


_PARTAGEE = (
    select(Convention)
    .where(Convention.ref == bindparam("ref"))
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)
_CLAUSE = (
    select(ConventionClause)
    .where(
        ConventionClause.convention_id == bindparam("convention_id"),
        ConventionClause.code == bindparam("code"),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)


def prendre(
    session: Session, clock: Clock, actor: Actor, ref: str, code: str, version: int | None = None
) -> Prise:
    """Take a clause of the text, locked until the end of the transaction.

    `version`: of the clause, as the form was opened on; None for what cannot collide (a comment). Raises
    NotVisible, Forbidden, DomainError, or StaleVersion whose `current` is the clause as it now is.
    """
    ligne = session.scalar(_PARTAGEE, {"ref": ref})
    if ligne is None or not can(actor, Permission.CONVENTIONS_LIRE, ligne):
        raise NotVisible(ref)
    partie = partie_de(actor)
    if partie is None or not can(actor, Permission.REDACTION_NEGOCIER, ligne):
        raise Forbidden(Permission.REDACTION_NEGOCIER.value)
    texte = session.get(ConventionTexte, ligne.id, populate_existing=True)
    if texte is None:
        raise NotVisible(ref)
    modele = _du_modele(session, texte, code)
    clause = session.scalar(_CLAUSE, {"convention_id": ligne.id, "code": code})
    if clause is None or not clause.retenue:
        raise DomainError("redaction.vert" if modele.departementale else "redaction.fixe")
    if not est_modifiable(ligne, texte):
        raise DomainError("redaction.etat", etat=ligne.statut)
    if not a_la_main(actor, ligne.statut):
        raise DomainError("redaction.projet")
    if version is not None and clause.version != version:
        raise StaleVersion(clause)
    return Prise(session, clock, actor, partie, ligne, texte, clause, modele)


def _du_modele(session: Session, texte: ConventionTexte, code: str) -> Clause:
    base = socle(session, texte.version_departementale_id)
    for clause in base.modele(texte.gabarit).clauses():
        if clause.code == code:
            return clause
    raise NotVisible(code)
