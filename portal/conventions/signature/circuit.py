"""Reading the circuit of a line: the frozen text, who signed it, whose turn it is, what was void before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from portal.conventions import parametres
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.queries import lisibles
from portal.conventions.redaction import queries as textes
from portal.conventions.redaction.enums import FormeSignature
from portal.conventions.redaction.forme import choix_selon, forme_de, meme_personne
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature import regles
from portal.conventions.signature.canonique import SIGNATURE
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.conventions.signature.parametres import FORME, MEME_SIGNATAIRE
from portal.documents.models import Fichier
from portal.organisations.parametres import read, stored, value
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import NotVisible

_FIGE = (
    TexteFige.id,
    TexteFige.ref,
    TexteFige.numero,
    TexteFige.empreinte,
    TexteFige.fige_le,
    TexteFige.fige_par,
    TexteFige.annule_le,
    TexteFige.annule_par,
    TexteFige.annule_motif,
)
_ACTE = (
    ActeSignature.ref,
    ActeSignature.texte_fige_id,
    ActeSignature.partie,
    ActeSignature.genre,
    ActeSignature.signee_le,
    ActeSignature.horodatage,
    ActeSignature.nom,
    ActeSignature.qualite,
    ActeSignature.delegation,
    ActeSignature.delegation_fichier_id,
    ActeSignature.organisation,
    ActeSignature.second_facteur,
    ActeSignature.fichier_id,
    ActeSignature.enregistre_par,
)


@dataclass(frozen=True)
class Circuit:
    """Where the signature of a line stands. `fige`: the text that is signed, None before it is frozen.

    `texte`: as it stands, None for a line that is only followed. `lettre`: one signature binds the operator
    and the SIAO, which are one legal person.
    """

    ligne: Convention
    fuseau: str
    jour: date
    texte: Texte | None
    fige: Row[Any] | None
    anciens: Sequence[Row[Any]]
    actes: dict[Partie, ActeSignature]
    ordre: tuple[Partie, ...] | None
    lettre: bool

    @property
    def en_signature(self) -> bool:
        """Whether a text waits for signatures."""
        return self.fige is not None and self.ligne.statut is Statut.EN_SIGNATURE

    @property
    def attendues(self) -> tuple[Partie, ...]:
        """The parties that may sign now."""
        if not self.en_signature:
            return ()
        return regles.attendues(self.actes.keys(), self.ordre, lettre=self.lettre)

    def nom(self, partie: Partie) -> str:
        """Return the name of the organisation that stands for a party."""
        return {
            Partie.OPERATEUR: self.ligne.operateur,
            Partie.SIAO: self.ligne.siao,
            Partie.ETAT: self.ligne.etat,
        }[partie].nom


def circuit(session: Session, clock: Clock, actor: Actor, ref: str) -> Circuit:
    """Return the circuit of a visible line. Raises NotVisible."""
    row = session.execute(avec_regles(textes.ligne_entiere(actor, ref))).one_or_none()
    if row is None:
        raise NotVisible(ref)
    ligne: Convention = row.Convention
    rows = session.execute(
        avec_actes(select(*_FIGE, ActeSignature)).where(
            TexteFige.convention_id == ligne.id, TexteFige.avenant_id.is_(None)
        )
    ).all()
    figes = list({found.id: found for found in rows}.values())
    fige = next((f for f in figes if f.annule_le is None), None)
    actes = {found.ActeSignature.partie: found.ActeSignature for found in rows if found.ActeSignature}
    ordre, lettre = regles_lues(row, row.forme_figee)
    texte = textes.texte_de(session, row) if row.numero is not None else None
    return Circuit(
        ligne,
        row.fuseau,
        clock.today(row.fuseau),
        texte,
        fige,
        [f for f in figes if f.annule_le is not None],
        actes,
        ordre,
        lettre,
    )


def remis(session: Session, convention_id: int) -> AnyRow | None:
    """Return the last frozen text of a line when it is void: what its negotiation takes up again."""
    rows = fetch(
        session,
        select(*_FIGE)
        .where(TexteFige.convention_id == convention_id, TexteFige.avenant_id.is_(None))
        .order_by(TexteFige.numero.desc())
        .limit(1),
    )
    return rows[0] if rows and rows[0].annule_le is not None else None


def avec_actes(statement: AnySelect) -> AnySelect:
    """Return a statement that reads frozen texts, the latest first, with the signatures (`ActeSignature`) of
    the one that is not void."""
    return statement.outerjoin(
        ActeSignature, and_(ActeSignature.texte_fige_id == TexteFige.id, TexteFige.annule_le.is_(None))
    ).order_by(TexteFige.numero.desc(), ActeSignature.id)


def attendues_de(session: Session, ligne: Convention) -> tuple[Partie, ...]:
    """Return the parties whose signature a line waits for now."""
    ordre, lettre = regles_de(session, ligne)
    return regles.attendues([s.partie for s in ligne.signatures], ordre, lettre=lettre)


def regles_de(
    session: Session, ligne: Convention, fige: TexteFige | None = None
) -> tuple[tuple[Partie, ...] | None, bool]:
    """Return the order of the parties, and whether one signature binds the operator and the SIAO.

    `fige`: the frozen text of an avenant, when it is the one that is signed.
    """
    regle = value(session, parametres.ORDRE_SIGNATURES, ligne.departement_code)
    return _ordre(ligne, regle, fige), forme_de(session, ligne, fige) is FormeSignature.LETTRE


def _ordre(ligne: Convention, regle: str, fige: TexteFige | None) -> tuple[Partie, ...] | None:
    ordre = parametres.ordre_de(ligne, regle)
    if fige is None or SIGNATURE not in fige.contenu:
        return ordre
    dit = fige.contenu[SIGNATURE]
    libre = dit.get("libre", ordre is None)  # older texts do not tell « any order » from the usual one
    return None if libre else tuple(Partie(partie) for partie in dit["ordre"])


_REGLES = {"regle_ordre": parametres.ORDRE_SIGNATURES, "regle_forme": FORME, "regle_meme": MEME_SIGNATAIRE}


def avec_regles(statement: Select[Any]) -> Select[Any]:
    """Return a statement of `ligne_entiere` that also reads what `regles_lues` needs."""
    return statement.add_columns(
        *(stored(regle, Convention.departement_code).label(nom) for nom, regle in _REGLES.items())
    )


def regles_lues(
    row: Any, figee: str | None, fige: TexteFige | None = None
) -> tuple[tuple[Partie, ...] | None, bool]:
    """Return what `regles_de` does, from a row of `avec_regles`. No statement.

    `figee`: the form that the frozen text says (`forme_figee`); `fige`: that of an avenant.
    """
    regle = {one.key: read(one, getattr(row, nom)) for nom, one in _REGLES.items()}
    forme = FormeSignature(figee) if figee else None
    if figee is None and meme_personne(row.Convention):
        forme = choix_selon(regle, row.forme).forme
    ordre = _ordre(row.Convention, regle[parametres.ORDRE_SIGNATURES.key], fige)
    return ordre, forme is FormeSignature.LETTRE


def actes_de(session: Session, texte_fige_id: int) -> dict[Partie, AnyRow]:
    """Return the signatures of a frozen text, by party."""
    rows = fetch(session, select(*_ACTE).where(ActeSignature.texte_fige_id == texte_fige_id))
    return {row.partie: row for row in rows}


def texte_fige(session: Session, actor: Actor, ref: str, fige_ref: str) -> tuple[Convention, AnyRow]:
    """Return a frozen text of a visible line, void or not. Raises NotVisible."""
    row = session.execute(
        select(Convention, *_FIGE)
        .join(TexteFige, TexteFige.convention_id == Convention.id)
        .where(
            Convention.ref == ref, TexteFige.ref == fige_ref, TexteFige.avenant_id.is_(None), lisibles(actor)
        )
    ).one_or_none()
    if row is None:
        raise NotVisible(fige_ref)
    return row.Convention, row


def acte(session: Session, actor: Actor, ref: str, acte_ref: str) -> tuple[Convention, AnyRow, AnyRow]:
    """Return a signature of a visible line, with the line and the text it bears on, its content included.

    Raises NotVisible.
    """
    convention = session.scalar(select(Convention).where(Convention.ref == ref, lisibles(actor)))
    rows = fetch(
        session,
        select(*_ACTE)
        .join(TexteFige, TexteFige.id == ActeSignature.texte_fige_id)
        .where(
            ActeSignature.ref == acte_ref,
            TexteFige.convention_id == (convention.id if convention else 0),
        ),
    )
    if convention is None or not rows:
        raise NotVisible(acte_ref)
    lu = select(*_FIGE, TexteFige.contenu).where(TexteFige.id == rows[0].texte_fige_id)
    [fige] = fetch(session, lu)
    return convention, rows[0], fige


def piece(session: Session, actor: Actor, ref: str, acte_ref: str, *, delegation: bool) -> Fichier:
    """Return the scanned text of a signature, or the act of its delegation. Raises NotVisible."""
    _convention, lu, _fige = acte(session, actor, ref, acte_ref)
    numero = lu.delegation_fichier_id if delegation else lu.fichier_id
    fichier = session.get(Fichier, numero or 0)
    if fichier is None:
        raise NotVisible(acte_ref)
    return fichier
