"""Before the session: one written opinion per organisation, and each reader's own marks (domaine.md § 7.4).

A mark or a question is read by nobody but who wrote it. An opinion is read by those who sit, by all or only
once their own is given, as the commission chooses; never by the prescriber, never by an occasional guest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select, union
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions import direct
from portal.commissions import queries as commissions
from portal.commissions.dossiers.avertir import de_la_seance, ecrire, invites_de
from portal.commissions.dossiers.lecture import exiger_les_textes
from portal.commissions.dossiers.ordre import conduite_de
from portal.commissions.dossiers.policies import Regard, Vise, parties
from portal.commissions.dossiers.queries import autorisee
from portal.commissions.dossiers.queries_agenda import appeles, appeles_sql
from portal.commissions.dossiers.saisie import texte
from portal.commissions.enums_dossiers import Marque, SensAvis, StatutDecision
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport, DossierNote
from portal.commissions.models_seances import Seance
from portal.organisations.models import Organisation
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow
from portal.shared.errors import DomainError, Forbidden, StaleVersion

MOTIF, NOTE = 1000, 2000
ENTRE_RELANCES = timedelta(hours=20)


@dataclass(frozen=True)
class AvisLu:
    """An organisation's opinion, read."""

    organisation: str
    sens: SensAvis
    motif: str
    le: datetime
    par: str


@dataclass(frozen=True)
class AvisDuDossier:
    """The opinions on a dossier for a reader. `demande`: the reader's organisation is asked for its own;
    `recus` of `attendus` organisations; `autres`: empty while hidden (`caches`); `divergent`: those shown do
    not say the same; `urgence`: until when, while the members are consulted in writing; `siegent`: id, ref
    and nom of the organisations that sit and are asked, those party to the dossier too."""

    sien: DossierAvis | None
    sien_motif: str
    demande: bool
    autres: Sequence[AvisLu]
    recus: int
    attendus: int
    caches: bool
    divergent: bool
    urgence: datetime | None
    siegent: Sequence[AnyRow]


def lus(session: Session, vise: Vise) -> AvisDuDossier | None:
    """Return the opinions on a dossier for its session, but those of organisations party to it; None for who
    reads none. Their reasons speak of the household: not to whom the protected circuit hides it. One
    statement."""
    dossier = vise.dossier
    lisent = {Regard.MEMBRE, Regard.SECRETARIAT}
    if dossier.seance_id is None or not vise.regards & lisent:
        return None
    donne = and_(DossierAvis.dossier_id == dossier.id, DossierAvis.seance_id == dossier.seance_id)
    donnes, demandes = select(DossierAvis.organisation_id).where(donne), appeles_sql(dossier.seance_id)
    urgence = (
        select(Decision.repondre_avant)
        .where(
            Decision.dossier_id == dossier.id,
            Decision.seance_id == dossier.seance_id,
            Decision.ecrite.is_(True),
            Decision.statut == StatutDecision.REDIGEE,
        )
        .scalar_subquery()
    )
    tous = session.execute(
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.id.in_(demandes).label("appele"),
            DossierAvis,
            urgence.label("urgence"),
        )
        .outerjoin(DossierAvis, and_(DossierAvis.organisation_id == Organisation.id, donne))
        .where(Organisation.id.in_(union(donnes, demandes)))
        .order_by(Organisation.tri, Organisation.id)
    ).all()
    libres = [row for row in tous if row.id not in parties(dossier)]
    attendus = sum(row.appele for row in libres)
    rows = [row for row in libres if row.DossierAvis is not None]
    vault = coffre(session)
    sien = next((row.DossierAvis for row in rows if row.id == vise.organisation_id), None)
    caches = dossier.commission.avis_apres_le_sien and sien is None and Regard.SECRETARIAT not in vise.regards
    tranches = {row.DossierAvis.sens for row in rows} - {SensAvis.SANS_AVIS}
    return AvisDuDossier(
        sien=sien,
        sien_motif=vault.ouvrir(sien.motif) if sien is not None and sien.motif else "",
        autres=[]
        if caches
        else [
            AvisLu(
                row.nom,
                un.sens,
                vault.ouvrir(un.motif) if un.motif and not vise.hors_circuit else "",
                un.le,
                un.par,
            )
            for row in rows
            if (un := row.DossierAvis) is not sien
        ],
        demande=any(row.appele for row in tous if row.id == vise.organisation_id),
        recus=len(rows),
        attendus=attendus,
        caches=caches,
        divergent=not caches and len(tranches) > 1,
        urgence=tous[0].urgence if tous else None,
        siegent=[row for row in tous if row.appele],
    )


def donner(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    sens: SensAvis | None,
    motif: str,
    *,
    version: int = 0,
) -> DossierAvis:
    """Write, or change, the actor's organisation's opinion, until the session begins. `version`: of the one
    that was on the screen, 0 for none.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError (texts not accepted, too late, party to it).
    """
    dossier = vise.dossier
    conduite = direct.tenir(session, dossier.seance_id) if dossier.seance_id is not None else None
    session.get_one(Dossier, dossier.id, with_for_update=True)
    session.expire(dossier, ["deports"])  # its organisation may have withdrawn since
    if Regard.MEMBRE in vise.regards and actor.organisation_id in parties(dossier):
        raise DomainError("dossiers.deport")
    require(actor, Permission.DOSSIERS_AVISER, vise)
    exiger_les_textes(vise)
    if not session.scalar(select(autorisee(clock)).where(Dossier.id == dossier.id)):
        raise DomainError("dossiers.ferme")
    seance = dossier.seance
    if seance is None or conduite is None or conduite.ouverte_le or seance.debut <= clock.now():
        raise DomainError("dossiers.avis_tard")
    if actor.organisation_id not in appeles(session, seance.id):
        raise Forbidden(Permission.DOSSIERS_AVISER.value)
    refusals = Refusals()
    cleaned = texte(refusals, motif, "motif", MOTIF)
    if sens is None:
        refusals.add("dossiers.sens", "sens")
    elif not cleaned and sens in (SensAvis.RESERVE, SensAvis.DEFAVORABLE):
        refusals.add("dossiers.avis_motif", "motif")
    refusals.raise_any()
    assert sens is not None
    avis = session.scalar(
        select(DossierAvis).where(
            DossierAvis.dossier_id == dossier.id,
            DossierAvis.seance_id == dossier.seance_id,
            DossierAvis.organisation_id == actor.organisation_id,
        )
    )
    if (avis.version if avis else 0) != version:
        raise StaleVersion(avis)
    avant = avis.sens.value if avis else None
    if avis is None:
        avis = DossierAvis(
            dossier_id=dossier.id, seance_id=dossier.seance_id, organisation_id=actor.organisation_id
        )
        session.add(avis)
    avis.sens, avis.motif = sens, coffre(session).fermer(cleaned) if cleaned else ""
    avis.le, avis.personne_id = clock.now(), actor.personne_id
    avis.par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    conduite.etat += 1
    session.flush()
    record(session, clock, actor, "dossiers:avis:donner", dossier, changes={"avis": avant is not None})
    return avis


def relancer(session: Session, clock: Clock, actor: Actor | None, seance: Seance) -> int:
    """Remind the organisations whose opinions are missing, once a day at most; return how many addresses.

    `actor`: the secretariat, None for the worker. Raises Forbidden, DomainError when nobody is to be told.
    """
    if actor is not None:
        require(actor, Permission.DOSSIERS_INSTRUIRE, commissions.vise(seance.commission))
    conduite = conduite_de(session, seance.id, tenue=True)
    recent = conduite.avis_relances_le
    if (
        conduite.fige_le is None
        or conduite.ouverte_le is not None
        or seance.debut <= clock.now()
        or (recent is not None and recent > clock.now() - ENTRE_RELANCES)
    ):
        raise DomainError("dossiers.aucun_avis_attendu")
    manquent = manquants(session, seance.id)
    told = ecrire(
        session,
        clock,
        invites_de(session, seance, manquent),
        "avis_rappel",
        de_la_seance(seance),
        urgent=True,
    )
    if not told and actor is not None:
        raise DomainError("dossiers.aucun_avis_attendu")
    conduite.avis_relances_le = clock.now()
    session.flush()
    facts = {"organisations": len(manquent), "ecrites": told}
    record(session, clock, actor, "dossiers:seance:relancer_avis", seance, changes=facts)
    return told


def manquants(session: Session, seance_id: int) -> frozenset[int]:
    """Return the organisations that are asked for an opinion on a dossier and have not given it. Four
    statements."""
    dossiers = session.execute(
        select(Dossier.id, Dossier.organisation_id).where(Dossier.seance_id == seance_id).order_by(Dossier.id)
    ).all()
    donnes = {
        (row.dossier_id, row.organisation_id)
        for row in session.execute(
            select(DossierAvis.dossier_id, DossierAvis.organisation_id)
            .where(DossierAvis.seance_id == seance_id)
            .order_by(DossierAvis.id)
        )
    }
    donnes |= {
        (row.dossier_id, row.organisation_id)
        for row in session.execute(
            select(DossierDeport.dossier_id, DossierDeport.organisation_id)
            .join(Dossier, Dossier.id == DossierDeport.dossier_id)
            .where(Dossier.seance_id == seance_id)
            .order_by(DossierDeport.id)
        )
    }
    return frozenset(
        organisation
        for organisation in appeles(session, seance_id)
        for row in dossiers
        if row.organisation_id != organisation and (row.id, organisation) not in donnes
    )


@dataclass(frozen=True)
class NoteLue:
    """A reader's own mark and question. `version`: 0 when there is none yet."""

    marque: Marque | None = None
    texte: str = ""
    version: int = 0


def note(session: Session, vise: Vise) -> NoteLue:
    """Return the reader's own note on a dossier."""
    found = vise.note
    if found is None:
        return NoteLue()
    lu = coffre(session).ouvrir(found.texte) if found.texte else ""
    return NoteLue(found.marque, lu, found.version)


def noter(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    marque: Marque | None,
    typed: str,
    *,
    version: int,
) -> None:
    """Keep the actor's own mark and question on a dossier that they see; nothing typed removes it.

    Raises StaleVersion (another tab), DomainErrors.
    """
    dossier = vise.dossier
    refusals = Refusals()
    cleaned = texte(refusals, typed, "texte", NOTE)
    refusals.raise_any()
    session.get_one(Dossier, dossier.id, with_for_update=True)
    found = session.scalar(
        select(DossierNote).where(
            DossierNote.dossier_id == dossier.id, DossierNote.personne_id == actor.personne_id
        )
    )
    if (found.version if found else 0) != version:
        raise StaleVersion(found)
    if marque is None and not cleaned:
        if found is not None:
            session.delete(found)
            session.flush()
        return
    if found is None:
        found = DossierNote(dossier_id=dossier.id, personne_id=actor.personne_id)
        session.add(found)
    found.marque, found.le = marque, clock.now()
    found.texte = coffre(session).fermer(cleaned) if cleaned else ""
    session.flush()


def version_de(session: Session, vise: Vise, quoi: str) -> int | None:
    """Return the present version of the reader's own opinion (« form_avis ») or note (« form_note ») on a
    dossier, 0 when there is none; None for anything else."""
    dossier = vise.dossier
    if quoi == "form_note":
        return note(session, vise).version
    if quoi != "form_avis":
        return None
    found = session.scalar(
        select(DossierAvis.version).where(
            DossierAvis.dossier_id == dossier.id,
            DossierAvis.seance_id == dossier.seance_id,
            DossierAvis.organisation_id == vise.organisation_id,
        )
    )
    return found or 0
