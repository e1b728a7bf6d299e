"""Asking people whether what the directory says of them is still true (domaine.md § 11 [P]).

At the first step of `regles.Mois` the holder is written to, again at the second; at the third the
administrators of its organisation; at the fourth the entry is greyed. Each step is written once for each
verification, whatever happens to the worker. Someone who holds five functions receives one e-mail, and no
other in the `REPIT` that follows. Nothing for a closed function, nor for one that nobody holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire import liens
from portal.annuaire.destinataires import adresse, comptes_de, repondants, responsables
from portal.annuaire.enums import Fraicheur, Palier
from portal.annuaire.indexation import LOT, aujourdhui
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import Relance
from portal.annuaire.parametres import mois_par_departement
from portal.annuaire.porteurs import compte_actif
from portal.annuaire.regles import Mois, fraicheur, verifie_avant
from portal.annuaire.service import fonctions_de
from portal.notifications.service import enqueue
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.db import Database

REPIT = timedelta(days=7)
ADRESSES = 50  # written to in one transaction
GARDEES = timedelta(days=30)  # of a verification that another has followed
AUX_TENANTS = (Palier.COURRIEL, Palier.RAPPEL)


@dataclass(frozen=True)
class Echeance:
    """A step to be written to an address about an entry."""

    email: str
    palier: Palier
    referent_id: int
    depuis: date


def relancer(database: Database, clock: Clock) -> int:
    """Write the steps that are due, an address at a time; return how many e-mails were written."""
    attendues: dict[tuple[bool, str], set[int]] = {}
    with database.session() as session:
        for ids in _anciennes(session, clock):
            for one in echeances(session, clock, ids):
                attendues.setdefault((one.palier in AUX_TENANTS, one.email), set()).add(one.referent_id)
    written, cles = 0, sorted(attendues)
    for rang in range(0, len(cles), ADRESSES):
        with database.session(write=True) as session:
            for cle in cles[rang : rang + ADRESSES]:
                written += _ecrire(session, clock, *cle, sorted(attendues[cle]))
            session.commit()
    return written


def purger(session: Session, clock: Clock) -> None:
    """Forget what was written about entries verified since, or closed: nothing would be written again."""
    passees = select(Referent.id).where(
        Referent.id == Relance.referent_id,
        or_(Referent.verifie_le > Relance.depuis, Referent.ferme_le.is_not(None)),
    )
    session.execute(delete(Relance).where(Relance.le <= clock.now() - GARDEES, passees.exists()))


def depuis(referent: Referent) -> date:
    """Return the day from which a reminder counts: the last verification, else the opening."""
    return referent.verifie_le or referent.created_at.date()


def pas_atteint(referent: Referent, jour: date, mois: Mois) -> Fraicheur:
    """Return the step of an entry for its reminders: one never verified is asked about from its opening."""
    if referent.verifie_le is not None:
        return fraicheur(referent.verifie_le, jour, mois)
    return fraicheur(plus_mois(depuis(referent), -mois.courriel), jour, mois)


def echeances(session: Session, clock: Clock, ids: Sequence[int]) -> list[Echeance]:
    """Return the steps due and not written yet of some entries. Statements do not grow with them."""
    referents = session.scalars(
        select(Referent)
        .where(Referent.id.in_(ids), Referent.ferme_le.is_(None))
        .order_by(Referent.id)
        .options(
            joinedload(Referent.organisation),
            selectinload(Referent.titulaires).selectinload(Titulaire.absences),
        )
        .execution_options(populate_existing=True)
    ).all()
    codes = sorted({one.departement_code for one in referents})
    jours = {code: aujourdhui(session, clock, code) for code in codes}
    mois = mois_par_departement(session, codes)
    pas = {
        one.id: pas_atteint(one, jours[one.departement_code], mois[one.departement_code]) for one in referents
    }
    tenus = [one for one in referents if repondants(one, jours[one.departement_code])]
    alertes = [one for one in tenus if pas[one.id] in (Fraicheur.ALERTEE, Fraicheur.GRISEE)]
    admins = responsables(session, alertes)
    comptes, faites = comptes_de(session, tenus), _faites(session, tenus)
    found = []
    for one in tenus:
        wanted = {
            (palier, adresse(titulaire, comptes))
            for titulaire in repondants(one, jours[one.departement_code])
            for palier in _aux_tenants(pas[one.id])
        } | {(Palier.ORGANISATION, personne.email) for personne in admins.get(one.id, ())}
        jour = depuis(one)
        for palier, email in sorted(wanted, key=str):
            if email and not _faite(faites, one.id, jour, palier, email):
                found.append(Echeance(email, palier, one.id, jour))
    return found


def noter(session: Session, clock: Clock, echues: Iterable[Echeance], message_id: int | None) -> None:
    """Remember what was written, so that it is never written again."""
    session.add_all(
        Relance(
            referent_id=one.referent_id,
            palier=one.palier,
            depuis=one.depuis,
            email=one.email,
            le=clock.now(),
            message_id=message_id,
        )
        for one in echues
    )
    session.flush()


def nommees(session: Session, referents: Sequence[Referent], langue: str) -> list[str]:
    """Return the functions as an e-mail names them: « Référent SIAO – Association Les Ajoncs, Le Phare »."""
    fonctions = fonctions_de(session, *sorted({one.departement_code for one in referents}))
    found = []
    for one in referents:
        fonction = fonctions.get(one.fonction_code)
        nom = fonction.libelle.en_langue(langue) if fonction else one.fonction_code
        lieu = [one.organisation.nom, one.structure.nom if one.structure else "", one.mention]
        found.append(f"{nom} – {', '.join(filter(None, lieu))}")
    return found


def _aux_tenants(pas: Fraicheur) -> tuple[Palier, ...]:
    if pas is Fraicheur.A_JOUR:
        return ()
    return (Palier.COURRIEL,) if pas is Fraicheur.A_CONFIRMER else (Palier.RAPPEL,)


def _anciennes(session: Session, clock: Clock) -> Iterable[list[int]]:
    """Yield, a batch at a time, the entries old enough for a step.

    Those whose last step was written too: someone may have been put off since, by the `REPIT` or by a worker
    that stood still, however long ago that was.
    """
    codes = session.scalars(
        select(Referent.departement_code)
        .where(Referent.ferme_le.is_(None))
        .distinct()
        .order_by(Referent.departement_code)
    ).all()
    for code, mois in mois_par_departement(session, codes).items():
        due = _a_relancer(aujourdhui(session, clock, code), mois)
        last = 0
        while True:
            ids = list(
                session.scalars(
                    select(Referent.id)
                    .where(Referent.departement_code == code, Referent.id > last, due)
                    .order_by(Referent.id)
                    .limit(LOT)
                )
            )
            yield ids
            if len(ids) < LOT:
                break
            last = ids[-1]


def _a_relancer(jour: date, mois: Mois) -> ColumnElement[bool]:
    """Open, held and old."""
    tenu = and_(Titulaire.du <= jour, or_(Titulaire.au.is_(None), Titulaire.au >= jour))
    return and_(
        Referent.ferme_le.is_(None),
        or_(Referent.verifie_le.is_(None), Referent.verifie_le <= verifie_avant(jour, mois.courriel)),
        Referent.titulaires.any(tenu),
    )


Faites = Mapping[tuple[int, date], set[tuple[Palier, str]]]


def _faites(session: Session, referents: Sequence[Referent]) -> Faites:
    found: dict[tuple[int, date], set[tuple[Palier, str]]] = {}
    rows = session.execute(
        select(Relance.referent_id, Relance.depuis, Relance.palier, Relance.email).where(
            Relance.referent_id.in_([one.id for one in referents])
        )
    )
    for row in rows:
        found.setdefault((row.referent_id, row.depuis), set()).add((row.palier, row.email))
    return found


def _faite(faites: Faites, referent_id: int, jour: date, palier: Palier, email: str) -> bool:
    """Tell whether a step was written already; the second stands for the first that was missed."""
    known = faites.get((referent_id, jour), set())
    return (palier, email) in known or (palier is Palier.COURRIEL and (Palier.RAPPEL, email) in known)


def _ecrire(session: Session, clock: Clock, tenants: bool, email: str, ids: Sequence[int]) -> int:
    """Write one e-mail for all that is due to an address; return 1, 0 when nothing is due any more."""
    recente = select(Relance.id).where(
        Relance.email == email,
        Relance.palier.in_(AUX_TENANTS) if tenants else Relance.palier == Palier.ORGANISATION,
        Relance.le > clock.now() - REPIT,
    )
    if session.scalar(recente.limit(1)) is not None:
        return 0
    dues = [
        one
        for one in echeances(session, clock, ids)
        if one.email == email and (one.palier in AUX_TENANTS) is tenants
    ]
    if not dues:
        return 0
    rows = {one.id: one for one in session.scalars(select(Referent).where(Referent.id.in_(ids)))}
    referents = [rows[one.referent_id] for one in dues]
    compte = compte_actif(session, email)
    langue = compte.langue if compte else "fr"
    context: dict[str, Any] = {"fonctions": nommees(session, referents, langue)}
    if tenants:
        jeton, expire_le = liens.creer(session, clock, email)
        context |= {"jeton": jeton, "expire_le": expire_le}
        context["rappel"] = any(one.palier is Palier.RAPPEL for one in dues)
    message = enqueue(
        session,
        clock,
        to=compte or email,
        template="annuaire/relance" if tenants else "annuaire/alerte",
        context=context,
        langue=langue,
    )
    noter(session, clock, dues, message.id)
    return 1
