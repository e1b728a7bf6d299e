"""What avenants and renewals add to the acts on a line."""

from sqlalchemy.orm import Session

from portal.conventions.avenants import fusion, propositions, renouvellement
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.crochets import FUSIONNEE, NOUVELLES, RENOUVELEE, apres_acte, donne_le_preavis
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.queries import a_un_texte
from portal.security.policy import Actor
from portal.shared.clock import Clock


@apres_acte
def suivre(session: Session, clock: Clock, actor: Actor, ligne: Convention, acte: str) -> None:
    """Open the text of a renewal; plan avenants of the natures put off; follow the mergers of parties."""
    if acte == RENOUVELEE:
        renouvellement.ouvrir_le_texte(session, clock, actor, ligne)
    elif acte == "mettre_en_signature":
        texte = session.get(ConventionTexte, ligne.id)
        if texte is not None:
            propositions.suivre_natures_differees(session, clock, actor, ligne, texte)
    elif acte == FUSIONNEE:
        fusion.clore(session, clock, actor, ligne)
    elif acte in NOUVELLES:
        fusion.remplacer(session, clock, actor, ligne, NOUVELLES[acte])


CLAUSE, PREAVIS = "10.3", "preavis_resiliation_mois"


@donne_le_preavis
def preavis(session: Session, ligne: Convention) -> int | None:
    """Return the notice that the consolidated text says, in months."""
    if not a_un_texte(session, ligne.id):
        return None
    texte = consolide(session, ligne).texte
    modele = next((lue.clause for lue in texte.clauses if lue.code == CLAUSE), None)
    parametre = next((p for p in modele.parametres if p.code == PREAVIS), None) if modele else None
    if parametre is None:
        return None
    dit = texte.valeurs.get((CLAUSE, PREAVIS), parametre.defaut)
    return int(dit) if dit.isdecimal() else None
