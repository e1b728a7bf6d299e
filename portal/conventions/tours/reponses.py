"""The answers: an operator adopts the base or departs from it; State and SIAO say what they make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.service import court
from portal.conventions.tours import avis
from portal.conventions.tours.ecriture import (
    Prise,
    clause,
    clauses,
    commune,
    prendre,
    texte_du_socle,
    valeurs_du_socle,
)
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.models import TourClause, TourParticipant, TourReponse
from portal.conventions.tours.socle import lire
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

MOTIF = 1000
A_DIRE = frozenset({Position.ACCEPTEE, Position.RESERVE, Position.REFUSEE, Position.A_EXAMINER})
OBJECTIONS = frozenset({Position.RESERVE, Position.REFUSEE})


@dataclass(frozen=True)
class Vu:
    """A cell as someone saw it: version of the base of the clause, version of the answer (0: none yet)."""

    socle: int
    reponse: int


def adopter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    choix: Mapping[str, Vu],
    *,
    une_par_une: bool = False,
) -> int:
    """Have the operator adopt the base of some clauses, as it saw it; return how many it newly adopted.

    A clause marked ★ is adopted alone (`une_par_une`): its agreement is express. The same form sent twice
    adopts once. Raises NotVisible,
    Forbidden, DomainError, StaleVersion (whose `current` names the clauses that changed); then nothing is
    adopted.
    """
    if not choix:
        raise DomainError("tours.rien_choisi")
    prise = prendre(session, clock, actor, ref, Permission.TOURS_REPONDRE)
    lues = {code: ligne for code, ligne in clauses(prise).items() if code in choix}
    presentes = _reponses(prise, lues)
    deja = {
        code
        for code, presente in presentes.items()
        if presente.reponse is Reponse.ADOPTEE and lues[code].version == choix[code].socle
    }
    _verifier_vues({code: vue for code, vue in choix.items() if code not in deja}, lues, presentes)
    if not (une_par_une and len(choix) == 1):
        for code, ligne in lues.items():
            if ligne.attention:
                raise DomainError("tours.etoile", clause=commune(prise, code).titre)
    adoptees = []
    for code, ligne in lues.items():
        if code not in deja:
            _repondre(prise, ligne, presentes.get(code), Reponse.ADOPTEE, None, {}, "")
            adoptees.append(code)
    if adoptees:
        prise.noter("reponse:adopter", {"operateur": actor.organisation_nom, "clauses": adoptees})
    return len(adoptees)


def s_ecarter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    code: str,
    vu: Vu,
    *,
    texte: str | None = None,
    valeurs: Mapping[str, str] | None = None,
    motif: str = "",
) -> TourReponse:
    """Have the operator propose something else than the base, and say why; State and SIAO examine it.

    What leaves its bounds is refused with its reference; the same departure sent twice is one. Raises
    NotVisible, Forbidden, StaleVersion, DomainError(s).
    """
    prise = prendre(session, clock, actor, ref, Permission.TOURS_REPONDRE)
    modele, ligne = commune(prise, code), clause(prise, code)
    presente = _reponses(prise, {code: ligne}).get(code)
    lues = lire(prise, modele, valeurs or {}, texte)
    motif = court(motif, "motif", MOTIF)
    if not motif:
        raise DomainError("tours.motif_obligatoire", "motif")
    socle = valeurs_du_socle(session, prise.perimetre, {code: ligne})[code]
    du_socle = texte_du_socle(prise.base, modele, ligne.texte).strip()
    proposees = socle | lues.valeurs
    redaction = (du_socle if lues.texte is None else lues.texte) if modele.redigeable else None
    if presente is not None and _deja_dit(presente, redaction, proposees, motif):
        return presente
    _verifier_vues({code: vu}, {code: ligne}, {code: presente} if presente else {})
    ecarts = {c: [socle[c], v] for c, v in proposees.items() if v != socle[c]}
    if redaction is not None and redaction != du_socle:
        ecarts["texte"] = [du_socle, redaction]
    if not ecarts:
        raise DomainError("tours.inchangee")
    reponse = _repondre(prise, ligne, presente, Reponse.ECART, redaction, proposees, motif)
    faits = {"operateur": actor.organisation_nom, "clause": code, **ecarts, "motif": motif}
    prise.noter("reponse:ecart", faits, reponse)
    return reponse


def _deja_dit(presente: TourReponse, texte: str | None, valeurs: Mapping[str, str], motif: str) -> bool:
    """Tell whether the operator already proposes exactly this."""
    dit = (presente.reponse, presente.texte, presente.valeurs, presente.motif)
    return dit == (Reponse.ECART, texte, valeurs, motif)


def revenir(session: Session, clock: Clock, actor: Actor, ref: str, code: str, vu: Vu) -> None:
    """Take back what the operator had answered on a clause: it examines it again."""
    prise = prendre(session, clock, actor, ref, Permission.TOURS_REPONDRE)
    ligne = clause(prise, code)
    presente = _reponses(prise, {code: ligne}).get(code)
    if presente is None or presente.reponse is Reponse.A_EXAMINER:
        return
    _verifier_vues({code: vu}, {code: ligne}, {code: presente})
    avant = presente.reponse
    reponse = _repondre(prise, ligne, presente, Reponse.A_EXAMINER, None, {}, "")
    faits = {"operateur": actor.organisation_nom, "clause": code, "avant": avant.value}
    prise.noter("reponse:revenir", faits, reponse)


def statuer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    choix: Mapping[tuple[str, str], int],
    *,
    position: Position,
    motif: str = "",
) -> int:
    """Say where State or SIAO stands on departures: {(participant, clause): version of the answer seen}.

    All or nothing; the same form sent twice counts once. Reservations and refusals say why. Raises
    NotVisible, Forbidden, DomainError, StaleVersion (whose `current` is the cells that changed). Returns how
    many positions changed.
    """
    if not choix:
        raise DomainError("tours.rien_choisi")
    motif = court(motif, "motif", MOTIF)
    if position not in A_DIRE:
        raise DomainError("redaction.position", "position")
    if position in OBJECTIONS and not motif:
        raise DomainError("tours.motif_obligatoire", "motif")
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER)
    cellules = _cellules(prise, choix)
    partie = prise.partie.value
    faits: list[tuple[int, str, str, str]] = []
    perimees = [
        cle
        for cle, vu in choix.items()
        if cle not in cellules
        or (cellules[cle][0].version != vu and _dite(cellules[cle][0], partie) != (position, motif))
    ]
    if perimees:
        raise StaleVersion(perimees)
    if any(reponse.reponse is not Reponse.ECART for reponse, _operateur in cellules.values()):
        raise DomainError("tours.pas_un_ecart")
    for (_participant, code), (reponse, operateur_id) in cellules.items():
        avant, _motif = dite = _dite(reponse, partie)
        if dite == (position, motif):
            continue
        prononcee = position is not Position.A_EXAMINER
        setattr(reponse, f"position_{partie}", position if prononcee else None)
        setattr(reponse, f"motif_{partie}", motif if prononcee else "")
        setattr(reponse, f"{partie}_le", clock.now() if prononcee else None)
        setattr(reponse, f"{partie}_par", prise.par if prononcee else "")
        faits.append((operateur_id, code, avant.value, position.value))
    if faits:
        prise.noter("ecart:statuer", {"partie": partie, "cellules": faits, "motif": motif})
        avis.positions(prise, sorted({fait[0] for fait in faits}))
    return len(faits)


def _dite(reponse: TourReponse, partie: str) -> tuple[Position, str]:
    """Return where State or SIAO stands on an answer, and why."""
    position = getattr(reponse, f"position_{partie}") or Position.A_EXAMINER
    return position, getattr(reponse, f"motif_{partie}")


def _cellules(
    prise: Prise, choix: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], tuple[TourReponse, int]]:
    """Return the answers of some cells, with the operator of each. One statement."""
    rows = prise.session.execute(
        select(TourReponse, TourParticipant.ref, TourClause.code, TourParticipant.operateur_id)
        .join(TourClause, TourClause.id == TourReponse.clause_id)
        .join(TourParticipant, TourParticipant.id == TourReponse.participant_id)
        .where(
            TourClause.tour_id == prise.tour.id,
            TourParticipant.retire_le.is_(None),
            TourParticipant.ref.in_({participant for participant, _code in choix}),
            TourClause.code.in_({code for _participant, code in choix}),
        )
        .execution_options(populate_existing=True)
    ).all()
    return {
        (row.ref, row.code): (row.TourReponse, row.operateur_id)
        for row in rows
        if (row.ref, row.code) in choix
    }


def _reponses(prise: Prise, lues: Mapping[str, TourClause]) -> dict[str, TourReponse]:
    """Return the operator's answers on some clauses, by code."""
    codes = {ligne.id: code for code, ligne in lues.items()}
    trouvees = prise.session.scalars(
        select(TourReponse)
        .where(
            TourReponse.participant_id == prise.operateurs[prise.actor.organisation_id],
            TourReponse.clause_id.in_(codes),
        )
        .execution_options(populate_existing=True)
    )
    return {codes[reponse.clause_id]: reponse for reponse in trouvees}


def _verifier_vues(
    choix: Mapping[str, Vu],
    lues: Mapping[str, TourClause],
    presentes: Mapping[str, TourReponse],
) -> None:
    inconnues = [code for code in choix if code not in lues]
    if inconnues:
        raise NotVisible(inconnues[0])
    perimees = []
    for code, vu in choix.items():
        presente = presentes.get(code)
        if lues[code].version != vu.socle or (presente.version if presente else 0) != vu.reponse:
            perimees.append(code)
    if perimees:
        raise StaleVersion(perimees)


def _repondre(
    prise: Prise,
    ligne: TourClause,
    presente: TourReponse | None,
    reponse: Reponse,
    texte: str | None,
    valeurs: Mapping[str, str],
    motif: str,
) -> TourReponse:
    """Write an answer; what State and SIAO had said of the former one no longer holds."""
    if presente is None:
        presente = TourReponse(
            clause_id=ligne.id, participant_id=prise.operateurs[prise.actor.organisation_id]
        )
        prise.session.add(presente)
    presente.reponse, presente.texte, presente.valeurs = reponse, texte, dict(valeurs)
    presente.motif, presente.le, presente.par = motif, prise.clock.now(), prise.par
    for partie in ("etat", "siao"):
        setattr(presente, f"position_{partie}", None)
        setattr(presente, f"motif_{partie}", "")
        setattr(presente, f"{partie}_le", None)
        setattr(presente, f"{partie}_par", "")
    return presente


def codes_vus(valeurs: Sequence[str]) -> dict[str, Vu]:
    """Read what forms carry for cells: « code:version of the base.version of the answer »."""
    return {code: vu(versions) for code, _sep, versions in (v.rpartition(":") for v in valeurs) if code}


def vu(versions: str) -> Vu:
    """Read « version of the base.version of the answer »."""
    socle, _sep, reponse = versions.partition(".")
    return Vu(_nombre(socle), _nombre(reponse))


def _nombre(texte: str) -> int:
    return int(texte) if texte.isdecimal() and len(texte) < 10 else -1
