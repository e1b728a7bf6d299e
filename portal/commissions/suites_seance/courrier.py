"""The plain letter of a decision for the household: what was decided, why, what it may do. In French.

Given by whoever accompanies it. It says what the household may understand alone: short sentences, no acronym
that is not spelt out.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from portal.commissions.models_decisions import Decision
from portal.commissions.suites_seance.contenu import libelle_decision, libelle_prescription
from portal.commissions.suites_seance.recours import jusqu_au
from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Document, Genre, Passage
from portal.grilles.menages.identites import designation
from portal.security.coffre import coffre

COURRIER = "commissions:courrier"
"""The job that makes one."""

LEGAUX = (
    "Vous gardez aussi les recours que la loi prévoit. Vous pouvez saisir la commission de médiation du "
    "département pour faire reconnaître votre droit à un logement (DALO) ou à un hébergement (DAHO). "
    "Vous pouvez aussi saisir le juge."
)
AIDE = "La personne qui vous accompagne peut vous expliquer cette décision et vous aider dans ces démarches."


def composer(session: Session, decision: Decision) -> Document:
    """Return the letter of a decision."""
    vault, dossier, commission = coffre(session), decision.dossier, decision.seance.commission
    fuseau = fuseau_de(dossier.departement_code)
    blocs = [
        _texte(f"À l’attention de : {designation(session, dossier.menage)}"),
        _texte(
            f"La commission « {commission.nom} » a examiné votre situation le "
            f"{_jour(decision.prise_le, fuseau)}. Votre dossier porte le code {dossier.code}."
        ),
        _titre("Ce qui a été décidé"),
        _texte(libelle_decision(decision.code) + "."),
    ]
    for titre, ferme in (("Pourquoi", decision.motif), ("À quelles conditions", decision.conditions)):
        texte = vault.ouvrir(ferme) if ferme else ""
        if texte:
            blocs += [_titre(titre), *(_texte(ligne) for ligne in texte.split("\n") if ligne.strip())]
    if decision.prescriptions:
        blocs.append(_titre("Ce qui est prévu pour vous aider"))
        for one in decision.prescriptions:
            said = libelle_prescription(one.code)
            if one.porteur is not None:
                said += f" – avec {one.porteur.nom}"
            if one.echeance is not None:
                said += f", avant le {format_date(one.echeance, 'd MMMM yyyy', locale='fr')}"
            blocs.append(Bloc(Genre.PUCE, (Passage(said),)))
    blocs += [_titre("Si vous n’êtes pas d’accord"), *_recours(decision), _texte(LEGAUX), _texte(AIDE)]
    return Document(
        titre="Décision de la commission",
        sous_titre=commission.nom,
        blocs=tuple(blocs),
        pied=f"Dossier {dossier.code}",
    )


def _recours(decision: Decision) -> list[Bloc]:
    last = jusqu_au(decision)
    if last is None:
        return []
    limite = format_date(last, "d MMMM yyyy", locale="fr")
    return [
        _texte(
            f"La personne qui vous accompagne peut demander à la commission de revoir sa décision, jusqu’au "
            f"{limite}. Votre dossier sera alors examiné par d’autres personnes."
        )
    ]


def _jour(le: datetime | None, fuseau: str) -> str:
    assert le is not None  # a decision that is told was taken
    return format_date(le.astimezone(ZoneInfo(fuseau)), "d MMMM yyyy", locale="fr")


def _titre(texte: str) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=1)


def _texte(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))
