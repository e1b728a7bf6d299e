"""An authorisation as people read it: its state in words, what comes next, who must act."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from sqlalchemy.orm import Session

from portal.grilles.autorisations import queries
from portal.grilles.autorisations.enums import (
    ATTENDUES,
    DecisionAdulte,
    ObjetAutorisation,
    StatutAutorisation,
)
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.menages import identites
from portal.grilles.menages.models import Menage
from portal.shared.clock import Clock
from portal.shared.messages import N_

BIENTOT = timedelta(days=15)


class EtatLu(Enum):
    """The state that people read: what the stored one and today's date say together."""

    A_INFORMER = "a_informer"
    ATTENDUE = "attendue"
    A_VENIR = "a_venir"
    EN_VIGUEUR = "en_vigueur"
    FINIT_BIENTOT = "finit_bientot"
    SEANCE = "seance"
    TERMINEE = "terminee"
    REFUSEE = "refusee"
    RETIREE = "retiree"
    EXPIREE = "expiree"
    REMPLACEE = "remplacee"


LIBELLES_ETAT_LU: dict[EtatLu, str] = {
    EtatLu.A_INFORMER: N_("Notice à donner"),
    EtatLu.ATTENDUE: N_("Réponse attendue"),
    EtatLu.A_VENIR: N_("Accordée, pas encore commencée"),
    EtatLu.EN_VIGUEUR: N_("En vigueur"),
    EtatLu.FINIT_BIENTOT: N_("En vigueur, finit bientôt"),
    EtatLu.SEANCE: N_("Accordée pour une séance"),
    EtatLu.TERMINEE: N_("Terminée"),
    EtatLu.REFUSEE: N_("Refusée"),
    EtatLu.RETIREE: N_("Retirée"),
    EtatLu.EXPIREE: N_("Fermée d’office"),
    EtatLu.REMPLACEE: N_("Remplacée"),
}

TONS: dict[EtatLu, str] = {
    EtatLu.A_INFORMER: "attente",
    EtatLu.ATTENDUE: "attente",
    EtatLu.A_VENIR: "info",
    EtatLu.EN_VIGUEUR: "succes",
    EtatLu.FINIT_BIENTOT: "attente",
    EtatLu.SEANCE: "succes",
}
"""Colours; what is closed has none, for whatever reason it is."""

_FERMES = {
    StatutAutorisation.REFUSE: EtatLu.REFUSEE,
    StatutAutorisation.RETIRE: EtatLu.RETIREE,
    StatutAutorisation.EXPIRE: EtatLu.EXPIREE,
    StatutAutorisation.REMPLACE: EtatLu.REMPLACEE,
}


@dataclass(frozen=True)
class Lue:
    """An authorisation, its state, how many adults of today answered. `ouverte`: at this very second."""

    autorisation: Autorisation
    etat: EtatLu
    ouverte: bool
    ont_repondu: int
    adultes: int

    @property
    def ton(self) -> str:
        """The colour that stands beside the state's words."""
        return TONS.get(self.etat, "neutre")

    @property
    def vivante(self) -> bool:
        """Whether it may still be answered or withdrawn."""
        return self.autorisation.statut in ATTENDUES | {StatutAutorisation.ACCORDE}

    @property
    def transmission(self) -> bool:
        """Whether it lets a grid be sent."""
        return self.autorisation.objet is ObjetAutorisation.TRANSMISSION


def lues(session: Session, clock: Clock, menage: Menage) -> list[Lue]:
    """Return the authorisations of a household, newest first. One statement, its adults being there."""
    presents = {adulte.id for adulte in identites.presents(menage)}
    jour = queries.jour_de(clock, menage)
    return [
        _lue(une, jour, presents, ouverte=ouverte, suivie=suivie)
        for une, ouverte, suivie in queries.du_menage_lues(session, clock, menage)
    ]


def lue(clock: Clock, menage: Menage, autorisation: Autorisation, *, ouverte: bool, suivie: bool) -> Lue:
    """Return one of them; `ouverte`, `suivie`: at this very second. No statement, its adults being there."""
    presents = {adulte.id for adulte in identites.presents(menage)}
    return _lue(autorisation, queries.jour_de(clock, menage), presents, ouverte=ouverte, suivie=suivie)


def _lue(autorisation: Autorisation, jour: date, presents: set[int], *, ouverte: bool, suivie: bool) -> Lue:
    donnes = [one for one in autorisation.accords if one.decision and one.adulte_id in presents]
    etat = _etat(autorisation, jour, donnes, ouverte=ouverte, suivie=suivie)
    return Lue(autorisation, etat, ouverte, len(donnes), len(presents))


def _etat(
    autorisation: Autorisation, jour: date, accords: list[AccordAdulte], *, ouverte: bool, suivie: bool
) -> EtatLu:
    if autorisation.statut in _FERMES:
        return _FERMES[autorisation.statut]
    if autorisation.au < jour:
        return EtatLu.TERMINEE
    if autorisation.statut is StatutAutorisation.A_INFORMER:
        return EtatLu.A_INFORMER
    if autorisation.statut is StatutAutorisation.INFORME:
        return EtatLu.ATTENDUE
    seances = [one.jour_seance for one in accords if one.jour_seance is not None]
    if seances:
        return EtatLu.TERMINEE if min(seances) < jour else EtatLu.SEANCE
    if autorisation.du > jour:
        return EtatLu.A_VENIR
    if not ouverte:  # a newer one has begun, which is about to be written down
        return EtatLu.REMPLACEE
    finit = autorisation.au - jour <= BIENTOT and not suivie
    return EtatLu.FINIT_BIENTOT if finit else EtatLu.EN_VIGUEUR


def a_venir(autorisation: Autorisation, jour: date) -> bool:
    """Tell whether it was agreed to and its first day, or its session after an oral agreement, is to come."""
    accordee = autorisation.statut is StatutAutorisation.ACCORDE
    return accordee and jour < (jour_oral(autorisation) or autorisation.du)


def jour_oral(autorisation: Autorisation) -> date | None:
    """Return the only day that an authorisation opens, when an adult agreed orally, else None."""
    jours = [
        one.jour_seance
        for one in autorisation.accords
        if one.decision is DecisionAdulte.ACCORDE and one.jour_seance is not None
    ]
    return min(jours) if jours else None
