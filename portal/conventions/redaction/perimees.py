"""C8: conventions whose text follows an older green version than the last one (domaine.md § 9.2)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.enums import OUVERTS, Statut
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.models import Convention
from portal.conventions.queries import portee
from portal.conventions.redaction.models import ConventionTexte
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.db import AnyRow, fetch

MONTREES = 200

_OPERATEUR, _SIAO = aliased(Organisation), aliased(Organisation)


def perimees(session: Session, actor: Actor, departement_code: str, jour: date) -> Sequence[AnyRow]:
    """Return the open and running conventions on an older green version, those of the oldest first.

    `jour`: today in the département. Columns: ref, operateur, siao, numero (of their version), statut,
    fige_le. An open one may take the new version up; a signed one calls for an avenant. One statement.
    """
    derniere = (
        select(func.max(VersionDepartementale.numero))
        .where(
            VersionDepartementale.departement_code == departement_code,
            VersionDepartementale.statut == StatutVersion.PUBLIEE,
        )
        .scalar_subquery()
    )
    atteinte = aliased(VersionDepartementale)
    amenee = (
        exists()
        .where(
            Avenant.convention_id == Convention.id,
            Avenant.statut == StatutAvenant.SIGNE,
            atteinte.id == Avenant.version_departementale_id,
            atteinte.numero == derniere,
        )
        .correlate(Convention)
    )
    statement = (
        select(
            Convention.ref,
            _OPERATEUR.nom.label("operateur"),
            _SIAO.nom.label("siao"),
            VersionDepartementale.numero,
            Convention.statut,
            ConventionTexte.fige_le,
        )
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .join(VersionDepartementale, VersionDepartementale.id == ConventionTexte.version_departementale_id)
        .join(_OPERATEUR, _OPERATEUR.id == Convention.operateur_id)
        .join(_SIAO, _SIAO.id == Convention.siao_id)
        .where(
            portee(actor),
            Convention.departement_code == departement_code,
            VersionDepartementale.numero < derniere,
            ~amenee,
            or_(
                Convention.statut.in_(OUVERTS),
                and_(Convention.statut == Statut.SIGNEE, Convention.fin_effective >= jour),
            ),
        )
        .order_by(VersionDepartementale.numero, Convention.operateur_tri, Convention.id)
        .limit(MONTREES)
    )
    return fetch(session, statement)
