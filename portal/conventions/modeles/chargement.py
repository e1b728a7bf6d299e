"""Loading the working models of `seeds/reference/modeles` as published national versions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.modeles.enums import Source, StatutVersion
from portal.conventions.modeles.lecture import empreinte, modeles_de_reference
from portal.conventions.modeles.models import ModeleVersion
from portal.shared.clock import Clock


def load_models(session: Session, clock: Clock) -> int:
    """Publish each reference model whose words differ from its last version; the caller commits.

    Returns how many versions were published; none when the files are those already loaded. Raises
    ModeleInvalide, which says what is wrong.
    """
    published = 0
    for lu in modeles_de_reference():
        last = session.scalar(
            select(ModeleVersion)
            .where(
                ModeleVersion.gabarit == lu.modele.gabarit,
                ModeleVersion.departement_code.is_(None),
                ModeleVersion.source == Source.TRAVAIL,
            )
            .order_by(ModeleVersion.numero.desc())
            .limit(1)
        )
        words = empreinte(lu.modele)
        if last is not None and last.empreinte == words:
            continue
        now = clock.now()
        version = ModeleVersion(
            gabarit=lu.modele.gabarit,
            numero=_numero_suivant(session, lu.modele.gabarit),
            libelle=lu.libelle,
            source=Source.TRAVAIL,
            statut=StatutVersion.PUBLIEE,
            contenu=lu.modele.to_json(),
            empreinte=words,
            publiee_le=now,
            publiee_par="Portail",
            created_at=now,
            updated_at=now,
        )
        session.add(version)
        session.flush()
        record(
            session,
            clock,
            None,
            "modeles:modele:publier",
            version,
            changes={"gabarit": version.gabarit.value, "numero": version.numero, "empreinte": words},
        )
        published += 1
    return published


def _numero_suivant(session: Session, gabarit: object) -> int:
    last = session.scalar(
        select(ModeleVersion.numero)
        .where(ModeleVersion.gabarit == gabarit, ModeleVersion.departement_code.is_(None))
        .order_by(ModeleVersion.numero.desc())
        .limit(1)
    )
    return (last or 0) + 1
