"""What the directory asks of someone, told on « À faire »: one's own entries, those of one's organisation,
the queue of the SIAO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_
from sqlalchemy.orm import Session

from portal.annuaire.destinataires import ADMINISTRENT
from portal.annuaire.enums import Situation
from portal.annuaire.fraicheur import Cadre, cadre, depuis_le_pas, situation_de, tenue_le
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.annuaire.moderation import FILE
from portal.annuaire.moderation import attentes as de_la_file
from portal.annuaire.porteurs import Porteur, les_siennes
from portal.annuaire.regles import qui_pourvoit
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente, nombre
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect


@dataclass(frozen=True)
class Attentes:
    """`siennes`: entries that the actor holds and should verify. Of its organisation, for who answers for its
    entries: `signalees`, with a reported error that waits; `anciennes`, that their holders left unanswered;
    `vides`. `file`: the queue of the SIAO, by its parts."""

    siennes: int = 0
    signalees: int = 0
    anciennes: int = 0
    vides: int = 0
    file: Mapping[str, int] = field(default_factory=dict)

    @property
    def organisation(self) -> bool:
        """Whether something waits on the entries of its organisation."""
        return bool(self.signalees or self.anciennes or self.vides)

    def __bool__(self) -> bool:
        return bool(self.siennes or self.organisation or any(self.file.values()))


SIENNES, SIGNALEES, ANCIENNES, VIDES = (
    f"annuaire_{quoi}" for quoi in ("siennes", "signalees", "anciennes", "vides")
)


def attentes(session: Session, clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for, as `lues` reads it. One statement, for what the département chose."""
    if not can(actor, Permission.ANNUAIRE_LIRE):
        return []
    repere = cadre(session, clock, actor)
    return [
        _siennes(repere),
        *(_organisation(repere) if _administre(actor) else ()),
        *de_la_file(clock, repere),
    ]


def lues(trouvees: Mapping[str, Sequence[AnyRow]]) -> Attentes:
    """Return what waits, out of what was found."""
    return Attentes(
        siennes=nombre(trouvees, SIENNES),
        signalees=nombre(trouvees, SIGNALEES),
        anciennes=nombre(trouvees, ANCIENNES),
        vides=nombre(trouvees, VIDES),
        file={part: nombre(trouvees, quoi) for part, quoi in FILE.items()},
    )


def _administre(actor: Actor) -> bool:
    """Tell whether the actor answers for the entries of its organisation: `destinataires.responsables`."""
    kind = TypeOrganisation(actor.organisation_type)
    return can(actor, Permission.ANNUAIRE_MODIFIER) and actor.profil in {*ADMINISTRENT, *qui_pourvoit(kind)}


def _siennes(repere: Cadre) -> AnySelect:
    jour = repere.jour
    return (
        attente(SIENNES, nombre=func.count(Referent.id.distinct()))
        .select_from(Titulaire)
        .join(Referent, Referent.id == Titulaire.referent_id)
        .where(
            les_siennes(Porteur.connecte(repere.actor), jour),
            Referent.ferme_le.is_(None),
            Titulaire.du <= jour,
            or_(Titulaire.au.is_(None), Titulaire.au >= jour),
            situation_de(repere).in_([Situation.A_VERIFIER.value, Situation.GRISEE.value]),
        )
    )


def _organisation(repere: Cadre) -> list[AnySelect]:
    """Look for the entries of the actor's organisation that wait: reported, unanswered, empty."""
    propres = (
        Referent.organisation_id == repere.actor.organisation_id,
        Referent.departement_code.in_(repere.actor.departements),
        Referent.ferme_le.is_(None),
    )
    tenue = tenue_le(repere.jour)
    signalees = (
        attente(SIGNALEES, nombre=func.count(Referent.id.distinct()))
        .select_from(Signalement)
        .join(Referent, Referent.id == Signalement.referent_id)
        .where(*propres, Signalement.statut.in_(OUVERTS))
    )
    return [signalees] + [
        attente(quoi, nombre=func.count()).select_from(Referent).where(*propres, condition)
        for quoi, condition in (
            (ANCIENNES, tenue & depuis_le_pas(repere, "organisation")),
            (VIDES, ~tenue),
        )
    ]
