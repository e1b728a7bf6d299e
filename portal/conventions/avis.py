"""E-mails of this room: written to the outbox in the transaction of the act that causes them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions.en_charge import personne_en_charge, personnes_en_charge
from portal.conventions.enums import LIBELLES_PARTIE, LIBELLES_STATUT, Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.policies import LECTEURS, partie_de
from portal.notifications.service import enqueue
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock

DIRECTIONS = (Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION)
Poste = tuple[Personne, Profil]
"""Someone of an organisation, under one of their profiles there."""


def signee(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the CTP is signed."""
    _ecrire(session, clock, "conventions/signee", ligne, _des_parties(session, clock, actor, ligne))


def suspendue(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the negotiation is suspended."""
    _ecrire(session, clock, "conventions/suspendue", ligne, _des_parties(session, clock, actor, ligne))


def resiliee(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the CTP is terminated, by whom, why, and from when."""
    par = LIBELLES_PARTIE[ligne.resiliee_par] if ligne.resiliee_par else ""
    personnes = _des_parties(session, clock, actor, ligne)
    jours = {"notifiee": ligne.resiliation_notifiee_le, "cesse": ligne.resiliation_effet}
    _ecrire(session, clock, "conventions/resiliee", ligne, personnes, par=par, **jours)


def classement_propose(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Ask the other of State and SIAO whether the line is to be closed."""
    _ecrire(session, clock, "conventions/classement", ligne, _pilotes(session, actor, ligne), **_de(ligne))


def classement_ecarte(session: Session, clock: Clock, actor: Actor, ligne: Convention, raison: str) -> None:
    """Tell the other of State and SIAO that the line is not to be closed after all."""
    personnes = _pilotes(session, actor, ligne)
    _ecrire(session, clock, "conventions/classement_ecarte", ligne, personnes, raison=raison, par=actor.nom)


def classee(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the line is closed."""
    _ecrire(session, clock, "conventions/classee", ligne, _des_parties(session, clock, actor, ligne))


def _de(ligne: Convention) -> dict[str, Any]:
    proposition = ligne.classement
    assert proposition is not None
    return {"par": proposition.par, "raison": proposition.motif}


def _pilotes(session: Session, actor: Actor, ligne: Convention) -> list[Personne]:
    """Return the directions of the line's State or SIAO that the actor does not stand for."""
    autre = ligne.etat_id if partie_de(actor) is Partie.SIAO else ligne.siao_id
    return _directions(session, [autre], actor, None)


def fusion(
    session: Session, clock: Clock, actor: Actor, absorbee: str, absorbante: str, lignes: Sequence[Convention]
) -> None:
    """Tell State and SIAO what a merger did to their lines: one message a person, the author's team aside."""
    par_organisation: dict[int, list[Convention]] = {}
    for ligne in lignes:
        for organisation_id in {ligne.etat_id, ligne.siao_id} - {actor.organisation_id}:
            par_organisation.setdefault(organisation_id, []).append(ligne)
    for organisation_id, touchees in sorted(par_organisation.items()):
        contexte = {
            "absorbee": absorbee,
            "absorbante": absorbante,
            "lignes": [
                (ligne.operateur.nom, ligne.siao.nom, ligne.fin_effective, page(ligne)) for ligne in touchees
            ],
        }
        for personne in _directions(session, [organisation_id], actor, None):
            enqueue(session, clock, to=personne, template="conventions/fusion", context=contexte)


def responsable_designe(session: Session, clock: Clock, actor: Actor, lignes: list[Convention]) -> None:
    """Tell who is now in charge of lines, all given to the same: one message for one line or for many."""
    lignes = sorted(lignes, key=lambda ligne: (ligne.operateur_tri, ligne.id))
    personne = responsable(session, clock, lignes[0]) if lignes else None
    if personne is None or personne.id == actor.personne_id:
        return
    enqueue(
        session,
        clock,
        to=personne,
        template="conventions/responsable",
        context={
            "lignes": [
                (ligne.operateur.nom, ligne.siao.nom, ligne.date_cible, page(ligne)) for ligne in lignes
            ]
        },
    )


def renouvellement(
    session: Session,
    clock: Clock,
    ligne: Convention,
    jours: int,
    suite: Statut | None,
    personnes: Iterable[Personne],
) -> None:
    """Recall to those who answer for a CTP that it ends in `jours` days.

    `suite`: state of its open successor; `personnes`: as `en_charge` says.
    """
    etat = LIBELLES_STATUT[suite] if suite is not None else ""
    _ecrire(session, clock, "conventions/renouvellement", ligne, personnes, jours=jours, suite=etat)


def bilan(
    session: Session,
    clock: Clock,
    ligne: Convention,
    personnes: Iterable[Personne],
    *,
    final: bool,
    echeance: date,
) -> None:
    """Ask for a bilan: those who write it, and the State, which will read it, as `en_charge` says."""
    _ecrire(
        session,
        clock,
        "conventions/bilan",
        ligne,
        personnes,
        final=final,
        echeance=echeance,
        chemin=f"{page(ligne)}/bilans",
    )


def bilan_rendu(session: Session, clock: Clock, actor: Actor, ligne: Convention, bilan_ref: str) -> None:
    """Tell the other parties that a bilan can be read."""
    personnes = [p for p in en_charge(session, clock, [ligne])[ligne.id] if p.id != actor.personne_id]
    chemin = f"{page(ligne)}/bilans/{bilan_ref}"
    _ecrire(session, clock, "conventions/bilan_rendu", ligne, personnes, par=actor.nom, chemin=chemin)


def bilan_rouvert(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, bilan_ref: str, raison: str
) -> None:
    """Tell the other parties that a bilan they could read is being corrected, and why."""
    personnes = [p for p in en_charge(session, clock, [ligne])[ligne.id] if p.id != actor.personne_id]
    faits = {"par": actor.nom, "raison": raison, "chemin": f"{page(ligne)}/bilans/{bilan_ref}"}
    _ecrire(session, clock, "conventions/bilan_rouvert", ligne, personnes, **faits)


def page(ligne: Convention) -> str:
    """Return the path of the line's page."""
    return f"/conventions/{ligne.ref}"


def responsable(session: Session, clock: Clock, ligne: Convention) -> Personne | None:
    """Return who is in charge of the line today, when it still has an access to one of its parties."""
    parties = (ligne.etat_id, ligne.siao_id, ligne.operateur_id)
    return session.scalar(
        select(Personne).where(
            Personne.id == personne_en_charge(session, clock, ligne),
            Personne.desactivee_le.is_(None),
            Personne.id.in_(
                select(Adhesion.personne_id).where(
                    Adhesion.organisation_id.in_(parties),
                    Adhesion.profil.in_(LECTEURS),
                    Adhesion.revoquee_le.is_(None),
                )
            ),
        )
    )


def _des_parties(session: Session, clock: Clock, actor: Actor | None, ligne: Convention) -> list[Personne]:
    """Return the person in charge and the directions of the three parties, the author left out."""
    parties = [ligne.etat_id, ligne.siao_id, ligne.operateur_id]
    charge = responsable(session, clock, ligne)
    return _directions(session, parties, actor, charge.id if charge else None)


def en_charge(session: Session, clock: Clock, lignes: Sequence[Convention]) -> dict[int, list[Personne]]:
    """Return who answers for each line in each party, by its key: the person in charge, else its direction.

    Someone in charge who has left the parties is written to no more. As many statements for one line as for
    many.
    """
    responsables = personnes_en_charge(session, clock, lignes)
    parties = {ligne.id: {ligne.etat_id, ligne.siao_id, ligne.operateur_id} for ligne in lignes}
    en_poste = session.execute(
        select(Personne, Adhesion.organisation_id, Adhesion.profil)
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(
            Adhesion.organisation_id.in_(set().union(*parties.values())),
            Adhesion.profil.in_(DIRECTIONS) | Personne.id.in_(set(responsables.values())),
            Adhesion.profil.in_(LECTEURS),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id)
    ).all()
    par_organisation: dict[int, list[Poste]] = {}
    for personne, organisation_id, profil in en_poste:
        par_organisation.setdefault(organisation_id, []).append((personne, profil))
    return {
        ligne: _de_la_ligne([par_organisation.get(une, []) for une in siennes], responsables.get(ligne))
        for ligne, siennes in parties.items()
    }


def _de_la_ligne(postes: Iterable[Sequence[Poste]], responsable_id: int | None) -> list[Personne]:
    """Return who answers for a line, from those of each of its parties."""
    choisies: dict[int, Personne] = {}
    for siens in postes:
        charge = [personne for personne, _profil in siens if personne.id == responsable_id]
        directions = [personne for personne, profil in siens if profil in DIRECTIONS]
        choisies |= {personne.id: personne for personne in charge or directions}
    return [choisies[cle] for cle in sorted(choisies)]


def _directions(
    session: Session, organisations: list[int], actor: Actor | None, responsable_id: int | None
) -> list[Personne]:
    en_poste = (
        select(Adhesion.personne_id)
        .where(
            Adhesion.organisation_id.in_(organisations),
            Adhesion.profil.in_(DIRECTIONS),
            Adhesion.revoquee_le.is_(None),
        )
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(Personne)
            .where(
                Personne.id.in_(en_poste) | (Personne.id == responsable_id),
                Personne.id != (actor.personne_id if actor else 0),
                Personne.desactivee_le.is_(None),
            )
            .order_by(Personne.id)
        )
    )


def _ecrire(
    session: Session, clock: Clock, template: str, ligne: Convention, a: Iterable[Personne], **faits: Any
) -> None:
    contexte = {
        "chemin": page(ligne),
        "operateur": ligne.operateur.nom,
        "siao": ligne.siao.nom,
        "effet": ligne.date_effet,
        "fin": ligne.fin_effective,
        "motif": ligne.motif,
    } | faits
    for personne in a:
        enqueue(session, clock, to=personne, template=template, context=contexte)
