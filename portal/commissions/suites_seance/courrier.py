"""The plain letter of a decision for the household: what was decided, why, what it may do. In French.

Given by whoever accompanies it. It says what the household may understand alone: short sentences, no acronym
that is not spelt out.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.commissions.enums_dossiers import IssueRecours
from portal.commissions.models_decisions import Decision
from portal.commissions.nomenclatures import decisions_simples, defavorables, prescriptions_simples
from portal.commissions.suites_seance.contenu import libelle_decision, libelle_prescription
from portal.commissions.suites_seance.queries_recours import recours_de, revisee
from portal.commissions.suites_seance.recours import jusqu_au
from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Document, Genre, Passage
from portal.grilles.menages.identites import designation
from portal.security.coffre import coffre
from portal.shared.clock import Clock
from portal.shared.jours_dits import jour_dit

COURRIER = "commissions:courrier"
"""The job that makes one."""

LEGAUX = (
    "La loi vous donne des recours, que vous gardez dans tous les cas. Vous pouvez saisir la commission de "
    "médiation du département : elle peut dire que vous devez être logé en priorité (droit au logement "
    "opposable, DALO) ou hébergé en priorité (droit à l’hébergement opposable, DAHO). Vous pouvez aussi "
    "saisir le juge."
)
AIDE = "La personne qui vous accompagne peut vous expliquer cette décision et vous aider dans ces démarches."


def composer(session: Session, clock: Clock, decision: Decision) -> Document:
    """Return the letter of a decision, as of today."""
    vault, dossier, commission = coffre(session), decision.dossier, decision.seance.commission
    fuseau = fuseau_de(dossier.departement_code)
    dite = libelle_decision(decision.code)
    blocs = [
        _texte(f"Le {_jour(clock.now(), fuseau)}"),
        _texte(f"À l’attention de : {designation(session, dossier.menage)}"),
        _texte(
            f"La commission « {commission.nom} » a examiné votre situation le "
            f"{_jour(decision.prise_le, fuseau)}. Votre dossier porte le code {dossier.code}. Le secrétariat "
            f"de la commission est tenu par : {commission.secretariat.nom}."
        ),
        _titre("Ce qui a été décidé"),
        _texte(decisions_simples().get(decision.code, f"{dite}.")),
        _texte(f"Cette décision s’appelle : {dite[0].lower()}{dite[1:]}."),
    ]
    avant = revisee(session, decision)
    if avant is not None:
        blocs.append(
            _texte(f"Elle remplace la décision du {_jour(avant.prise_le, fuseau)}, après un recours.")
        )
    for titre, ferme in (("Pourquoi", decision.motif), ("À quelles conditions", decision.conditions)):
        texte = vault.ouvrir(ferme) if ferme else ""
        if texte:
            blocs += [_titre(titre), *(_texte(ligne) for ligne in texte.split("\n") if ligne.strip())]
    if decision.prescriptions:
        blocs.append(_titre("Ce qui est prévu pour vous aider"))
        for one in decision.prescriptions:
            said = prescriptions_simples().get(one.code, libelle_prescription(one.code))
            if one.porteur is not None:
                said += f" – avec {one.porteur.nom}"
            if one.echeance is not None:
                said += f", avant le {jour_dit(one.echeance)}"
            blocs.append(Bloc(Genre.PUCE, (Passage(said),)))
    recours = _recours(session, clock, decision)
    blocs += [_titre("Si vous n’êtes pas d’accord"), *recours, _texte(LEGAUX), _texte(AIDE)]
    return Document(
        titre="Décision de la commission",
        sous_titre=commission.nom,
        blocs=tuple(blocs),
        pied=f"Dossier {dossier.code}",
    )


ISSUES = {
    None: "Votre situation va être examinée par d’autres personnes.",
    IssueRecours.MAINTIEN: "Votre situation a été vue de nouveau : la décision reste la même.",
    IssueRecours.REVISION: "Votre situation a été vue de nouveau : la décision a changé.",
    IssueRecours.RENVOI: "Votre situation va être examinée de nouveau, par d’autres personnes.",
}


def _recours(session: Session, clock: Clock, decision: Decision) -> list[Bloc]:
    """Say what may be asked of the commission, or what was."""
    fuseau, forme = fuseau_de(decision.dossier.departement_code), recours_de(session, decision.id)
    if forme is not None:
        quand, suite = _jour(forme.forme_le, fuseau), ISSUES[forme.issue]
        return [
            _texte(
                f"La personne qui vous accompagne a demandé, le {quand}, que la commission revoie sa "
                f"décision. {suite}"
            )
        ]
    last = jusqu_au(decision)
    if last is None:
        ferme = decision.code in defavorables() and not decision.seance.commission.recours
        return [_texte("Cette commission ne revoit pas ses décisions sur demande.")] if ferme else []
    limite = jour_dit(last)
    if clock.today(fuseau) > last:
        fin = f"Le délai pour demander à la commission de revoir sa décision s’est terminé le {limite}."
        return [_texte(fin)]
    return [
        _texte(
            f"La personne qui vous accompagne peut demander à la commission de revoir sa décision, jusqu’au "
            f"{limite}. Votre dossier sera alors examiné par d’autres personnes."
        )
    ]


def _jour(le: datetime | None, fuseau: str) -> str:
    assert le is not None  # a decision that is told was taken
    return jour_dit(le.astimezone(ZoneInfo(fuseau)))


def _titre(texte: str) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=1)


def _texte(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))
