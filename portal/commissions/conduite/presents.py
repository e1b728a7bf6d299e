"""Who is there: attendance by college, the quorum, who casts a voice on a dossier. Invitations loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.commissions.conduite.votes import Present, Votant, votants
from portal.commissions.dossiers.policies import parties
from portal.commissions.enums import (
    Presence,
    PresenceMenage,
    Qualite,
    Quorum,
    RegleDecision,
    Reponse,
    Voix,
    VoixPar,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.regles import Assis, quorum_atteint
from portal.shared.messages import N_

SIEGENT = (Qualite.PRESIDENCE, Qualite.MEMBRE)
VIENNENT = (Reponse.ACCEPTEE, Reponse.SUPPLEANT)
MENAGE = "m"
LE_MENAGE = N_("Le ménage")


@dataclass(frozen=True)
class CollegePresent:
    """A college (or « outside of them », without name): how many of its seats are there, of how many."""

    nom: str
    presents: int
    sieges: int


def notees(seance: Seance) -> bool:
    """Tell whether the attendance was noted."""
    return any(one.presence is not None for one in seance.invitations)


def la(seance: Seance, invitation: InvitationSeance) -> bool:
    """Tell whether someone is there: as noted, or as announced while nothing is noted."""
    if notees(seance):
        return invitation.presence is Presence.PRESENTE
    return invitation.statut in VIENNENT


def par_college(seance: Seance) -> list[CollegePresent]:
    """Return the attendance by college, those outside of them first."""
    rows: dict[tuple[int, str], list[bool]] = {}
    for one in seance.invitations:
        if one.qualite in SIEGENT:
            cle = (one.college.rang, one.college.nom) if one.college else (0, "")
            rows.setdefault(cle, []).append(la(seance, one))
    return [CollegePresent(nom, sum(held), len(held)) for (_rang, nom), held in sorted(rows.items())]


def quorum(seance: Seance) -> bool | None:
    """Tell whether those who are there make the quorum; None when the commission asks for none."""
    if seance.commission.quorum is Quorum.AUCUN:
        return None
    votent = [
        one
        for one in seance.invitations
        if one.qualite in SIEGENT and (one.college is None or one.college.voix is Voix.DELIBERATIVE)
    ]
    assis = [
        Assis(
            one.referent.organisation_id,
            one.college_id,
            one.qualite is Qualite.PRESIDENCE,
            la(seance, one),
        )
        for one in votent
    ]
    colleges = {one.college_id for one in votent if one.college_id is not None}
    return quorum_atteint(seance.commission.quorum, assis, colleges)


def votants_de(seance: Seance, dossier: Dossier) -> list[Votant]:
    """Return who casts a voice on a dossier: those noted as present, the household when it is a member.

    The organisation that presents the dossier withdraws, and those that declared it (domaine.md § 7.2).
    """
    commission = seance.commission
    found = _votants(seance, dossier, lambda one: one.presence is Presence.PRESENTE)
    menage = commission.menage is PresenceMenage.MEMBRE and dossier.menage_present
    par_organisme = commission.regle is RegleDecision.VOTE and commission.voix_par is VoixPar.ORGANISME
    if menage and par_organisme and found:
        found.insert(0, Votant(MENAGE, LE_MENAGE, None, 1, preside=False, deport=False))
    return found


def absents_de(seance: Seance, dossier: Dossier) -> dict[str, str]:
    """Return the names of those who would cast a voice on a dossier if they were noted as present, by the key
    of that voice."""
    return {one.cle: one.nom for one in _votants(seance, dossier, lambda one: True)}


def _votants(seance: Seance, dossier: Dossier, retenue: Callable[[InvitationSeance], bool]) -> list[Votant]:
    rows = [one for one in seance.invitations if one.qualite in SIEGENT and retenue(one)]
    rows.sort(key=lambda one: (one.college.rang if one.college else 0, one.referent.organisation.tri, one.id))
    return votants([_present(one, dossier) for one in rows], seance.commission.voix_par)


def deports(seance: Seance, dossier: Dossier) -> Sequence[str]:
    """Return the organisations party to a dossier that are there, or whose withdrawal was declared and that
    nobody noted absent: what was just declared is read, whether attendance is noted or not."""
    declares = {one.organisation_id for one in dossier.deports}
    return sorted(
        {
            one.referent.organisation.nom
            for one in seance.invitations
            if one.qualite in SIEGENT
            and _partie(one, dossier)
            and (
                la(seance, one)
                or (one.referent.organisation_id in declares and one.presence is not Presence.ABSENTE)
            )
        }
    )


def _partie(one: InvitationSeance, dossier: Dossier) -> bool:
    return one.referent.organisation_id in parties(dossier)


def _present(one: InvitationSeance, dossier: Dossier) -> Present:
    college = one.college
    return Present(
        one.referent.organisation_id,
        one.referent.organisation.nom,
        one.college_id,
        college.nom if college else "",
        college.poids if college else 0,
        one.qualite is Qualite.PRESIDENCE,
        college is None or college.voix is Voix.DELIBERATIVE,
        _partie(one, dossier),
    )
