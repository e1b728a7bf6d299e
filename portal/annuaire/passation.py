"""Functions of the directory handed over when whoever holds them leaves (domaine.md § 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portal.annuaire.enums import LIBELLES_ROLE
from portal.annuaire.models import FonctionLocale, Referent, Titulaire
from portal.annuaire.nomenclatures import fonctions
from portal.annuaire.regles import se_chevauchent
from portal.annuaire.saisie import Jours, SaisieTitulaire
from portal.annuaire.service import confirmer, finir, nommer, tenues
from portal.audit.diff import changed
from portal.comptes.equipiers import Equipe, Successeur
from portal.comptes.models import Personne
from portal.comptes.passation import LIGNES, Genre, Partant, Passage, Tenu, on_passation
from portal.organisations.models import Structure
from portal.organisations.natures import Libelle
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues, rang
from portal.shared.errors import DomainError, StaleVersion
from portal.shared.messages import N_

_SUITE = aliased(Titulaire)
SANS_COMPTE = "t"
"""Beginning of the key of a successor whom the directory alone knows: someone without an account."""


def _lectures(clock: Clock, qui: Partant) -> Mapping[str, AnySelect]:
    """Return what someone holds, not what already has a successor, named for the end of their time; and whom
    the directory alone knows in the organisation."""
    jour = clock.today()
    suite = and_(
        _SUITE.referent_id == Titulaire.referent_id, _SUITE.role == Titulaire.role, _SUITE.du > Titulaire.au
    )
    ici = and_(Referent.organisation_id == qui.organisation.id, Referent.ferme_le.is_(None))
    tenues = (
        select(
            Titulaire.ref,
            Titulaire.role,
            Referent.fonction_code,
            Referent.mention,
            Referent.version,
            FonctionLocale.libelle,
            Structure.nom.label("structure"),
            ordre := rang(Referent.tri, Titulaire.id),
        )
        .join(Referent, Referent.id == Titulaire.referent_id)
        .outerjoin(FonctionLocale, FonctionLocale.code == Referent.fonction_code)
        .outerjoin(Structure, Structure.id == Referent.structure_id)
        .where(
            or_(Titulaire.personne_id == qui.personne.id, Titulaire.email == qui.personne.email),
            or_(Titulaire.au.is_(None), and_(Titulaire.au > jour, ~exists().where(suite))),
            ici,
        )
        .order_by(ordre)
        .limit(LIGNES)
    )
    connus = (
        select(
            Titulaire.ref,
            Titulaire.prenom,
            Titulaire.nom,
            Titulaire.email,
            rang(Titulaire.nom, Titulaire.prenom, Titulaire.id),
        )
        .join(Referent, Referent.id == Titulaire.referent_id)
        .where(
            ici,
            Titulaire.personne_id.is_(None),
            Titulaire.email != qui.personne.email,
            Titulaire.du <= jour,
            or_(Titulaire.au.is_(None), Titulaire.au >= jour),
        )
    )
    return {"tenues": tenues, "connus": connus}


def _tenus(lues: Lues) -> Sequence[Tenu]:
    tenus = []
    for row in lues["tenues"]:
        libelle = _libelle(row.fonction_code, row.libelle)
        lieu = ", ".join(filter(None, (row.structure, row.mention)))
        tenus.append(Tenu(row.ref, libelle.fr, lieu, LIBELLES_ROLE[row.role], row.version, libelle.en))
    return tenus


def _libelle(code: str, locale: str | None) -> Libelle:
    """Return the label of a function, of everywhere or of a département."""
    connue = fonctions().get(code)
    return connue.libelle if connue else Libelle(locale or code, locale or code)


def _successeurs(lues: Lues, equipe: Equipe) -> Sequence[Successeur]:
    """The people of the organisation, and those whom the directory alone knows there."""
    comptes = equipe.tous()
    courriels = {un.email for un in comptes}
    seuls: dict[tuple[str, str], Successeur] = {}
    for row in lues["connus"]:
        if row.email not in courriels:
            nom = f"{row.prenom} {row.nom}".strip()
            seuls.setdefault((nom, row.email), Successeur(f"{SANS_COMPTE}{row.ref}", nom, row.email))
    return [*comptes, *seuls.values()]


def _passer(session: Session, clock: Clock, actor: Actor, passage: Passage) -> None:
    """End the holding on the last day of whoever leaves; the successor holds it from the next day."""
    titulaire = session.scalar(select(Titulaire).where(Titulaire.ref == passage.tenu.ref))
    referent = (
        session.get(Referent, titulaire.referent_id, with_for_update=True, populate_existing=True)
        if titulaire
        else None
    )
    if titulaire is None or referent is None or referent.ferme_le is not None:
        raise StaleVersion(None)
    before, typed = tenues(referent), _saisie(session, passage)
    debut = max(passage.jour + timedelta(days=1), titulaire.du)
    if titulaire.du > passage.jour:
        if titulaire.du <= clock.today(actor.fuseau):
            raise DomainError("annuaire.dernier_jour_avant", "dernier_jour", nom=titulaire.nom_complet)
        session.delete(titulaire)
        session.flush()
        session.expire(referent, ["titulaires"])  # taken off the list, it would be saved without a function
    elif titulaire.au is None or titulaire.au > passage.jour:
        finir(session, titulaire, passage.jour)
    if typed is not None:
        typed = replace(typed, du=debut, role=titulaire.role)
        _libre(referent, typed)
        nommer(session, clock, referent, typed)
    changes = changed({"tenue": before}, {"tenue": tenues(referent)})
    confirmer(session, clock, actor, referent, "annuaire:titulaire:confier", changes)


def _libre(referent: Referent, typed: SaisieTitulaire) -> None:
    """Refuse to name someone where another person is named already."""
    voulu = Jours(typed.du, typed.au)
    for row in referent.titulaires:
        if row.role is typed.role and se_chevauchent(row, voulu):
            raise DomainError("annuaire.periode_prise", None, nom=row.nom_complet)


def _saisie(session: Session, passage: Passage) -> SaisieTitulaire | None:
    """Return who receives a function, with their professional contact; None when nobody does."""
    if passage.a is None:
        return None
    if passage.a.personne_id is not None:
        source: Personne | Titulaire = session.get_one(Personne, passage.a.personne_id)
    else:
        source = session.scalars(
            select(Titulaire).where(Titulaire.ref == passage.a.cle.removeprefix(SANS_COMPTE))
        ).one()
    return SaisieTitulaire(
        prenom=source.prenom, nom=source.nom, du=date.max, telephone=source.telephone, email=source.email
    )


on_passation(
    Genre(
        "fonctions",
        N_("Fonctions de l’annuaire"),
        N_("Laisser vide"),
        N_("le lendemain du départ"),
        _lectures,
        _tenus,
        _successeurs,
        _passer,
    )
)
