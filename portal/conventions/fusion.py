"""What a merger of organisations, or a new name, does to the lines (domaine.md § 5.4).

Merging operators: the absorbed one's CTPs in force end on the day of the merger and stay in its history;
its open lines, and those signed for later, pass to the absorbing one, which gets a line to start with each
SIAO where it has none. Merging SIAO or State's services: the lines pass to the absorbing one. Where the
absorbing one already has a line in the way, the absorbed one's is closed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions import parametres
from portal.conventions.chaine import JAMAIS, lignes_du_couple, rechainer
from portal.conventions.creation import nouvelle_ligne, texte_recherche
from portal.conventions.ecriture import acte, base_traduite, valeurs
from portal.conventions.enums import OUVERTS, Statut
from portal.conventions.models import Convention, ConventionNature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import Effet, Fusion, on_merge
from portal.organisations.models import Organisation
from portal.organisations.parametres import value
from portal.organisations.service import on_edit
from portal.shared.messages import N_

MOTIF = "Fusion de %(absorbee)s dans %(absorbante)s"


def _vivantes(absorbed: Organisation, on: date | None) -> ColumnElement[bool]:
    """The lines of an organisation, in any role, that are open or not ended yet."""
    role = {
        TypeOrganisation.SIAO: Convention.siao_id,
        TypeOrganisation.ETAT: Convention.etat_id,
    }.get(absorbed.type, Convention.operateur_id)
    courante = Convention.fin_effective >= on if on else Convention.fin_effective.is_not(None)
    return and_(
        role == absorbed.id,
        or_(Convention.statut.in_(OUVERTS), and_(Convention.statut == Statut.SIGNEE, courante)),
    )


def _compter(session: Session, absorbed: Organisation, absorber: Organisation) -> int:
    return session.scalar(select(func.count(Convention.id)).where(_vivantes(absorbed, None))) or 0


def _appliquer(fusion: Fusion) -> int:
    session = fusion.session
    lignes = session.scalars(
        select(Convention).where(_vivantes(fusion.absorbed, fusion.on)).order_by(Convention.id)
    ).all()
    with base_traduite(session):
        for ligne in lignes:
            if fusion.absorbed.type is TypeOrganisation.ETAT:
                _changer_etat(fusion, ligne)
            elif fusion.absorbed.type is TypeOrganisation.SIAO or not _en_cours(fusion, ligne):
                _passer(fusion, ligne)
            else:
                _terminer(fusion, ligne)
        if fusion.absorbed.type not in (TypeOrganisation.ETAT, TypeOrganisation.SIAO):
            _engager(fusion, lignes)
    return len(lignes)


def _en_cours(fusion: Fusion, ligne: Convention) -> bool:
    """Tell whether a CTP had begun before the day of the merger."""
    return ligne.statut is Statut.SIGNEE and ligne.date_effet is not None and ligne.date_effet <= fusion.on


def _changer_etat(fusion: Fusion, ligne: Convention) -> None:
    with acte(fusion.session, fusion.clock, fusion.actor, "convention:fusion", ligne) as faits:
        faits["etat"] = fusion.absorber.ref
        ligne.etat = fusion.absorber


def _passer(fusion: Fusion, ligne: Convention) -> None:
    """Give a line to the absorbing organisation, or end it when that one has a line in the way."""
    absorber, session = fusion.absorber, fusion.session
    siao = fusion.absorbed.type is TypeOrganisation.SIAO
    operateur_id, siao_id = (ligne.operateur_id, absorber.id) if siao else (absorber.id, ligne.siao_id)
    autres = lignes_du_couple(session, operateur_id, siao_id)
    if any(_genent(ligne, autre) for autre in autres):
        _terminer(fusion, ligne)
        return
    anciennes = [a for a in lignes_du_couple(session, ligne.operateur_id, ligne.siao_id) if a is not ligne]
    with acte(session, fusion.clock, fusion.actor, "convention:fusion", ligne) as faits:
        faits["vers"] = absorber.ref
        ligne.remplace_id = None
        for ancienne in anciennes:
            if ancienne.remplace_id == ligne.id:
                ancienne.remplace_id = None
        session.flush()
        if siao:
            ligne.siao, ligne.departement_code = absorber, absorber.departement_code
        else:
            ligne.operateur, ligne.operateur_tri = absorber, absorber.tri
        ligne.texte_recherche = texte_recherche(ligne.operateur, ligne.siao)
        session.flush()
        rechainer(session, [*autres, ligne])
        if anciennes:
            rechainer(session, anciennes)


def _genent(ligne: Convention, autre: Convention) -> bool:
    """Tell whether two lines cannot stand in one pair: both open, or both signed at once."""
    if ligne.statut is not Statut.SIGNEE or autre.statut is not Statut.SIGNEE:
        return ligne.statut is not Statut.SIGNEE and autre.statut is not Statut.SIGNEE
    assert ligne.date_effet is not None
    assert ligne.fin_effective is not None
    assert autre.date_effet is not None
    assert autre.fin_effective is not None
    return ligne.date_effet <= autre.fin_effective and autre.date_effet <= ligne.fin_effective


def _terminer(fusion: Fusion, ligne: Convention) -> None:
    """End a line on the day of the merger: a CTP in force is terminated, any other is without object."""
    session = fusion.session
    motif = (MOTIF % {"absorbee": fusion.absorbed.nom, "absorbante": fusion.absorber.nom})[:500]
    with acte(session, fusion.clock, fusion.actor, "convention:fusion", ligne):
        ligne.motif = motif
        if _en_cours(fusion, ligne):
            assert ligne.fin_effective is not None
            if fusion.on < ligne.fin_effective:
                ligne.resiliation_notifiee_le = fusion.on
                ligne.resiliation_effet = fusion.on + timedelta(days=1)
                ligne.fin_effective = ligne.fin_tri = fusion.on
            return
        ligne.statut, ligne.statut_avant_suspension = Statut.SANS_OBJET, None
        ligne.statut_depuis, ligne.remplace_id = fusion.clock.now(), None
        ligne.fin_tri = JAMAIS
        session.flush()
        restantes = lignes_du_couple(session, ligne.operateur_id, ligne.siao_id)
        if restantes:
            rechainer(session, restantes)


def _engager(fusion: Fusion, lignes: Sequence[Convention]) -> None:
    """Open a line for the absorbing operator with each SIAO where the absorbed one's CTP has just ended."""
    session, absorber = fusion.session, fusion.absorber
    for ligne in lignes:
        if ligne.operateur_id == absorber.id or ligne.statut is not Statut.SIGNEE:
            continue
        autres = lignes_du_couple(session, absorber.id, ligne.siao_id)
        if any(a.statut is not Statut.SIGNEE or (a.fin_effective or JAMAIS) > fusion.on for a in autres):
            continue
        suite = nouvelle_ligne(
            fusion.clock,
            operateur=absorber,
            siao=ligne.siao,
            etat=ligne.etat,
            date_cible=value(session, parametres.DATE_CIBLE, ligne.departement_code),
        )
        suite.natures = [ConventionNature(nature_code=n.nature_code, places=n.places) for n in ligne.natures]
        session.add(suite)
        session.flush()
        rechainer(session, [*autres, suite])
        faits: dict[str, Any] = valeurs(suite) | {"fusion": fusion.absorbed.ref}
        record(session, fusion.clock, fusion.actor, "conventions:convention:creer", suite, changes=faits)


EFFET = on_merge(
    Effet(
        "conventions",
        N_("Conventions à terminer ou à transférer : %(nombre)s"),
        _compter,
        _appliquer,
    )
)


@on_edit
def renommer(session: Session, organisation: Organisation) -> None:
    """Follow a new name: lines are sorted and found by the names of their operator and SIAO."""
    lignes = session.scalars(
        select(Convention).where(
            or_(Convention.operateur_id == organisation.id, Convention.siao_id == organisation.id)
        )
    )
    for ligne in lignes:
        ligne.operateur_tri = ligne.operateur.tri
        ligne.texte_recherche = texte_recherche(ligne.operateur, ligne.siao)
    session.flush()
