"""What a line whose text is written here asks of its acts: agreement clause by clause, clauses in step.

A line that is only followed knows nothing of this: its acts are those of the follow-up.
"""

from collections import Counter

from sqlalchemy.orm import Session

from portal.conventions.crochets import NATURES, NOUVELLES, apres_acte, avant_transition
from portal.conventions.enums import OUVERTS, Partie
from portal.conventions.models import Convention
from portal.conventions.redaction import avis
from portal.conventions.redaction.ecriture import est_modifiable
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.ouverture import oublier_positions, proposer_le_projet, synchroniser
from portal.conventions.redaction.queries import texte_compose
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

CITEES = 5
"""Clauses named in a refusal; the page shows them all."""


@avant_transition
def accord_sur_tout(session: Session, ligne: Convention, transition: str) -> None:
    """Refuse the agreement in principle until the three parties agree on every clause kept."""
    if transition != "accorder" or session.get(ConventionTexte, ligne.id) is None:
        return
    ouvertes = [lue.titre for lue in texte_compose(session, ligne).ouvertes]
    if ouvertes:
        reste = [f"+ {len(ouvertes) - CITEES}"] if len(ouvertes) > CITEES else []
        raise DomainError("redaction.clauses_ouvertes", clauses=[*ouvertes[:CITEES], *reste])


_SUIVIS = frozenset({"negocier", "rouvrir", NATURES, *NOUVELLES})


@apres_acte
def suivre(session: Session, clock: Clock, actor: Actor, ligne: Convention, acte: str) -> None:
    """Propose the project when the negotiation opens, follow the natures, unfreeze what is reopened."""
    texte = session.get(ConventionTexte, ligne.id) if acte in _SUIVIS else None
    if texte is None:
        return
    if acte == "negocier":
        proposer_le_projet(session, clock, actor, ligne, texte)
        avis.tour_de(session, clock, actor, ligne, Counter({Partie.SIAO: 1, Partie.ETAT: 1}))
    elif acte == "rouvrir":
        texte.fige_le, texte.empreinte, texte.contenu_fige = None, "", None
        texte.natures_figees = texte.annuaire_fige = None
    elif acte == NATURES:
        _natures(session, clock, actor, ligne, texte)
    elif acte in NOUVELLES and ligne.statut in OUVERTS and texte.fige_le is None:
        oublier_positions(session, clock, actor, ligne, texte, NOUVELLES[acte])


def _natures(session: Session, clock: Clock, actor: Actor, ligne: Convention, texte: ConventionTexte) -> None:
    if not est_modifiable(ligne, texte):
        if ligne.statut in OUVERTS:
            raise DomainError("redaction.natures_figees", "natures")
        return
    presentes = {nature.nature_code for nature in ligne.natures}
    texte.natures_differees = sorted(presentes.intersection(texte.natures_differees))
    if not presentes - set(texte.natures_differees):
        texte.natures_differees = []
    session.flush()
    synchroniser(session, clock, actor, ligne, texte)
