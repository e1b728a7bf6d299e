"""What a collective round brings to the text of a convention: contents, and what each party said of them.

Nothing is accepted in someone's name: a position is written as the party took it, with who took it and when.
What the parties have already negotiated otherwise on the text itself is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Clause
from portal.conventions.modeles.valeurs import lire_valeur
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.ecriture import suivant
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseFait,
    ConventionClausePosition,
    ConventionClauseValeur,
    ConventionTexte,
)
from portal.conventions.redaction.socle import socle
from portal.documents.texte import Couleur
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

ARRETEES = frozenset({Position.ACCEPTEE, Position.RESERVE, Position.REFUSEE})
"""Positions that someone took on the text as it reads."""


@dataclass(frozen=True)
class Dite:
    """A position as a party took it."""

    position: Position
    motif: str
    le: datetime
    par: str


@dataclass(frozen=True)
class Apport:
    """What comes to one clause. `texte`: None for the département's words.

    `entiere`: it covers all that is negotiated in the clause; else positions are left to be taken on the
    text, where the rest is read too.
    """

    texte: str | None
    valeurs: Mapping[str, str]
    positions: Mapping[Partie, Dite]
    entiere: bool
    motif: str = ""


@dataclass
class Rapport:
    """What was done: version of each clause filled, those left as negotiated, those not in the text."""

    remplies: dict[str, int] = field(default_factory=dict)
    gardees: list[str] = field(default_factory=list)
    absentes: list[str] = field(default_factory=list)


class _Texte:
    """The text being filled, loaded once."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
        self.session, self.clock, self.actor, self.ligne = session, clock, actor, ligne
        self.texte = session.get_one(ConventionTexte, ligne.id, populate_existing=True)
        self.base = socle(session, self.texte.version_departementale_id)
        self.modeles = {c.code: c for c in self.base.modele(self.texte.gabarit).clauses()}
        lues = session.scalars(
            select(ConventionClause)
            .where(ConventionClause.convention_id == ligne.id, ConventionClause.retenue)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        self.clauses = {lue.code: lue for lue in lues}
        ids = [lue.id for lue in lues]
        self.valeurs: dict[int, dict[str, ConventionClauseValeur]] = {}
        for valeur in session.scalars(
            select(ConventionClauseValeur).where(ConventionClauseValeur.clause_id.in_(ids))
        ):
            self.valeurs.setdefault(valeur.clause_id, {})[valeur.parametre_code] = valeur
        self.positions: dict[int, dict[Partie, ConventionClausePosition]] = {}
        for position in session.scalars(
            select(ConventionClausePosition).where(ConventionClausePosition.clause_id.in_(ids))
        ):
            self.positions.setdefault(position.clause_id, {})[position.partie] = position
        self.numero = 0

    def depart(self, modele: Clause) -> str:
        """Return the words of a clause before the parties wrote anything."""
        return self.base.textes.get(modele.code, modele.texte)

    def valeur(self, clause: ConventionClause, modele: Clause, code: str) -> str:
        """Return the present value of a parameter."""
        ecrite = self.valeurs.get(clause.id, {}).get(code)
        return ecrite.valeur if ecrite else self.defaut(modele, code)

    @staticmethod
    def defaut(modele: Clause, code: str) -> str:
        """Return the model's value of a parameter."""
        return next((p.defaut for p in modele.parametres if p.code == code), "")

    def noter(
        self,
        clause: ConventionClause,
        genre: GenreFait,
        avant: str,
        apres: str,
        motif: str,
        *,
        parametre: str = "",
        partie: Partie | None = None,
        par: str = "",
    ) -> None:
        """Add to the history of a clause; the first time, the text takes its next number."""
        self.numero = self.numero or suivant(self.session, self.texte)
        clause.numero, clause.updated_at = self.numero, self.clock.now()
        flag_modified(clause, "numero")
        self.session.add(
            ConventionClauseFait(
                clause_id=clause.id,
                convention_id=self.ligne.id,
                numero=self.numero,
                le=self.clock.now(),
                personne_id=self.actor.personne_id,
                par=par or auteur(self.actor),
                partie=partie or partie_de(self.actor),
                genre=genre,
                parametre_code=parametre,
                avant=avant,
                apres=apres,
                motif=motif[:1000],
            )
        )


def apporter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    apports: Mapping[str, Apport],
    *,
    version_id: int,
    deja: Mapping[str, int],
) -> Rapport:
    """Fill the clauses of an open text that can still change; the caller holds its line.

    `version_id`: the département's version that the contents were agreed on; on another one, positions are
    left to be taken on the text. `deja`: versions of the clauses as the last call left them: they may be
    filled anew when nobody has touched them since.
    """
    lu, rapport = _Texte(session, clock, actor, ligne), Rapport()
    meme_version = lu.texte.version_departementale_id == version_id
    ecrites = []
    for code, apport in apports.items():
        clause, modele = lu.clauses.get(code), lu.modeles.get(code)
        if clause is None or modele is None or not _convient(modele, apport):
            rapport.absentes.append(code)
            continue
        identique = _identique(lu, clause, modele, apport)
        libre = clause.version == deja.get(code) or _vierge(lu, clause, modele, apport)
        if not identique and not libre:
            rapport.gardees.append(code)
            continue
        if not identique:
            _ecrire(lu, clause, modele, apport)
        if apport.entiere and meme_version:
            _prendre(lu, clause, apport, seulement_libres=identique and not libre)
        ecrites.append((code, clause))
    session.flush()
    rapport.remplies = {code: clause.version for code, clause in ecrites}
    return rapport


def _convient(modele: Clause, apport: Apport) -> bool:
    """Tell whether the text's own model takes these values: it may be of another version."""
    parametres = {p.code: p for p in modele.parametres}
    for code, valeur in apport.valeurs.items():
        parametre = parametres.get(code)
        if parametre is None or parametre.couleur is not Couleur.JAUNE:
            return False
        try:
            lire_valeur(parametre, valeur)
        except DomainError:
            return False
    return apport.texte is None or modele.couleur is Couleur.JAUNE


def _identique(lu: _Texte, clause: ConventionClause, modele: Clause, apport: Apport) -> bool:
    voulu = apport.texte if apport.texte is not None else lu.depart(modele)
    present = clause.texte if clause.texte is not None else lu.depart(modele)
    return present.strip() == voulu.strip() and all(
        lu.valeur(clause, modele, code) == valeur for code, valeur in apport.valeurs.items()
    )


def _vierge(lu: _Texte, clause: ConventionClause, modele: Clause, apport: Apport) -> bool:
    """Tell whether nobody has written in the clause, nor said anything of it but proposing it as it is."""
    dites = {position.position for position in lu.positions.get(clause.id, {}).values()}
    return (
        clause.texte is None
        and not dites & ARRETEES
        and all(lu.valeur(clause, modele, code) == lu.defaut(modele, code) for code in apport.valeurs)
    )


def _ecrire(lu: _Texte, clause: ConventionClause, modele: Clause, apport: Apport) -> None:
    """Write the contents; whatever was said of the former ones no longer holds."""
    for code, valeur in apport.valeurs.items():
        avant = lu.valeur(clause, modele, code)
        if valeur == avant:
            continue
        ecrite = lu.valeurs.get(clause.id, {}).get(code)
        if ecrite is None:
            lu.session.add(ConventionClauseValeur(clause_id=clause.id, parametre_code=code, valeur=valeur))
        else:
            ecrite.valeur = valeur
        lu.noter(clause, GenreFait.VALEUR, avant, valeur, apport.motif, parametre=code)
    depart = lu.depart(modele)
    avant = clause.texte if clause.texte is not None else depart
    voulu = apport.texte if apport.texte is not None else depart
    if voulu.strip() != avant.strip():
        clause.texte = None if voulu.strip() == depart.strip() else voulu
        lu.noter(clause, GenreFait.TEXTE, avant, voulu, apport.motif)
    for position in lu.positions.pop(clause.id, {}).values():
        lu.session.delete(position)
    lu.session.flush()


def _prendre(lu: _Texte, clause: ConventionClause, apport: Apport, *, seulement_libres: bool) -> None:
    """Write the positions that the parties took. `seulement_libres`: those taken on the text itself stay."""
    presentes = lu.positions.setdefault(clause.id, {})
    for partie, dite in apport.positions.items():
        presente = presentes.get(partie)
        avant = presente.position if presente else Position.A_EXAMINER
        if avant is dite.position or (seulement_libres and avant in ARRETEES):
            continue
        if presente is None:
            presente = ConventionClausePosition(clause_id=clause.id, partie=partie)
            lu.session.add(presente)
            presentes[partie] = presente
        presente.position, presente.motif = dite.position, dite.motif
        presente.le, presente.par = dite.le, dite.par
        motif = dite.motif or apport.motif
        lu.noter(
            clause, GenreFait.POSITION, avant.value, dite.position.value, motif, partie=partie, par=dite.par
        )
