"""The minutes of a session: drafted from what was decided, read by members, approved by each president, sent.

While they are drafted they follow the decisions; sent for reading they are what was sent, until the
secretariat takes the draft back, which voids every approval (domaine.md § 7.8).
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.commissions import queries as commissions
from portal.commissions.enums import Releve, StatutSeance
from portal.commissions.enums_dossiers import StatutDecision, StatutReleve
from portal.commissions.models import Commission
from portal.commissions.models_decisions import (
    ApprobationReleve,
    CommentaireReleve,
    ConduiteSeance,
    Decision,
    ReleveSeance,
)
from portal.commissions.models_seances import Seance
from portal.commissions.policies import Vise
from portal.commissions.suites_seance import contenu as contenus
from portal.commissions.suites_seance import gens
from portal.commissions.suites_seance.contenu import Contenu
from portal.commissions.suites_seance.parametres import COMPLET_JOURS
from portal.commissions.suites_seance.queries import a_siege, preside, tient
from portal.conventions.jours import fuseau_de
from portal.jobs.service import enqueue_job
from portal.organisations import parametres
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion

RELEVE = "commissions:releve"
POINTS, REMARQUE = 8000, 2000
DELAI_MAXIMUM = timedelta(days=60)
LOT = 50
COMPLETE, ANONYME = "complete", "anonyme"
S = StatutReleve


def releve_de(session: Session, seance_id: int) -> ReleveSeance | None:
    """Return the minutes of a session, with the remarks and the approvals."""
    return (
        session.scalars(
            select(ReleveSeance)
            .where(ReleveSeance.seance_id == seance_id)
            .options(
                joinedload(ReleveSeance.commentaires),
                joinedload(ReleveSeance.approbations),  # two presidents at most: remarks twice
                joinedload(ReleveSeance.complet),
                joinedload(ReleveSeance.anonyme),
            )
        )
        .unique()
        .one_or_none()
    )


def version_lue(
    session: Session, clock: Clock, actor: Actor, seance: Seance, releve: ReleveSeance | None
) -> str:
    """Return which version the actor reads: `COMPLETE`, `ANONYME`, or "" for none.

    The secretariat and the presidents read it while it is drafted; those who sat from its reading on, until
    its term; whoever reads the commission reads the anonymised one, once sent.
    """
    if releve is None or not can(actor, Permission.RELEVES_LIRE, commissions.vise(seance.commission)):
        return ""
    terme = releve.complet_jusqu_au
    ouverte = releve.statut is not S.ENVOYE or (terme is not None and clock.now() < terme)
    if ouverte and _lit(session, clock, actor, seance, projet=releve.statut is S.BROUILLON):
        return COMPLETE
    return ANONYME if releve.statut is S.ENVOYE else ""


def _lit(session: Session, clock: Clock, actor: Actor, seance: Seance, *, projet: bool) -> bool:
    """Tell whether the actor reads the full minutes: the secretariat, who chairs; but for a draft, who sat
    and the SIAO."""
    if can(actor, Permission.RELEVES_ECRIRE, commissions.vise(seance.commission)):
        return True
    if actor.profil in SIAO and not projet:
        return seance.departement_code in actor.departements
    conditions = [
        a_siege(actor, clock, Seance.id, presidence=True),
        preside(actor.organisation_id, tient(actor, clock)),  # chairs since: it approves
    ]
    if not projet:
        conditions.append(a_siege(actor, clock, Seance.id))
    sat = select(Seance.id).join(Commission, Commission.id == Seance.commission_id)
    return session.scalar(sat.where(Seance.id == seance.id, or_(*conditions))) is not None


def lu(session: Session, seance: Seance, releve: ReleveSeance) -> Contenu:
    """Return what the minutes say: as they stand while drafted, then as they were sent for reading."""
    kept: Contenu = coffre(session).ouvrir(releve.contenu)
    if releve.statut is S.BROUILLON:
        return contenus.composer(session, seance, kept["points"])
    return kept


def sans_fichier(session: Session, clock: Clock, apres: int) -> list[int]:
    """Return the keys of some sessions, in order after one, whose minutes, sent an hour ago, lack a file."""
    return list(
        session.scalars(
            select(ReleveSeance.seance_id)
            .where(
                ReleveSeance.seance_id > apres,
                ReleveSeance.envoye_le <= clock.now() - timedelta(hours=1),
                or_(
                    ReleveSeance.anonyme_id.is_(None),
                    and_(ReleveSeance.complet_id.is_(None), ReleveSeance.complet_jusqu_au > clock.now()),
                ),
            )
            .order_by(ReleveSeance.seance_id)
            .limit(LOT)
        )
    )


def lu_anonyme(session: Session, seance: Seance, releve: ReleveSeance) -> Contenu:
    """Return the anonymised version of the minutes."""
    return contenus.anonyme(lu(session, seance, releve))


def approuvent(vise: Vise, releve: ReleveSeance) -> set[int]:
    """Return the organisations whose approval is still awaited."""
    return set(vise.president) - {one.organisation_id for one in releve.approbations}


def se_redige(session: Session, clock: Clock, seance: Seance) -> bool:
    """Tell whether the draft of a session may be begun. One statement."""
    conduite = session.scalar(select(ConduiteSeance).where(ConduiteSeance.seance_id == seance.id))
    return _finie(clock, seance, conduite)


def _finie(clock: Clock, seance: Seance, conduite: ConduiteSeance | None) -> bool:
    close = conduite is not None and conduite.close_le is not None
    return seance.statut is StatutSeance.CONVOQUEE and (close or seance.fin <= clock.now())


def rediger(session: Session, clock: Clock, actor: Actor, seance: Seance) -> ReleveSeance:
    """Begin the draft of a session that is over. Raises Forbidden, DomainError; again, returns what is."""
    require(actor, Permission.RELEVES_ECRIRE, commissions.vise(seance.commission))
    session.scalar(select(Seance.id).where(Seance.id == seance.id).with_for_update())
    known = releve_de(session, seance.id)
    if known is not None:
        return known
    conduite = session.scalar(select(ConduiteSeance).where(ConduiteSeance.seance_id == seance.id))
    if not _finie(clock, seance, conduite):
        raise DomainError("suites.pas_finie")
    vault, now = coffre(session), clock.now()
    points = vault.ouvrir(conduite.points) if conduite is not None and conduite.points else ""
    made = ReleveSeance(
        seance_id=seance.id,
        statut=S.BROUILLON,
        contenu=vault.fermer({"points": points}),
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    _noter(session, clock, actor, "rediger", made, seance)
    return made


def ecrire_points(
    session: Session, clock: Clock, actor: Actor, seance: Seance, points: str, *, version: int
) -> ReleveSeance:
    """Write the general points of the draft. Raises Forbidden, StaleVersion, DomainError."""
    held = _tenir(session, actor, seance, version, S.BROUILLON)
    cleaned = points.replace("\r\n", "\n").strip()
    if len(cleaned) > POINTS:
        raise DomainError("suites.trop_long", "points", maximum=POINTS)
    held.contenu = coffre(session).fermer({"points": cleaned})
    held.updated_at = clock.now()
    session.flush()
    _noter(session, clock, actor, "points", held, seance)
    return held


def faire_relire(
    session: Session, clock: Clock, actor: Actor, seance: Seance, avant: date, *, version: int
) -> int:
    """Send the draft to those who sat, to be read until a day, included; return to how many.

    What they read does not change any more. Raises Forbidden, StaleVersion, DomainError.
    """
    held = _tenir(session, actor, seance, version, S.BROUILLON)
    jour = clock.today(fuseau_de(seance.departement_code))
    if not jour <= avant <= jour + DELAI_MAXIMUM:
        raise DomainError("suites.relire_avant", "relire_avant")
    pending = session.scalar(
        select(func.count(Decision.id)).where(
            Decision.seance_id == seance.id,
            Decision.statut == StatutDecision.REDIGEE,
            or_(Decision.code != "", Decision.motif != ""),
        )
    )
    if pending:
        raise DomainError("suites.decisions_en_cours", nombre=pending)
    points = coffre(session).ouvrir(held.contenu)["points"]
    said = contenus.composer(session, seance, points)
    held.contenu = coffre(session).fermer(said)
    held.statut, held.relire_avant, held.updated_at = S.RELECTURE, avant, clock.now()
    session.flush()
    context = _contexte(seance) | {"avant": avant}
    told = gens.ecrire(session, clock, gens.relecteurs(session, seance.id), "relire", context)
    _noter(session, clock, actor, "relire", held, seance, ecrites=told)
    return told


def reprendre(session: Session, clock: Clock, actor: Actor, seance: Seance, *, version: int) -> None:
    """Take the draft back to change it: approvals given are void. Raises Forbidden, StaleVersion,
    DomainError."""
    held = _tenir(session, actor, seance, version, S.RELECTURE, S.APPROUVE)
    points = coffre(session).ouvrir(held.contenu)["points"]
    void = len(held.approbations)
    held.contenu = coffre(session).fermer({"points": points})
    held.approbations.clear()
    held.statut, held.updated_at = S.BROUILLON, clock.now()
    session.flush()
    _noter(session, clock, actor, "reprendre", held, seance, approbations_annulees=void)


def commenter(session: Session, clock: Clock, actor: Actor, seance: Seance, texte: str) -> CommentaireReleve:
    """Write a remark on the draft sent to be read; the secretariat is told. Raises NotVisible, DomainError.

    Taken back while a member wrote, the draft still gets its remark: it is being corrected.
    """
    releve = releve_de(session, seance.id)
    lisible = can(actor, Permission.RELEVES_LIRE, commissions.vise(seance.commission))
    jamais_lu = releve is None or releve.relire_avant is None
    if releve is None or not lisible or not _lit(session, clock, actor, seance, projet=jamais_lu):
        raise NotVisible(seance.ref)
    if jamais_lu or releve.statut not in (S.BROUILLON, S.RELECTURE):
        raise DomainError("etat.transition_impossible", etat=releve.statut)
    cleaned = texte.replace("\r\n", "\n").strip()
    if not cleaned:
        raise DomainError("suites.commentaire_vide", "texte")
    if len(cleaned) > REMARQUE:
        raise DomainError("suites.trop_long", "texte", maximum=REMARQUE)
    made = CommentaireReleve(
        organisation_id=actor.organisation_id,
        par=_nom(actor),
        le=clock.now(),
        texte=coffre(session).fermer(cleaned),
    )
    releve.commentaires.append(made)
    session.flush()
    secretariat = gens.de_l_organisation(session, seance.commission.secretariat_id, seance.id)
    gens.ecrire(session, clock, secretariat, "remarque", _contexte(seance) | {"de": actor.organisation_nom})
    _noter(session, clock, actor, "commenter", releve, seance)
    return made


def traiter(session: Session, clock: Clock, actor: Actor, seance: Seance, ref: str) -> None:
    """Say that a remark was dealt with. Raises Forbidden, NotVisible."""
    require(actor, Permission.RELEVES_ECRIRE, commissions.vise(seance.commission))
    releve = releve_de(session, seance.id)
    found = next((one for one in releve.commentaires if one.ref == ref), None) if releve else None
    if releve is None or found is None:
        raise NotVisible(ref)
    if found.traite_le is None:
        found.traite_le = clock.now()
        session.flush()
        _noter(session, clock, actor, "traiter", releve, seance)


def approuver(session: Session, clock: Clock, actor: Actor, seance: Seance, *, version: int) -> bool:
    """Approve the minutes as they stand, for one's organisation that chairs; tell whether all have.

    Raises Forbidden, StaleVersion, DomainError.
    """
    vise = commissions.vise(seance.commission)
    require(actor, Permission.RELEVES_APPROUVER, vise)
    if version_lue(session, clock, actor, seance, releve_de(session, seance.id)) != COMPLETE:
        raise Forbidden(Permission.RELEVES_APPROUVER.value)
    held = _tenu(session, seance, version, S.RELECTURE)
    if actor.organisation_id not in approuvent(vise, held):
        raise DomainError("suites.deja_approuve")
    pending = sum(one.traite_le is None for one in held.commentaires)
    if pending:
        raise DomainError("suites.remarques", nombre=pending)
    held.approbations.append(
        ApprobationReleve(organisation_id=actor.organisation_id, par=_nom(actor), le=clock.now())
    )
    held.updated_at = clock.now()
    session.flush()
    complete = not approuvent(vise, held)
    if complete:
        held.statut = S.APPROUVE
        secretariat = gens.de_l_organisation(session, seance.commission.secretariat_id, seance.id)
        gens.ecrire(session, clock, secretariat, "approuve", _contexte(seance))
    session.flush()
    _noter(session, clock, actor, "approuver", held, seance, complet=complete)
    return complete


def envoyer(session: Session, clock: Clock, actor: Actor, seance: Seance, *, version: int) -> int:
    """Send the minutes that every president approved; the worker makes the files. Return to how many.

    Where the commission keeps anonymised minutes alone, the full text is over at once. Raises Forbidden,
    StaleVersion, DomainError.
    """
    held = _tenir(session, actor, seance, version, S.APPROUVE)
    jours = parametres.value(session, COMPLET_JOURS, seance.departement_code)
    if seance.commission.releve is Releve.ANONYME:
        jours = 0
    held.statut, held.envoye_le, held.updated_at = S.ENVOYE, clock.now(), clock.now()
    held.complet_jusqu_au = clock.now() + timedelta(days=jours)
    session.flush()
    enqueue_job(
        session, clock, actor, RELEVE, {"seance": seance.ref}, departement_code=seance.departement_code
    )
    told = gens.ecrire(session, clock, gens.invites(session, seance.id), "envoye", _contexte(seance))
    _noter(session, clock, actor, "envoyer", held, seance, ecrites=told)
    return told


def _tenir(
    session: Session, actor: Actor, seance: Seance, version: int, *statuts: StatutReleve
) -> ReleveSeance:
    require(actor, Permission.RELEVES_ECRIRE, commissions.vise(seance.commission))
    return _tenu(session, seance, version, *statuts)


def _tenu(session: Session, seance: Seance, version: int, *statuts: StatutReleve) -> ReleveSeance:
    held = session.scalar(
        select(ReleveSeance)
        .where(ReleveSeance.seance_id == seance.id)
        .with_for_update(of=ReleveSeance)
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise NotVisible(seance.ref)
    if held.version != version:
        raise StaleVersion(held)
    if held.statut not in statuts:
        raise DomainError("etat.transition_impossible", etat=held.statut)
    return held


def _contexte(seance: Seance) -> dict[str, Any]:
    return {
        "commission": seance.commission.nom,
        "debut": seance.debut,
        "fuseau": fuseau_de(seance.departement_code),
        "seance": seance.ref,
    }


def _nom(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:200]


def _noter(
    session: Session,
    clock: Clock,
    actor: Actor,
    geste: str,
    releve: ReleveSeance,
    seance: Seance,
    **faits: Any,
) -> None:
    record(
        session,
        clock,
        actor,
        f"commissions:releve:{geste}",
        releve,
        changes=faits,
        departement_code=seance.departement_code,
    )
