"""Reading the text of a convention: clauses kept, what the parties wrote, where each one stands.

Three statements, whatever the number of clauses, once the département's version is known to the process.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from portal.conventions.enums import Mode, Partie, Statut
from portal.conventions.modeles.composition import ClauseRetenue, Composition, Retrait
from portal.conventions.modeles.conditions import Contexte
from portal.conventions.modeles.contenu import Clause, Gabarit
from portal.conventions.modeles.texte import blocs_clause, blocs_texte, titre_clause
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.queries import lisibles
from portal.conventions.redaction import positions as regles
from portal.conventions.redaction.ecrits import RIEN, Ecrit, ecrits_de
from portal.conventions.redaction.enums import EtatClause, FormeSignature, Position
from portal.conventions.redaction.fournies import completees, de_la_clause, lire
from portal.conventions.redaction.models import (
    ConventionTexte,
)
from portal.conventions.redaction.socle import Socle, socle
from portal.conventions.signature.canonique import SIGNATURE
from portal.documents.texte import Bloc, Document
from portal.organisations.models import Departement, Organisation
from portal.security.policy import Actor
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

_OP, _SI, _ET = aliased(Organisation), aliased(Organisation), aliased(Organisation)

# Built once: every page of a text runs them.
_LIGNE = (
    select(
        Convention.id,
        Convention.ref,
        Convention.version,
        Convention.statut,
        Convention.departement_code,
        Convention.siao_id,
        Convention.operateur_id,
        Convention.etat_id,
        Convention.remplace_id,
        Convention.mode,
        Convention.dialogue_gestion_le,
        Departement.fuseau,
        _OP.nom.label("operateur"),
        _SI.nom.label("siao"),
        _ET.nom.label("etat"),
        func.coalesce(_OP.siren == _SI.siren, false()).label("meme_personne"),
        ConventionTexte.version_departementale_id,
        ConventionTexte.gabarit,
        ConventionTexte.numero,
        ConventionTexte.version.label("texte_version"),
        ConventionTexte.faits,
        ConventionTexte.natures_differees,
        ConventionTexte.natures_figees,
        ConventionTexte.annuaire_fige,
        ConventionTexte.participants,
        ConventionTexte.preparation,
        ConventionTexte.avenant_motif,
        ConventionTexte.avenant_prevu_le,
        ConventionTexte.created_at.label("ouvert_le"),
        ConventionTexte.fige_le,
        ConventionTexte.forme,
        ConventionTexte.contenu_fige[(SIGNATURE, "forme")].as_string().label("forme_figee"),
    )
    .select_from(Convention)
    .join(Departement, Departement.code == Convention.departement_code)
    .join(_OP, _OP.id == Convention.operateur_id)
    .join(_SI, _SI.id == Convention.siao_id)
    .join(_ET, _ET.id == Convention.etat_id)
    .outerjoin(ConventionTexte, ConventionTexte.convention_id == Convention.id)
)
_ENTIERE = _LIGNE.add_columns(Convention).options(
    contains_eager(Convention.operateur.of_type(_OP)),
    contains_eager(Convention.siao.of_type(_SI)),
    contains_eager(Convention.etat.of_type(_ET)),
)
_NATURES = select(ConventionNature.nature_code).where(
    ConventionNature.convention_id == bindparam("convention_id")
)


@dataclass(frozen=True)
class ClauseLue:
    """A clause of the text, as its page shows it."""

    retenue: ClauseRetenue
    ecrit: Ecrit

    @property
    def clause(self) -> Clause:
        """The clause of the model."""
        return self.retenue.clause

    @property
    def code(self) -> str:
        """Its code, which never changes."""
        return self.clause.code

    @property
    def titre(self) -> str:
        """Its title with the number shown."""
        return titre_clause(self.retenue)

    @property
    def negociable(self) -> bool:
        """Whether the parties negotiate it."""
        return self.ecrit.id != 0

    @cached_property
    def positions(self) -> dict[Partie, Position]:
        """Where each party stands."""
        return {partie: lue.position for partie, lue in self.ecrit.positions.items()}

    @property
    def etat(self) -> EtatClause:
        """What the positions make of it."""
        return regles.etat(self.positions, self.clause.attention)

    @property
    def accordee(self) -> bool:
        """Whether the three parties agree on it; what is not negotiated needs nobody's agreement."""
        return not self.negociable or regles.accordee(self.positions, self.clause.attention)

    @property
    def attendues(self) -> tuple[Partie, ...]:
        """The parties whose turn it is."""
        return regles.doivent_agir(self.positions, self.clause.attention) if self.negociable else ()

    @property
    def modifiee(self) -> bool:
        """Whether the parties wrote something else than the starting text."""
        return self.ecrit.texte is not None or bool(self.ecrit.valeurs)


@dataclass(frozen=True)
class Entete:
    """The line that a text belongs to, as far as its pages need it. `ouvert`: it has a text.

    `meme_personne`: one legal person carries its SIAO and its operator.
    """

    id: int
    ref: str
    version: int
    statut: Statut
    departement_code: str
    fuseau: str
    siao_id: int
    operateur_id: int
    etat_id: int
    remplace_id: int | None
    mode: Mode | None
    dialogue_gestion_le: date | None
    operateur: str
    siao: str
    etat: str
    meme_personne: bool
    ouvert: bool


@dataclass(frozen=True)
class Texte:
    """The whole text of a convention at one moment."""

    entete: Entete
    numero: int
    version: int
    gabarit: Gabarit
    socle: Socle
    contexte: Contexte
    composition: Composition
    clauses: Sequence[ClauseLue]
    ecrits: Mapping[str, Ecrit]  # of removed clauses too
    participants: str
    preparation: str
    avenant_motif: str
    avenant_prevu_le: date | None
    ouvert_le: datetime
    fige_le: datetime | None
    annuaire: Mapping[tuple[str, str], str] = field(default_factory=dict)  # what the directory gives
    forme: FormeSignature | None = None
    forme_figee: str | None = None

    @cached_property
    def ecrites(self) -> dict[tuple[str, str], str]:
        """The values that someone wrote: green of the département, yellow of the parties."""
        jaunes = {(code, p): v for code, ecrit in self.ecrits.items() for p, v in ecrit.valeurs.items()}
        return {**self.socle.valeurs, **jaunes}

    @cached_property
    def valeurs(self) -> dict[tuple[str, str], str]:
        """Every value: green of the département, what the directory gives, yellow of the parties."""
        return completees(self.ecrites, self.annuaire)

    def donnees(self, lue: "ClauseLue") -> dict[str, str]:
        """Return the values of one clause that are known: written by the parties, given by the directory."""
        return de_la_clause(lue.code, lue.ecrit.valeurs, self.annuaire)

    @cached_property
    def textes(self) -> dict[str, str]:
        """The texts written instead of the model's, by the département then by the parties."""
        jaunes = {code: ecrit.texte for code, ecrit in self.ecrits.items() if ecrit.texte is not None}
        return {**self.socle.textes, **jaunes}

    @cached_property
    def negociees(self) -> list[ClauseLue]:
        """The clauses that the parties negotiate, in order."""
        return [lue for lue in self.clauses if lue.negociable]

    @property
    def accordees(self) -> int:
        """How many of them the three parties agree on."""
        return sum(lue.accordee for lue in self.negociees)

    @cached_property
    def attentes(self) -> Counter[Partie]:
        """How many clauses wait for each party."""
        return Counter(partie for lue in self.negociees for partie in lue.attendues)

    @property
    def ouvertes(self) -> list[ClauseLue]:
        """The clauses that the parties do not agree on yet."""
        return [lue for lue in self.negociees if not lue.accordee]

    def clause(self, code: str) -> ClauseLue:
        """Return a clause of the text; raises NotVisible."""
        trouvee = next((lue for lue in self.clauses if lue.code == code), None)
        if trouvee is None:
            raise NotVisible(code)
        return trouvee

    def blocs(self, lue: ClauseLue) -> tuple[Bloc, ...]:
        """Return the blocks of one clause."""
        return blocs_clause(lue.clause, self.valeurs, self.composition.numeros, self.textes.get(lue.code))

    def document(self, *, projet: bool = True, colore: bool = False, pied: str = "") -> Document:
        """Return the whole text, ready to be written to a file."""
        blocs = blocs_texte(self.composition, self.valeurs, self.textes)
        return Document(self.composition.titre, blocs, projet=projet, colore=colore, pied=pied)


def entete(session: Session, actor: Actor, ref: str) -> Entete:
    """Return the line of a text, for what comes before it is opened. Raises NotVisible."""
    return _entete(_ligne(session, and_(Convention.ref == ref, lisibles(actor)), ref))


def texte_ou_entete(session: Session, actor: Actor, ref: str) -> Texte | Entete:
    """Return the text of a visible line, or the line alone before it has one. Raises NotVisible."""
    row = _ligne(session, and_(Convention.ref == ref, lisibles(actor)), ref)
    return texte_de(session, row) if row.numero is not None else _entete(row)


def numero(session: Session, actor: Actor, ref: str) -> int:
    """Return the number of a visible text: what a live page asks for. Raises NotVisible."""
    rows = fetch(
        session,
        select(ConventionTexte.numero)
        .join(Convention, Convention.id == ConventionTexte.convention_id)
        .where(Convention.ref == ref, lisibles(actor)),
    )
    if not rows:
        raise NotVisible(ref)
    return int(rows[0].numero)


def texte(session: Session, actor: Actor, ref: str) -> Texte:
    """Return the text of a visible line. Raises NotVisible, also when the line has no text."""
    return texte_de(session, _ligne(session, and_(Convention.ref == ref, lisibles(actor)), ref))


def ligne_entiere(actor: Actor, ref: str) -> Select[Any]:
    """Return the statement that reads a visible line (`Convention`), its parties and all that `texte_de`
    needs; it may be given more columns."""
    return _ENTIERE.where(Convention.ref == ref, lisibles(actor))


def texte_compose(session: Session, convention: Convention) -> Texte:
    """Return the text of a line, for what is done in nobody's eyes: documents, freezing."""
    return texte_de(session, _ligne(session, Convention.id == convention.id, convention.ref))


def a_un_texte(session: Session, convention_id: int) -> bool:
    """Tell whether the text of a line is written in the portal."""
    return session.get(ConventionTexte, convention_id) is not None


def _ligne(session: Session, condition: ColumnElement[bool], ref: str) -> AnyRow:
    rows = fetch(session, _LIGNE.where(condition))
    if not rows:
        raise NotVisible(ref)
    return rows[0]


def _entete(row: AnyRow) -> Entete:
    noms = [f for f in Entete.__dataclass_fields__ if f != "ouvert"]
    return Entete(**{nom: getattr(row, nom) for nom in noms}, ouvert=row.numero is not None)


def clauses_lues(composition: Composition, ecrits: Mapping[str, Ecrit]) -> list[ClauseLue]:
    """Return the clauses of a text with what the parties wrote in those that they negotiate."""
    return [
        ClauseLue(retenue, ecrits.get(retenue.code, RIEN) if retenue.clause.negociable else RIEN)
        for retenue in composition.clauses()
    ]


def texte_de(session: Session, row: Any) -> Texte:
    """Return the text of a row of `ligne_entiere`. Raises NotVisible when the line has no text."""
    if row.numero is None:
        raise NotVisible(row.ref)
    base = socle(session, row.version_departementale_id)
    natures = row.natures_figees or [
        nature.nature_code for nature in fetch(session, _NATURES, {"convention_id": row.id})
    ]
    contexte = Contexte.de(natures, row.faits, row.natures_differees)
    composition = base.composer(row.gabarit, contexte)
    ecrits = ecrits_de(session, row.id)
    return Texte(
        entete=_entete(row),
        numero=row.numero,
        version=row.texte_version,
        gabarit=row.gabarit,
        socle=base,
        contexte=contexte,
        composition=composition,
        clauses=clauses_lues(composition, ecrits),
        ecrits=ecrits,
        participants=row.participants,
        preparation=row.preparation,
        avenant_motif=row.avenant_motif,
        avenant_prevu_le=row.avenant_prevu_le,
        ouvert_le=row.ouvert_le,
        fige_le=row.fige_le,
        annuaire=lire(row.annuaire_fige) if row.fige_le is not None else {},
        forme=row.forme,
        forme_figee=row.forme_figee,
    )


def retraits(texte: Texte) -> Iterator[tuple[Retrait, bool]]:
    """Return the clauses left out, each with whether something had been written in it."""
    for retrait in texte.composition.retraits:
        ecrit = texte.ecrits.get(retrait.code, RIEN)
        yield retrait, ecrit.texte is not None or bool(ecrit.valeurs)
