"""« À faire »: the notices and answers awaited, the authorisations that end within fifteen days and that
nothing follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_

from portal.grilles.autorisations.enums import ATTENDUES, StatutAutorisation
from portal.grilles.autorisations.lecture import BIENTOT
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import suivie
from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage
from portal.grilles.menages.queries import lien, visible_to
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect

REPONSE, FIN = "autorisation_reponse", "autorisation_fin"
MONTREES = 20


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for (`ref`: of the household then of the authorisation; `libelle`: the household's
    code, no name, and the recipient)."""
    if not can(actor, Permission.AUTORISATIONS_RECUEILLIR):
        return []
    jour = clock.today(actor.fuseau)
    cherchees = {
        REPONSE: and_(
            Autorisation.statut.in_(sorted(ATTENDUES, key=lambda one: one.value)), Autorisation.au >= jour
        ),
        FIN: and_(
            Autorisation.statut == StatutAutorisation.ACCORDE,
            Autorisation.au >= jour,
            Autorisation.au <= jour + BIENTOT,
            ~suivie(),
        ),
    }
    siens = and_(visible_to(actor, clock), lien(actor, clock) != Lien.ACCES.value)
    if actor.profil in SIAO:  # it sees all of them; those that it accompanies itself wait for it
        siens = and_(siens, Menage.referent_id == actor.personne_id)
    return [
        attente(
            quoi,
            ref=Menage.ref + "/" + Autorisation.ref,
            libelle=Menage.code + " – " + Autorisation.destinataire,
        )
        .select_from(Autorisation)
        .join(Menage, Menage.id == Autorisation.menage_id)
        .where(siens, Menage.clos_le.is_(None), condition)
        .order_by(Autorisation.au, Autorisation.id)
        .limit(MONTREES)
        for quoi, condition in cherchees.items()
    ]


@dataclass(frozen=True)
class Attendue:
    """An authorisation that waits: the address of its page, the household's code and the recipient."""

    href: str
    libelle: str


def lues(found: Mapping[str, Sequence[AnyRow]]) -> dict[str, list[Attendue]] | None:
    """Return what `attentes` found, None when nothing waits."""
    reponses, fins = (
        [
            Attendue("/menages/{}/autorisations/{}".format(*row.ref.split("/")), row.libelle)
            for row in found[quoi]
        ]
        for quoi in (REPONSE, FIN)
    )
    return {"reponses": reponses, "fins": fins} if reponses or fins else None
