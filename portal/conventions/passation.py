"""Conventions in charge handed over when someone leaves, to a colleague or to a function of the organisation.

A line in charge of a function is not there: it follows the function (`portal.conventions.en_charge`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.annuaire.models import FonctionLocale, Referent, Titulaire
from portal.comptes.equipiers import Equipe, Successeur
from portal.comptes.models import Personne
from portal.comptes.passation import LIGNES, Genre, Partant, Passage, Tenu, on_passation
from portal.conventions.ecriture import acte
from portal.conventions.en_charge import comptes_qui_repondent, libelle_de
from portal.conventions.enums import LIBELLES_STATUT, Statut
from portal.conventions.jours import fuseau_de
from portal.conventions.lignes import OPERATEUR, SIAO
from portal.conventions.models import Convention
from portal.conventions.policies import LECTEURS
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues, rang
from portal.shared.errors import DomainError, StaleVersion
from portal.shared.messages import N_

PAR_FONCTION = "f"
"""Beginning of the key of a successor that is a function."""


def _lectures(clock: Clock, qui: Partant) -> Mapping[str, AnySelect]:
    """Return the lines in someone's charge, the functions of where these are, and who answers for them."""
    lignes = (
        select(
            Convention.ref,
            Convention.version,
            Convention.statut,
            OPERATEUR.nom.label("operateur"),
            SIAO.nom.label("siao"),
            ordre := rang(Convention.operateur_tri, Convention.id),
        )
        .join(OPERATEUR, OPERATEUR.id == Convention.operateur_id)
        .join(SIAO, SIAO.id == Convention.siao_id)
        .where(_en_charge(qui, clock.today()))
        .order_by(ordre)
        .limit(LIGNES)
    )
    jour = clock.today(fuseau_de(qui.adhesion.departement_code))
    siennes = select(Convention.departement_code).where(_en_charge(qui, jour))
    proposees = and_(
        Referent.organisation_id == qui.organisation.id,
        Referent.departement_code.in_(siennes),
        Referent.structure_id.is_(None),
        Referent.ferme_le.is_(None),
    )
    fonctions = (
        select(
            Referent.id,
            Referent.ref,
            Referent.departement_code,
            Referent.fonction_code,
            Referent.mention,
            FonctionLocale.libelle,
            rang(Referent.tri, Referent.departement_code, Referent.id),
        )
        .outerjoin(FonctionLocale, FonctionLocale.code == Referent.fonction_code)
        .where(proposees)
    )
    ici = Titulaire.referent_id.in_(select(Referent.id).where(proposees))
    repondent = comptes_qui_repondent(ici, jour).add_columns(rang(Titulaire.referent_id))
    return {"lignes": lignes, "fonctions": fonctions, "repondent": repondent}


def _tenus(lues: Lues) -> Sequence[Tenu]:
    return [
        Tenu(row.ref, row.operateur, row.siao, LIBELLES_STATUT[row.statut], row.version)
        for row in lues["lignes"]
    ]


def _en_charge(qui: Partant, jour: date) -> ColumnElement[bool]:
    """The line is in charge of someone for their organisation, and not over on a day."""
    ici = qui.organisation.id
    return and_(
        Convention.responsable_id == qui.personne.id,
        or_(Convention.etat_id == ici, Convention.siao_id == ici, Convention.operateur_id == ici),
        Convention.statut != Statut.SANS_OBJET,
        or_(Convention.statut != Statut.SIGNEE, Convention.fin_effective >= jour),
    )


def _successeurs(lues: Lues, equipe: Equipe) -> Sequence[Successeur]:
    """Return the colleagues, then the functions of where the lines are; whoever answers for one is told."""
    collegues, fonctions = equipe.avec(LECTEURS), lues["fonctions"]
    par_compte = {un.personne_id: un for un in collegues}
    repondent = {row.fonction_id: par_compte.get(row.personne_id) for row in lues["repondent"]}
    plusieurs = len({row.departement_code for row in fonctions}) > 1
    return [*collegues, *(_successeur(row, repondent.get(row.id), plusieurs) for row in fonctions)]


def _successeur(row: SimpleNamespace, repond: Successeur | None, dire_ou: bool) -> Successeur:
    """Return a function as a successor. `repond`: who is told; `dire_ou`: name its département."""
    libelle = libelle_de(row.fonction_code, row.libelle)
    precisions = ", ".join(filter(None, (row.mention, row.departement_code if dire_ou else "")))
    suite = f" ({precisions})" if precisions else ""
    return Successeur(
        f"{PAR_FONCTION}{row.ref}",
        f"{libelle.fr}{suite}" if libelle else row.fonction_code,
        repond.email if repond else "",
        repond.personne_id if repond else None,
        f"{libelle.en}{suite}" if libelle else "",
    )


def _passer(session: Session, clock: Clock, actor: Actor, passage: Passage) -> None:
    ligne = session.scalar(
        select(Convention)
        .where(
            and_(
                Convention.ref == passage.tenu.ref,
                Convention.responsable_id == passage.partant.personne.id,
            )
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ligne is None or ligne.version != passage.tenu.version:
        raise StaleVersion(None)
    personne, fonction = None, None
    if passage.a is not None and passage.a.cle.startswith(PAR_FONCTION):
        fonction = session.scalars(
            select(Referent).where(Referent.ref == passage.a.cle.removeprefix(PAR_FONCTION))
        ).one()
        if fonction.departement_code != ligne.departement_code:
            noms = [f"{ligne.operateur.nom} ({ligne.siao.nom})"]
            raise DomainError("conventions.fonction", f"conventions-{ligne.ref}", lignes=noms)
    elif passage.a is not None:
        personne = session.get_one(Personne, passage.a.personne_id)
    with acte(session, clock, actor, "convention:confier", ligne):
        ligne.responsable, ligne.responsable_fonction = personne, fonction


on_passation(
    Genre(
        "conventions",
        N_("Conventions en charge"),
        N_("Personne pour l’instant"),
        N_("dès maintenant"),
        _lectures,
        _tenus,
        _successeurs,
        _passer,
    )
)
