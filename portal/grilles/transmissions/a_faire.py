"""« À faire »: grids to acknowledge and to answer, for their recipient; silences and refusals, for whoever
accompanies the household and for the SIAO; reasons that the SIAO reads again. Part of what
`portal.shared.attentes` reads in one statement."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, func, select

from portal.conventions.jours import Jours
from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.autorisations.fermeture import VIVANTES
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import ouverte
from portal.grilles.menages.models import Menage
from portal.grilles.menages.queries import siennes, visible_to
from portal.grilles.transmissions.enums import StatutTransmission
from portal.grilles.transmissions.models import Transmission
from portal.grilles.transmissions.parametres import ECHECS
from portal.grilles.transmissions.queries import attendues, ouvertes
from portal.organisations.models import Organisation, Parametre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect

MONTREES = 8
ACCUSER, REPONDRE = "transmission_accuser", "transmission_repondre"
SILENCE, ALTERNATIVES = "transmission_silence", "transmission_alternatives"
RELIRE = "transmission_relire"


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for. ACCUSER, REPONDRE: `ref` of a transmission, `libelle`: who sent it. SILENCE:
    `ref` of a household, `libelle`: who does not answer. ALTERNATIVES: `ref` of a household, `libelle`: its
    code. RELIRE: `ref` of a household then of its transmission, as in an address, `libelle`: who answered."""
    if can(actor, Permission.TRANSMISSIONS_LIRE):
        return _du_destinataire(clock, actor)
    if can(actor, Permission.MENAGES_LIRE):
        found = [_silences(clock, actor), _alternatives(clock, actor)]
        return [*found, _a_relire(clock, actor)] if can(actor, Permission.TRANSMISSIONS_RELIRE) else found
    return []


def _du_destinataire(clock: Clock, actor: Actor) -> list[AnySelect]:
    jour = Jours.de(clock).du(actor.departement_code)
    cherchees: dict[str, ColumnElement[bool]] = {
        ACCUSER: Transmission.statut == StatutTransmission.ENVOYEE,
        REPONDRE: attendues
        & (Transmission.statut != StatutTransmission.ENVOYEE)
        & (Transmission.repondre_avant <= jour),
    }
    return [
        attente(quoi, ref=Transmission.ref, libelle=Transmission.envoyee_par)
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(ouvertes(actor, clock), condition)
        .order_by(Transmission.id)
        .limit(MONTREES)
        for quoi, condition in cherchees.items()
    ]


def _suivis(clock: Clock, actor: Actor) -> ColumnElement[bool]:
    """The households that the actor follows: a worker their own, the SIAO all of its département."""
    if actor.profil in SIAO:
        return visible_to(actor, clock)
    return visible_to(actor, clock) & Menage.organisation_id.in_(siennes(actor))


def _silences(clock: Clock, actor: Actor) -> AnySelect:
    return (
        attente(SILENCE, ref=Menage.ref, libelle=Organisation.nom)
        .select_from(Transmission)
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .join(Organisation, Organisation.id == Transmission.organisation_id)
        .join(Menage, Menage.id == Transmission.menage_id)
        .where(
            Transmission.relances > 1,
            attendues,
            ouverte(clock),
            Menage.clos_le.is_(None),
            _suivis(clock, actor),
        )
        .order_by(Transmission.id)
        .limit(MONTREES)
    )


def _a_relire(clock: Clock, actor: Actor) -> AnySelect:
    adresse = Menage.ref + "/transmissions/" + Transmission.ref
    return (
        attente(RELIRE, ref=adresse, libelle=Organisation.nom)
        .select_from(Transmission)
        .join(Organisation, Organisation.id == Transmission.organisation_id)
        .join(Menage, Menage.id == Transmission.menage_id)
        .where(
            Transmission.relire_depuis.is_not(None),
            Transmission.relu_le.is_(None),
            visible_to(actor, clock),
        )
        .order_by(Transmission.relire_depuis, Transmission.id)
        .limit(MONTREES)
    )


def _alternatives(clock: Clock, actor: Actor) -> AnySelect:
    """Households that were refused often enough, for which nothing is pending nor signed, nor a commission
    sought since what was refused was sent."""
    echecs = (
        select(func.count())
        .where(Transmission.menage_id == Menage.id, Transmission.echec)
        .correlate(Menage)
        .scalar_subquery()
    )
    seuil = (
        select(Parametre.valeur)
        .where(
            Parametre.cle == ECHECS.key,
            (Parametre.departement_code == Menage.departement_code) | Parametre.departement_code.is_(None),
        )
        .order_by(Parametre.departement_code.is_(None))
        .limit(1)
        .correlate(Menage)
        .scalar_subquery()
    )
    ailleurs = exists().where(
        Transmission.menage_id == Menage.id,
        attendues | (Transmission.statut == StatutTransmission.BAIL_SIGNE),
    )
    derniere = (
        select(func.max(Transmission.envoyee_le))
        .where(Transmission.menage_id == Menage.id, Transmission.echec)
        .correlate(Menage)
        .scalar_subquery()
    )
    tentee = exists().where(
        Autorisation.menage_id == Menage.id,
        Autorisation.objet == ObjetAutorisation.PRESENTATION,
        Autorisation.statut.in_(VIVANTES),
        Autorisation.au >= clock.today(actor.fuseau),
        Autorisation.created_at >= derniere,
    )
    return (
        attente(ALTERNATIVES, ref=Menage.ref, libelle=Menage.code)
        .where(
            Menage.clos_le.is_(None),
            _suivis(clock, actor),
            echecs >= func.coalesce(seuil.cast(echecs.type), ECHECS.default),
            ~ailleurs,
            ~tentee,
        )
        .order_by(Menage.id)
        .limit(MONTREES)
    )


def lues(autres: Mapping[str, Sequence[AnyRow]]) -> dict[str, Sequence[AnyRow]]:
    """Return what waits here of what all the rooms wait for, by kind; empty when nothing does."""
    kinds = {
        "accuser": ACCUSER,
        "repondre": REPONDRE,
        "silence": SILENCE,
        "alternatives": ALTERNATIVES,
        "relire": RELIRE,
    }
    return {name: rows for name, kind in kinds.items() if (rows := autres.get(kind))}
