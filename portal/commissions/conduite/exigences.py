"""What a decision must have to be kept, then to be taken: its own words, those of the commission's lists, the
voices of those who are there, the rule that the commission chose (domaine.md §§ 7.2, 7.5, 8.6)."""

from sqlalchemy.orm import Session

from portal.annuaire.indexation import aujourdhui
from portal.commissions.conduite.presents import absents_de, quorum, votants_de
from portal.commissions.conduite.regles import AJOURNE, motif_interdit
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.conduite.votes import Decompte, decompter
from portal.commissions.enums import RegleDecision
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.organisations.saisie import Refusals
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


def proposees(seance: Seance) -> list[str]:
    """Return what a session may decide, by code: the commission's list, and always to postpone (§ 7.2)."""
    codes = list(seance.commission.decisions)
    return codes if AJOURNE in codes else [*codes, AJOURNE]


def refuser_les_voix(decision: Decision, typed: SaisieDecision, refusals: Refusals) -> None:
    """Refuse a voice that nobody there may cast: an absent's, a stranger's, of who withdraws (domaine.md
    § 7.2), or where nothing is voted."""
    if not typed.voix:
        return
    seance = decision.seance
    if decision.ecrite or seance.commission.regle is RegleDecision.CONSENSUS:
        refusals.add("conduite.voix_sans_vote", "code")
        return
    votants = {one.cle: one for one in votants_de(seance, decision.dossier)}
    absents = absents_de(seance, decision.dossier)
    for cle in typed.voix:
        votant = votants.get(cle)
        if votant is None and cle in absents:
            refusals.add("conduite.voix_absente", "code", nom=absents[cle])
        elif votant is None:
            refusals.add("conduite.voix_inconnue", "code")
        elif votant.deport:
            refusals.add("conduite.voix_deport", "code", nom=votant.nom)


def refus_du_motif(typed: SaisieDecision) -> list[DomainError]:
    """Return why nobody may found such a decision on what was typed (domaine.md § 8.6), each refusal with its
    field."""
    dits = {"motif": typed.motif, "conditions": typed.conditions}
    dits |= {f"precision_{one.code}": one.precision for one in typed.prescriptions}
    return [
        DomainError(
            "conduite.interdit",
            champ,
            interdit=found.code,
            interdit_libelle=found.libelle,
            explication=found.explication,
        )
        for champ, dit in dits.items()
        if (found := motif_interdit(typed.code, dit)) is not None
    ]


def completer(
    session: Session, clock: Clock, seance: Seance, typed: SaisieDecision, refusals: Refusals
) -> None:
    """Refuse what a decision lacks to be taken, and a forbidden ground (domaine.md §§ 7.5, 8.6)."""
    if not typed.code:
        refusals.add("conduite.code", "code")
    if not typed.motif.strip():
        refusals.add("conduite.motif", "motif")
    for refus in refus_du_motif(typed):
        refusals.add(refus.code, refus.field, **refus.params)
    jour = aujourdhui(session, clock, seance.departement_code)
    for one in typed.prescriptions:
        if not one.porteur_ref:
            refusals.add("conduite.porteur", f"porteur_{one.code}")
        if one.echeance is None or one.echeance < jour:
            refusals.add("conduite.echeance", f"echeance_{one.code}")


def verifier(
    session: Session, clock: Clock, seance: Seance, dossier: Dossier, typed: SaisieDecision
) -> Decompte | None:
    """Refuse a decision that the commission's rule does not carry; return its vote, None without one."""
    refusals = Refusals()
    completer(session, clock, seance, typed, refusals)
    decompte = None
    if typed.code and typed.code != AJOURNE:
        decompte = _adopter(seance, dossier, typed, refusals)
    refusals.raise_any()
    return decompte


def _adopter(seance: Seance, dossier: Dossier, typed: SaisieDecision, refusals: Refusals) -> Decompte | None:
    commission = seance.commission
    if quorum(seance) is False:
        refusals.add("conduite.quorum", "code")
    if commission.regle is RegleDecision.CONSENSUS:
        if not typed.consensus:
            refusals.add("conduite.consensus", "consensus")
        return None
    votants = votants_de(seance, dossier)
    if not votants:
        refusals.add("conduite.presences", "code")
        return None
    decompte = decompter(commission.regle, votants, typed.voix, preponderante=commission.voix_preponderante)
    if not decompte.adopte:
        refusals.add("conduite.rejete", "code", **totaux(decompte))
    return decompte


def totaux(decompte: Decompte) -> dict[str, str]:
    """Return the totals as they are kept and read: whole voices, weights to one decimal."""
    return {
        name: f"{float(value):.1f}".removesuffix(".0").replace(".", ",")
        for name, value in (("pour", decompte.pour), ("contre", decompte.contre))
    }
