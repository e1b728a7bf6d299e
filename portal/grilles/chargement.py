"""Loading the national grid of `seeds/reference/grilles` as a published version."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.modeles.enums import StatutVersion
from portal.grilles import queries
from portal.grilles.contenu import empreinte
from portal.grilles.lecture import grille_nationale
from portal.grilles.models import GrilleItem, GrilleModele
from portal.shared.clock import Clock


def load_grid(session: Session, clock: Clock) -> bool:
    """Publish the national grid when its words differ from its last version; the caller commits.

    Returns whether it was published. Raises GrilleInvalide, which says what is wrong.
    """
    grille = grille_nationale()
    words = empreinte(grille)
    last = session.scalar(
        select(GrilleModele.empreinte)
        .where(GrilleModele.departement_code.is_(None))
        .order_by(GrilleModele.numero.desc())
        .limit(1)
    )
    if last == words:
        return False
    now = clock.now()
    version = GrilleModele(
        numero=queries.numero_suivant(session, None),
        libelle=grille.libelle,
        sections=[{"code": s.code, "titre": s.titre, "consigne": s.consigne} for s in grille.sections],
        statut=StatutVersion.BROUILLON,
        created_at=now,
        updated_at=now,
        items=[
            GrilleItem(
                section=section.code,
                rang=rang,
                code=item.code,
                libelle=item.libelle,
                aide=item.aide,
                champs=[champ.to_json() for champ in item.champs],
            )
            for section in grille.sections
            for rang, item in enumerate(section.items, 1)
        ],
    )
    session.add(version)
    session.flush()
    version.statut, version.empreinte = StatutVersion.PUBLIEE, words
    version.publiee_le, version.publiee_par = now, "Portail"
    session.flush()
    record(
        session,
        clock,
        None,
        "grilles:version:publier",
        version,
        changes={"numero": version.numero, "empreinte": words},
    )
    return True
