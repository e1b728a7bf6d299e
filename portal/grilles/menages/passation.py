"""Households handed over, by their codes, when whoever accompanies them leaves: those no longer accompanied
too, so that somebody can take them up again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes.equipiers import Equipe, Successeur
from portal.comptes.passation import LIGNES, Genre, Partant, Passage, Tenu, on_passation
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import ACCOMPAGNENT
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues, rang
from portal.shared.errors import StaleVersion
from portal.shared.messages import N_

EN_COURS, TERMINE = N_("Accompagnement en cours"), N_("Accompagnement terminé")


def _lectures(_clock: Clock, qui: Partant) -> Mapping[str, AnySelect]:
    ordre = rang(Menage.clos_le.is_not(None), Menage.code, Menage.id)
    tenus = (
        select(Menage.ref, Menage.code, Menage.version, Menage.clos_le, ordre)
        .where(
            Menage.referent_id == qui.personne.id,
            Menage.organisation_id == qui.organisation.id,
        )
        .order_by(ordre)
        .limit(LIGNES)
    )
    return {"tenus": tenus}


def _tenus(lues: Lues) -> Sequence[Tenu]:
    return [
        Tenu(row.ref, row.code, "", EN_COURS if row.clos_le is None else TERMINE, row.version)
        for row in lues["tenus"]
    ]


def _successeurs(_lues: Lues, equipe: Equipe) -> Sequence[Successeur]:
    return equipe.avec(ACCOMPAGNENT)


def _passer(session: Session, clock: Clock, actor: Actor, passage: Passage) -> None:
    menage = session.scalar(
        select(Menage)
        .where(Menage.ref == passage.tenu.ref, Menage.referent_id == passage.partant.personne.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if menage is None or menage.version != passage.tenu.version:
        raise StaleVersion(None)
    assert passage.a is not None
    assert passage.a.personne_id is not None
    menage.referent_id, menage.updated_at = passage.a.personne_id, clock.now()
    session.flush()
    facts = {"de": passage.partant.personne.ref, "a": passage.a.cle[1:]}
    record(session, clock, actor, "menages:menage:passer", menage, changes=facts)


on_passation(
    Genre(
        "menages",
        N_("Ménages accompagnés"),
        "",
        N_("dès maintenant"),
        _lectures,
        _tenus,
        _successeurs,
        _passer,
    )
)
