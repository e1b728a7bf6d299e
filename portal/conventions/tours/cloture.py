"""Closing a round: what was agreed goes into each operator's convention (domaine.md § 5.3).

The base prefills, it does not impose itself. For each clause: the contents that the operator adopted, or
those of its departure, or the base when it answered nothing; each party accepts where it said so itself, and
has to examine the rest.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.ecriture import acte
from portal.conventions.enums import OUVERTS, Mode, Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.ecriture import est_modifiable
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.ouverture import OUVRABLES, ouvrir
from portal.conventions.redaction.prefill import Apport, Dite, apporter
from portal.conventions.tours.ecriture import Prise, clauses, valeurs_du_socle
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.models import TourClause, TourParticipant, TourReponse
from portal.conventions.tours.perimetre import ClauseCommune, Perimetre
from portal.shared.messages import N_

SANS_LIGNE, FIGEE, SANS_NATURE = "sans_ligne", "figee", "sans_nature"
RAISONS: dict[str, str] = {
    SANS_LIGNE: N_("L’opérateur n’a pas de convention ouverte avec ce SIAO."),
    FIGEE: N_("Le texte de la convention ne se modifie plus : il faut d’abord rouvrir la négociation."),
    SANS_NATURE: N_("La convention n’a aucune nature de dispositif : son texte ne peut pas être ouvert."),
}
"""Why a convention was not filled."""


def remplir_les_conventions(prise: Prise) -> dict[str, Any]:
    """Fill the convention of each operator at the table; return what the journal keeps of it, by operator."""
    session = prise.session
    communes, lignes = prise.perimetre, clauses(prise)
    valeurs = valeurs_du_socle(session, communes, lignes)
    reponses: dict[int, dict[int, TourReponse]] = {}
    for reponse in session.scalars(
        select(TourReponse)
        .join(TourClause, TourClause.id == TourReponse.clause_id)
        .where(TourClause.tour_id == prise.tour.id)
        .execution_options(populate_existing=True)
    ):
        reponses.setdefault(reponse.participant_id, {})[reponse.clause_id] = reponse
    bilans = {}
    for participant in session.scalars(
        select(TourParticipant)
        .where(TourParticipant.tour_id == prise.tour.id, TourParticipant.retire_le.is_(None))
        .order_by(TourParticipant.id)
    ):
        siennes = reponses.get(participant.id, {})
        apports = {
            code: _apport(prise, communes.clauses[code], ligne, valeurs[code], siennes.get(ligne.id))
            for code, ligne in _dans_l_ordre(communes, lignes)
        }
        participant.bilan = _remplir(prise, participant, apports)
        bilans[participant.ref] = {
            cle: len(valeur) if isinstance(valeur, (dict, list)) else valeur
            for cle, valeur in participant.bilan.items()
        }
    return bilans


def _dans_l_ordre(communes: Perimetre, lignes: Mapping[str, TourClause]) -> list[tuple[str, TourClause]]:
    return [(code, lignes[code]) for code in communes.clauses if code in lignes]


def _apport(
    prise: Prise,
    commune: ClauseCommune,
    ligne: TourClause,
    socle: Mapping[str, str],
    reponse: TourReponse | None,
) -> Apport:
    """Return what the round brings to one clause of one operator's convention."""
    titre = prise.tour.intitule or prise.tour.nature_code
    motif = f"Tour collectif : {titre}"
    if reponse is not None and reponse.reponse is Reponse.ECART:
        texte = reponse.texte if commune.redigeable else None
        valeurs = {p.code: str(reponse.valeurs.get(p.code, socle[p.code])) for p in commune.parametres}
        dites = {Partie.OPERATEUR: Dite(Position.PROPOSEE, reponse.motif, reponse.le, reponse.par)}
        dites |= _pilotes(reponse)
        return Apport(texte, valeurs, dites, commune.entiere, f"{motif}. {reponse.motif}")
    dites = _pilotes(ligne)
    if reponse is not None and reponse.reponse is Reponse.ADOPTEE:
        dites[Partie.OPERATEUR] = Dite(Position.ACCEPTEE, "", reponse.le, reponse.par)
    return Apport(ligne.texte, dict(socle), dites, commune.entiere, motif)


def _pilotes(source: TourClause | TourReponse) -> dict[Partie, Dite]:
    """Return where State and SIAO said they stand, on the base or on a departure."""
    dites = {}
    for partie in (Partie.SIAO, Partie.ETAT):
        position: Position | None = getattr(source, f"position_{partie.value}")
        le: datetime | None = getattr(source, f"{partie.value}_le")
        if position is not None and le is not None:
            motif = getattr(source, f"motif_{partie.value}", "")
            dites[partie] = Dite(position, motif, le, getattr(source, f"{partie.value}_par"))
    return dites


def _remplir(prise: Prise, participant: TourParticipant, apports: Mapping[str, Apport]) -> dict[str, Any]:
    """Fill one convention, its text opened when it was not; return what was done, or why nothing was."""
    session = prise.session
    ligne = _ligne(session, participant.operateur_id, prise.tour.siao_id)
    if ligne is None:
        return {"raison": SANS_LIGNE}
    texte = session.get(ConventionTexte, ligne.id, populate_existing=True)
    if texte is None:
        if ligne.statut not in OUVRABLES:
            return {"raison": FIGEE, "convention": ligne.ref}
        if not ligne.natures:
            return {"raison": SANS_NATURE, "convention": ligne.ref}
        ouvrir(session, prise.clock, prise.actor, ligne.ref, ligne.version)
        texte = session.get_one(ConventionTexte, ligne.id)
    if not est_modifiable(ligne, texte):
        return {"raison": FIGEE, "convention": ligne.ref}
    deja = (participant.bilan or {}).get("remplies", {})
    with acte(session, prise.clock, prise.actor, "texte:tour", ligne) as faits:
        ligne.mode = ligne.mode or Mode.COLLECTIF
        rapport = apporter(
            session,
            prise.clock,
            prise.actor,
            ligne,
            apports,
            version_id=prise.tour.version_departementale_id,
            deja=deja,
        )
        faits |= {"tour": prise.tour.ref, "clauses": list(rapport.remplies), "gardees": rapport.gardees}
    return {
        "convention": ligne.ref,
        "remplies": rapport.remplies,
        "gardees": rapport.gardees,
        "absentes": rapport.absentes,
    }


def _ligne(session: Session, operateur_id: int, siao_id: int) -> Convention | None:
    """Return the open line of a pair, taken until the end of the transaction."""
    return session.scalar(
        select(Convention)
        .where(
            Convention.operateur_id == operateur_id,
            Convention.siao_id == siao_id,
            Convention.statut.in_(OUVERTS),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
