"""What other rooms of conventions do when a line moves: they register here, acts on lines call it.

A line whose text is written in the portal has rules of its own; a line that is only followed has none.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.security.policy import Actor
from portal.shared.clock import Clock

Controle = Callable[[Session, Convention, str], None]
Suite = Callable[[Session, Clock, Actor, Convention, str], None]

NATURES, NOUVEL_ETAT, NOUVEAU_SIAO, NOUVEL_OPERATEUR = "natures", "etat", "siao", "operateur"
NOUVELLES = {
    NOUVEL_OPERATEUR: Partie.OPERATEUR,
    NOUVEAU_SIAO: Partie.SIAO,
    NOUVEL_ETAT: Partie.ETAT,
}
"""The party whose place is taken, by act on the line."""

RENOUVELEE, FUSIONNEE = "renouvelee", "fusionnee"
"""Acts that are not transitions: other natures, another organisation for a party, a renewal opened, an end by
merger."""

Reouverture = Callable[[Session, Clock, Actor, Convention, str, Partie | None], None]

Preavis = Callable[[Session, Convention], int | None]

_preavis: list[Preavis] = []
_controles: list[Controle] = []
_suites: list[Suite] = []
_reouvertures: list[Reouverture] = []


def avant_transition(controle: Controle) -> Controle:
    """Register a rule checked before a transition (its name is the third argument); it may refuse."""
    _controles.append(controle)
    return controle


def apres_acte(suite: Suite) -> Suite:
    """Register what follows an act on a line: a transition by its name, or another act, such as `NATURES`."""
    _suites.append(suite)
    return suite


def apres_reouverture(suite: Reouverture) -> Reouverture:
    """Register what follows a negotiation that reopens: why, and whose signature is withdrawn, if any."""
    _reouvertures.append(suite)
    return suite


def controler(session: Session, ligne: Convention, transition: str) -> None:
    """Check the rules of a transition; raises DomainError."""
    for controle in _controles:
        controle(session, ligne, transition)


def suivre(session: Session, clock: Clock, actor: Actor, ligne: Convention, acte: str) -> None:
    """Run what follows an act, in its transaction."""
    for suite in _suites:
        suite(session, clock, actor, ligne, acte)


def rouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    motif: str,
    partie: Partie | None = None,
) -> None:
    """Run what follows a negotiation that reopens, in its transaction."""
    for suite in _reouvertures:
        suite(session, clock, actor, ligne, motif, partie)


def donne_le_preavis(lire: Preavis) -> Preavis:
    """Register who knows the notice, in months, that the text of a line gives its termination."""
    _preavis.append(lire)
    return lire


def preavis(session: Session, ligne: Convention) -> int | None:
    """Return the months of notice that the text of a line says, None when no text does."""
    dits = (lire(session, ligne) for lire in _preavis)
    return next((mois for mois in dits if mois is not None), None)
