"""What a merger of organisations, a closing or a new name does to the lines (domaine.md § 5.4).

Merging operators: the absorbed one's CTPs in force end on the day of the merger and stay in its history;
its open lines, and those signed for later, pass to the absorbing one, which gets a line to start with each
SIAO where it has none. Merging SIAO or State's services: the lines pass to the absorbing one. Where the
absorbing one already has a line in the way, the absorbed one's is closed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.conventions import avis, crochets, parametres
from portal.conventions.chaine import JAMAIS, lignes_du_couple, rechainer
from portal.conventions.creation import nouvelle_ligne, texte_recherche
from portal.conventions.ecriture import acte, base_traduite, valeurs
from portal.conventions.enums import OUVERTS, Statut
from portal.conventions.jours import fuseau_de
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.natures import natures_a_terme
from portal.conventions.redaction.queries import a_un_texte
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import Effet, Fusion, Sort, on_merge
from portal.organisations.models import Organisation
from portal.organisations.parametres import value
from portal.organisations.service import on_close, on_edit
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_

MOTIF = "Fusion de %(absorbee)s dans %(absorbante)s"


def _vivantes(absorbed: Organisation, on: date) -> ColumnElement[bool]:
    """The lines of an organisation, in any role, that are open or not ended on a day."""
    role = {
        TypeOrganisation.SIAO: Convention.siao_id,
        TypeOrganisation.ETAT: Convention.etat_id,
    }.get(absorbed.type, Convention.operateur_id)
    courante = and_(Convention.statut == Statut.SIGNEE, Convention.fin_effective >= on)
    return and_(role == absorbed.id, or_(Convention.statut.in_(OUVERTS), courante))


def _compter(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> int:
    """Count the lines that a merger today would end or transfer."""
    jour = clock.today(fuseau_de(absorbed.departement_code))
    return session.scalar(select(func.count(Convention.id)).where(_vivantes(absorbed, jour))) or 0


class Devenir(Enum):
    """What a merger does to one line."""

    PASSE = "passe"
    PREND_FIN = "prend_fin"
    SANS_OBJET = "sans_objet"


NOM_SIGNEE = N_("%(operateur)s et %(siao)s, convention signée, du %(effet)s au %(fin)s")
NOM_OUVERTE = N_("%(operateur)s et %(siao)s, ligne « %(statut)s », cible le %(cible)s")
TEXTES = {
    Devenir.PASSE: N_("elle passe à « %(absorbante)s »."),
    Devenir.PREND_FIN: N_("elle prend fin le jour de la fusion."),
    Devenir.SANS_OBJET: N_(
        "elle est classée sans objet, car « %(absorbante)s » a déjà une ligne ouverte pour ce couple."
    ),
}
SIGNEE_SANS_OBJET = N_(
    "bien que signée, elle est classée sans objet, car « %(absorbante)s » a déjà une convention sur cette "
    "période."
)
AVEC_SUITE = N_(
    "elle prend fin le jour de la fusion ; une ligne à engager s’ouvre pour « %(absorbante)s » avec ce SIAO."
)


def _detailler(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> list[Sort]:
    """Name each line that a merger today would end or transfer, with its fate.

    Plays the merger on lists, in the order and with the rules of `_appliquer`; two statements.
    """
    jour = clock.today(fuseau_de(absorbed.departement_code))
    lues = select(Convention).options(joinedload(Convention.operateur), joinedload(Convention.siao))
    lignes = session.scalars(lues.where(_vivantes(absorbed, jour)).order_by(Convention.id)).all()
    siao = absorbed.type is TypeOrganisation.SIAO
    role = Convention.siao_id if siao else Convention.operateur_id
    en_face: dict[int, list[Convention]] = {}
    for autre in session.scalars(
        select(Convention).where(role == absorber.id, Convention.statut != Statut.SANS_OBJET)
    ):
        en_face.setdefault(autre.operateur_id if siao else autre.siao_id, []).append(autre)
    sorts: list[tuple[Convention, Devenir]] = []
    for ligne in lignes:
        autres = en_face.setdefault(ligne.operateur_id if siao else ligne.siao_id, [])
        devenir = _devenir(absorbed, ligne, autres, jour)
        if devenir is Devenir.PASSE:
            autres.append(ligne)
        sorts.append((ligne, devenir))
    operateur = absorbed.type not in (TypeOrganisation.ETAT, TypeOrganisation.SIAO)
    textes: list[Sort] = []
    for ligne, devenir in sorts:
        texte = TEXTES[devenir]
        if devenir is Devenir.SANS_OBJET and ligne.statut is Statut.SIGNEE:
            texte = SIGNEE_SANS_OBJET
        elif devenir is Devenir.PREND_FIN and operateur and _a_engager(en_face[ligne.siao_id], jour):
            texte = AVEC_SUITE
        textes.append(_sort(ligne, texte, absorber))
    return textes


def _sort(ligne: Convention, devient: str, absorber: Organisation) -> Sort:
    return Sort(
        NOM_SIGNEE if ligne.statut is Statut.SIGNEE else NOM_OUVERTE,
        devient,
        {
            "operateur": ligne.operateur.nom,
            "siao": ligne.siao.nom,
            "effet": ligne.date_effet,
            "fin": ligne.fin_effective,
            "cible": ligne.date_cible,
            "statut": ligne.statut,
            "absorbante": absorber.nom,
        },
    )


def _devenir(absorbed: Organisation, ligne: Convention, autres: Sequence[Convention], jour: date) -> Devenir:
    """Return what a merger on that day does to a line. `autres`: the absorbing one's lines of that pair."""
    if absorbed.type is TypeOrganisation.ETAT:
        return Devenir.PASSE
    en_cours = _en_cours(ligne, jour)
    if absorbed.type is not TypeOrganisation.SIAO and en_cours:
        return Devenir.PREND_FIN
    if any(_genent(ligne, autre) for autre in autres):
        return Devenir.PREND_FIN if en_cours else Devenir.SANS_OBJET
    return Devenir.PASSE


def _a_engager(autres: Sequence[Convention], jour: date) -> bool:
    """Tell whether nothing open, nor signed beyond that day, stands in a pair of the absorbing operator."""
    return not any(a.statut is not Statut.SIGNEE or (a.fin_effective or JAMAIS) > jour for a in autres)


def _appliquer(fusion: Fusion) -> int:
    """End or transfer the lines, then tell their State and SIAO, elsewhere than where the merger is made."""
    session = fusion.session
    lignes = session.scalars(
        select(Convention).where(_vivantes(fusion.absorbed, fusion.on)).order_by(Convention.id)
    ).all()
    with base_traduite(session):
        for ligne in lignes:
            if fusion.absorbed.type is TypeOrganisation.ETAT:
                _changer_etat(fusion, ligne)
            elif fusion.absorbed.type is TypeOrganisation.SIAO or not _en_cours(ligne, fusion.on):
                _passer(fusion, ligne)
            else:
                _terminer(fusion, ligne)
        if fusion.absorbed.type not in (TypeOrganisation.ETAT, TypeOrganisation.SIAO):
            _engager(fusion, lignes)
    avis.fusion(session, fusion.clock, fusion.actor, fusion.absorbed.nom, fusion.absorber.nom, lignes)
    return len(lignes)


def _en_cours(ligne: Convention, jour: date) -> bool:
    """Tell whether a CTP had begun on the day of the merger."""
    return ligne.statut is Statut.SIGNEE and ligne.date_effet is not None and ligne.date_effet <= jour


def _changer_etat(fusion: Fusion, ligne: Convention) -> None:
    with acte(fusion.session, fusion.clock, fusion.actor, "convention:fusion", ligne) as faits:
        faits["etat"] = fusion.absorber.ref
        ligne.etat = fusion.absorber
        _renegocier(fusion, ligne, faits)
        crochets.suivre(fusion.session, fusion.clock, fusion.actor, ligne, crochets.NOUVEL_ETAT)


def _passer(fusion: Fusion, ligne: Convention) -> None:
    """Give a line to the absorbing organisation, or end it when that one has a line in the way."""
    absorber, session = fusion.absorber, fusion.session
    siao = fusion.absorbed.type is TypeOrganisation.SIAO
    operateur_id, siao_id = (ligne.operateur_id, absorber.id) if siao else (absorber.id, ligne.siao_id)
    autres = lignes_du_couple(session, operateur_id, siao_id)
    if _devenir(fusion.absorbed, ligne, autres, fusion.on) is not Devenir.PASSE:
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
        _renegocier(fusion, ligne, faits)
        nouvelle = crochets.NOUVEAU_SIAO if siao else crochets.NOUVEL_OPERATEUR
        crochets.suivre(session, fusion.clock, fusion.actor, ligne, nouvelle)


def _renegocier(fusion: Fusion, ligne: Convention, faits: dict[str, Any]) -> None:
    """Bring a text agreed or frozen back to negotiation: whoever takes a party's place accepted nothing.

    A frozen text names its parties: one in signature is void, with the signatures given, and all are told.
    """
    avances = (Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE)
    if ligne.statut not in avances or not a_un_texte(fusion.session, ligne.id):
        return
    ligne.statut, ligne.statut_depuis = Statut.EN_NEGOCIATION, fusion.clock.now()
    ligne.signatures.clear()
    faits["raison"] = raison = _motif(fusion)
    fusion.session.flush()
    crochets.suivre(fusion.session, fusion.clock, fusion.actor, ligne, "rouvrir")
    crochets.rouvrir(fusion.session, fusion.clock, fusion.actor, ligne, raison)


def _motif(fusion: Fusion) -> str:
    return (MOTIF % {"absorbee": fusion.absorbed.nom, "absorbante": fusion.absorber.nom})[:500]


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
    with acte(session, fusion.clock, fusion.actor, "convention:fusion", ligne):
        ligne.motif = _motif(fusion)
        if _en_cours(ligne, fusion.on):
            assert ligne.fin_effective is not None
            if fusion.on < ligne.fin_effective:
                ligne.resiliation_notifiee_le = fusion.on
                ligne.resiliation_effet = fusion.on + timedelta(days=1)
        else:
            ligne.statut, ligne.statut_avant_suspension = Statut.SANS_OBJET, None
            ligne.statut_depuis, ligne.remplace_id = fusion.clock.now(), None
            ligne.fin_tri, ligne.classement = JAMAIS, None
        session.flush()
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
        crochets.suivre(session, fusion.clock, fusion.actor, ligne, crochets.FUSIONNEE)


def _engager(fusion: Fusion, lignes: Sequence[Convention]) -> None:
    """Open a line for the absorbing operator with each SIAO where the absorbed one's CTP has just ended."""
    session, absorber = fusion.session, fusion.absorber
    for ligne in lignes:
        if ligne.operateur_id == absorber.id or ligne.statut is not Statut.SIGNEE:
            continue
        autres = lignes_du_couple(session, absorber.id, ligne.siao_id)
        if not _a_engager(autres, fusion.on):
            continue
        suite = nouvelle_ligne(
            fusion.clock,
            operateur=absorber,
            siao=ligne.siao,
            etat=ligne.etat,
            date_cible=value(session, parametres.DATE_CIBLE, ligne.departement_code),
        )
        suite.natures = [
            ConventionNature(nature_code=n.nature_code, places=n.places) for n in natures_a_terme(ligne)
        ]
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
        _detailler,
    )
)


@on_close
def restantes(session: Session, organisation: Organisation, on: date) -> list[DomainError]:
    """Tell the lines that keep an organisation from closing: open, or signed and not ended that day."""
    ouvertes, signees = session.execute(
        select(
            func.count().filter(Convention.statut.in_(OUVERTS)),
            func.count().filter(Convention.statut == Statut.SIGNEE),
        ).where(_vivantes(organisation, on))
    ).one()
    comptes = {"conventions.fermeture_ouvertes": ouvertes, "conventions.fermeture_signees": signees}
    return [DomainError(code, nombre=nombre) for code, nombre in comptes.items() if nombre]


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
