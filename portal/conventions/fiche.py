"""Reading one line with all that its page shows, and some lines chosen in a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.annuaire.models import FonctionLocale, Referent
from portal.audit.service import history
from portal.comptes.models import Adhesion, Personne
from portal.conventions import parametres
from portal.conventions.ecriture import est_ouverte, partie_fermee
from portal.conventions.enums import AUTRE_PILOTE, Etat, Partie, Statut
from portal.conventions.expressions import a_un_compte
from portal.conventions.lignes import COLONNES, Ligne, joindre, ligne_de
from portal.conventions.models import Convention, ConventionDocument, ConventionNature
from portal.conventions.natures import natures_a_lire
from portal.conventions.policies import LECTEURS
from portal.conventions.queries import lisibles, portee
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.reperes import Reperes, reperes
from portal.conventions.signature.models import TexteFige
from portal.documents.models import Fichier
from portal.organisations.models import Departement, Organisation
from portal.organisations.parametres import by_departement, read, stored
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

LIEES = 100
HISTORIQUE = 100

_ECRIT = exists().where(ConventionTexte.convention_id == Convention.id)
_FIGE = exists().where(
    TexteFige.convention_id == Convention.id, TexteFige.avenant_id.is_(None), TexteFige.annule_le.is_(None)
)


@dataclass(frozen=True)
class Fiche:
    """A line with what surrounds it, on the day of its département.

    `ordre`: the order in which the parties sign there, None for any.
    `precedente`, `suivante`: the CTP it replaces, the one that replaces it; `couple`: the other ones of the
    pair; `soeurs`: those of the same operator with other SIAO; all among what the actor may see.
    `muettes`: State or SIAO when nobody there has an account in force. `ecrit`, `fige`: whether its text is
    written in the portal, and whether it is frozen.
    """

    convention: Convention
    ligne: Ligne
    jour: date
    fuseau: str
    ordre: tuple[Partie, ...] | None = tuple(Partie)
    muettes: frozenset[Partie] = frozenset()
    ecrit: bool = False
    fige: bool = False
    precedente: Ligne | None = None
    suivante: Ligne | None = None
    couple: Sequence[Ligne] = ()
    soeurs: Sequence[Ligne] = ()
    documents: Sequence[tuple[ConventionDocument, Fichier]] = ()
    historique: Sequence[Any] = field(default=())

    @property
    def etat(self) -> Etat:
        """The state that people read today."""
        return self.ligne.etat

    @property
    def doit_classer(self) -> Partie | None:
        """The party that the proposal to close the line awaits: its author when nobody else can answer."""
        proposition = self.convention.classement
        if proposition is None:
            return None
        autre = AUTRE_PILOTE[proposition.partie]
        return proposition.partie if autre in self.muettes else autre

    @property
    def partie_fermee(self) -> bool:
        """Whether a party is closed or merged: nothing makes such a line valid again."""
        return partie_fermee(self.convention) is not None

    @property
    def natures(self) -> list[ConventionNature]:
        """The natures covered today, and those to come, each with its days."""
        return natures_a_lire(self.convention, self.jour)

    @property
    def renouvelable(self) -> bool:
        """Whether a successor may be opened: signed, without one, its operator and its SIAO still there."""
        ligne = self.convention
        la = est_ouverte(ligne.operateur) and est_ouverte(ligne.siao)
        return la and ligne.statut is Statut.SIGNEE and self.suivante is None

    @property
    def attendues(self) -> list[Partie]:
        """The parties whose signature may come now: the next in order, all that remain when any may."""
        signees = {signature.partie for signature in self.convention.signatures}
        restent = [partie for partie in self.ordre or Partie if partie not in signees]
        return restent[:1] if self.ordre else restent


def fiche(session: Session, clock: Clock, actor: Actor, ref: str, *, complete: bool = False) -> Fiche:
    """Return a visible line; `complete`: with its documents and its history. Raises NotVisible.

    Three statements, five when complete, whatever their number of rows.
    """
    trouvee = (
        session.execute(
            select(
                Convention,
                Departement.fuseau,
                _ECRIT,
                _FIGE,
                *(a_un_compte(partie) for partie in AUTRE_PILOTE),
            )
            .join(Departement, Departement.code == Convention.departement_code)
            .where(Convention.ref == ref, lisibles(actor))
            .options(
                joinedload(Convention.operateur),
                joinedload(Convention.siao),
                joinedload(Convention.etat),
                joinedload(Convention.responsable),
                joinedload(Convention.responsable_fonction).joinedload(Referent.organisation),
                joinedload(Convention.signatures),
                joinedload(Convention.natures),
                joinedload(Convention.cibles),
                joinedload(Convention.classement),
            )
        )
        .unique()
        .one_or_none()
    )
    if trouvee is None:
        raise NotVisible(ref)
    convention, fuseau, ecrit, fige, *presentes = trouvee
    delai, ordre = parametres.DELAI_RENOUVELLEMENT, parametres.ORDRE_SIGNATURES
    codes = {*actor.departements, convention.departement_code}
    regles = by_departement(session, sorted(codes), delai, ordre)
    dates = Reperes.de(clock, actor, {code: regle[delai.key] for code, regle in regles.items()})
    liees = _liees(session, actor, convention, dates)
    moi = liees.pop(convention.id)
    return Fiche(
        convention=convention,
        ligne=moi.ligne,
        jour=clock.today(fuseau),
        fuseau=fuseau,
        ordre=parametres.ordre_de(convention, regles[convention.departement_code][ordre.key]),
        muettes=frozenset(p for p, presente in zip(AUTRE_PILOTE, presentes, strict=True) if not presente),
        ecrit=ecrit,
        fige=fige,
        precedente=liees[convention.remplace_id].ligne if convention.remplace_id in liees else None,
        suivante=next((autre.ligne for autre in liees.values() if autre.remplace_id == convention.id), None),
        couple=[autre.ligne for autre in liees.values() if autre.ligne.siao_ref == moi.ligne.siao_ref],
        soeurs=[autre.ligne for autre in liees.values() if autre.ligne.siao_ref != moi.ligne.siao_ref],
        documents=_documents(session, convention) if complete else (),
        historique=history(session, "convention", convention.id, HISTORIQUE) if complete else (),
    )


@dataclass(frozen=True)
class _Liee:
    remplace_id: int | None
    ligne: Ligne


def _liees(session: Session, actor: Actor, convention: Convention, dates: Reperes) -> dict[int, _Liee]:
    """Return the visible lines of the same operator, itself first, the latest first, by their key."""
    rows = session.execute(
        joindre(select(Convention.id, *COLONNES).select_from(Convention))
        .where(lisibles(actor), Convention.operateur_id == convention.operateur_id)
        .order_by((Convention.id == convention.id).desc(), Convention.fin_tri.desc(), Convention.id.desc())
        .limit(LIEES)
    )
    return {row.id: _Liee(row.remplace_id, ligne_de(row, dates)) for row in rows}


def _documents(session: Session, convention: Convention) -> list[tuple[ConventionDocument, Fichier]]:
    rows = session.execute(
        select(ConventionDocument, Fichier)
        .join(Fichier, Fichier.id == ConventionDocument.fichier_id)
        .where(ConventionDocument.convention_id == convention.id)
        .order_by(ConventionDocument.id.desc())
    )
    return [(row.ConventionDocument, row.Fichier) for row in rows]


def document(
    session: Session, actor: Actor, ref: str, document_ref: str
) -> tuple[Convention, ConventionDocument, Fichier]:
    """Return a document of a visible line, with the line and the stored file; raises NotVisible."""
    row = session.execute(
        select(Convention, ConventionDocument, Fichier)
        .join(ConventionDocument, ConventionDocument.convention_id == Convention.id)
        .join(Fichier, Fichier.id == ConventionDocument.fichier_id)
        .where(Convention.ref == ref, ConventionDocument.ref == document_ref, lisibles(actor))
    ).one_or_none()
    if row is None:
        raise NotVisible(document_ref)
    return row.Convention, row.ConventionDocument, row.Fichier


def choisies(session: Session, clock: Clock, actor: Actor, refs: Sequence[str]) -> list[Ligne]:
    """Return the lines of these references, by operator; raises NotVisible unless all are visible."""
    if not refs:
        return []
    dates = reperes(session, clock, actor)
    rows = session.execute(
        joindre(select(*COLONNES).select_from(Convention))
        .where(lisibles(actor), Convention.ref.in_(refs))
        .order_by(Convention.operateur_tri, Convention.id)
    ).all()
    if len(rows) != len(set(refs)):
        raise NotVisible(",".join(set(refs) - {row.ref for row in rows}))
    return [ligne_de(row, dates) for row in rows]


@dataclass(frozen=True)
class PartiesCommunes:
    """The organisations that some lines have in common, and their département; empty when it is not one."""

    organisations: frozenset[int]
    departement_code: str


def parties_communes(session: Session, actor: Actor, refs: Sequence[str]) -> PartiesCommunes:
    """Return what the lines of these references, among those of the actor, have in common. One statement."""
    lignes = fetch(
        session,
        select(
            Convention.departement_code, Convention.etat_id, Convention.siao_id, Convention.operateur_id
        ).where(portee(actor), Convention.ref.in_(refs)),
    )
    if not lignes:
        return PartiesCommunes(frozenset(), "")
    codes = {ligne.departement_code for ligne in lignes}
    trois = [frozenset({un.etat_id, un.siao_id, un.operateur_id}) for un in lignes]
    return PartiesCommunes(frozenset.intersection(*trois), codes.pop() if len(codes) == 1 else "")


def responsables_possibles(session: Session, communes: PartiesCommunes) -> Sequence[Row[str, str, str, str]]:
    """Return who may be put in charge of some lines: ref, prenom, nom, organisation.

    People with an access to conventions in a party that they have in common.
    """
    return session.execute(
        select(Personne.ref, Personne.prenom, Personne.nom, Organisation.nom.label("organisation"))
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .join(Organisation, Organisation.id == Adhesion.organisation_id)
        .where(
            Adhesion.organisation_id.in_(communes.organisations),
            Adhesion.profil.in_(LECTEURS),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .group_by(Personne.id, Organisation.id)
        .order_by(Organisation.tri, Personne.tri, Personne.id)
    ).all()


def entre(session: Session, clock: Clock, actor: Actor, organisation_id: int, limite: int) -> list[Ligne]:
    """Return the visible lines that bind an organisation and the actor's own, the latest to end first.

    The lines of a département that its State reads without being a party are not its own.
    """
    if organisation_id == actor.organisation_id:
        return []
    delai = parametres.DELAI_RENOUVELLEMENT
    parties = (Convention.etat_id, Convention.siao_id, Convention.operateur_id)
    le_sien = stored(delai, Convention.departement_code).label("delai")
    rows = session.execute(
        joindre(select(*COLONNES, le_sien).select_from(Convention))
        .where(
            portee(actor),
            or_(*(partie == organisation_id for partie in parties)),
            or_(*(partie == actor.organisation_id for partie in parties)),
        )
        .order_by(Convention.fin_tri.desc(), Convention.operateur_tri, Convention.id.desc())
        .limit(limite)
    ).all()
    delais = {row.departement_code: read(delai, row.delai) for row in rows}
    dates = Reperes.de(clock, actor, {actor.departement_code: delai.default} | delais)
    return [ligne_de(row, dates) for row in rows]


def fonctions_possibles(session: Session, communes: PartiesCommunes) -> Sequence[AnyRow]:
    """Return the functions that may be in charge of some lines of one département, of a party that they have
    in common.

    Columns: ref, fonction_code, locale, mention, organisation.
    """
    if not communes.departement_code:
        return []
    return fetch(
        session,
        select(
            Referent.ref,
            Referent.fonction_code,
            Referent.mention,
            FonctionLocale.libelle.label("locale"),
            Organisation.nom.label("organisation"),
        )
        .join(Organisation, Organisation.id == Referent.organisation_id)
        .outerjoin(FonctionLocale, FonctionLocale.code == Referent.fonction_code)
        .where(
            Referent.departement_code == communes.departement_code,
            Referent.organisation_id.in_(communes.organisations),
            Referent.ferme_le.is_(None),
        )
        .order_by(Organisation.tri, Referent.tri, Referent.id),
    )


def derniere_modification(session: Session, actor: Actor) -> datetime | None:
    """Return when a line that the actor may see last changed: the state number of its list."""
    return session.scalar(select(func.max(Convention.updated_at)).where(lisibles(actor)))
