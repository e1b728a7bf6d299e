"""What the directory holds about someone: by an address, which a link proves, or by an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire.enums import Fraicheur
from portal.annuaire.indexation import aujourdhui
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import OUVERTS, Relance, Signalement
from portal.annuaire.parametres import mois_par_departement
from portal.annuaire.regles import fraicheur
from portal.comptes.models import Personne
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import NotVisible

RELANCES = 20  # told to the person, the latest first


@dataclass(frozen=True)
class Porteur:
    """Someone before its own entries. `actor`: signed in; None by a link."""

    email: str
    personne_id: int | None = None
    actor: Actor | None = None

    @classmethod
    def connecte(cls, actor: Actor) -> "Porteur":
        """Return someone signed in."""
        return cls(actor.email, actor.personne_id, actor)


@dataclass(frozen=True)
class Fiche:
    """A function that someone holds or held, as it is shown to that person.

    `signalements`: the errors that readers reported and that wait.
    """

    titulaire: Titulaire
    en_cours: bool
    fraicheur: Fraicheur
    signalements: Sequence[Signalement]

    @property
    def referent(self) -> Referent:
        """The function."""
        return self.titulaire.referent


@dataclass(frozen=True)
class Dossier:
    """All that the directory holds about someone: present and past functions, what was sent to it."""

    fiches: Sequence[Fiche]
    passees: Sequence[Fiche]
    relances: Sequence[Relance]

    @property
    def vide(self) -> bool:
        """Whether the directory holds nothing about that person."""
        return not self.fiches and not self.passees


def les_siennes(porteur: Porteur, jour: date) -> ColumnElement[bool]:
    """Return the condition « this holder is that person », on holders joined to their function.

    By the account, by the address written for the person, or by the function's own mailbox when nothing else
    leads to who holds it on `jour` or later: the mailbox stays, and whoever left no longer reads it.
    """
    par_la_fonction = and_(
        Titulaire.email == "",
        Titulaire.personne_id.is_(None),
        Titulaire.nom != "",
        or_(Titulaire.au.is_(None), Titulaire.au >= jour),
        Referent.email == porteur.email,
    )
    found = or_(Titulaire.email == porteur.email, par_la_fonction)
    if porteur.personne_id is None:
        return found
    return or_(found, Titulaire.personne_id == porteur.personne_id)


def compte_actif(session: Session, email: str) -> Personne | None:
    """Return the account in use that carries an address."""
    return session.scalar(select(Personne).where(Personne.email == email, Personne.desactivee_le.is_(None)))


def tient_quelque_chose(session: Session, porteur: Porteur, jour: date = date.min) -> bool:
    """Tell whether the directory holds something about someone; of a mailbox, from `jour` on (ever)."""
    one = select(Titulaire.id).join(Referent).where(les_siennes(porteur, jour)).limit(1)
    return session.scalar(one) is not None


def dossier(session: Session, clock: Clock, porteur: Porteur) -> Dossier:
    """Return all that the directory holds about someone, whatever the number of its functions."""
    rows = session.scalars(
        select(Titulaire)
        .join(Referent)
        .where(les_siennes(porteur, clock.today()))
        .order_by(Referent.tri, Referent.id, Titulaire.du.desc(), Titulaire.id.desc())
        .options(
            selectinload(Titulaire.absences),
            joinedload(Titulaire.referent).joinedload(Referent.organisation),
            joinedload(Titulaire.referent).joinedload(Referent.structure),
        )
    ).all()
    codes = sorted({row.referent.departement_code for row in rows})
    jours = {code: aujourdhui(session, clock, code) for code in codes}
    mois = mois_par_departement(session, codes)
    signales = _signalements(session, [row.referent_id for row in rows])
    fiches = []
    for row in rows:
        code, ouverte = row.referent.departement_code, row.referent.ferme_le is None
        en_cours = ouverte and (row.au is None or row.au >= jours[code])
        fiches.append(
            Fiche(
                row,
                en_cours,
                fraicheur(row.referent.verifie_le, jours[code], mois[code]),
                signales.get(row.referent_id, ()) if en_cours else (),
            )
        )
    relances = session.scalars(
        select(Relance)
        .where(Relance.email == porteur.email)
        .order_by(Relance.le.desc(), Relance.id.desc())
        .limit(RELANCES)
    ).all()
    return Dossier(
        [one for one in fiches if one.en_cours], [one for one in fiches if not one.en_cours], relances
    )


def la_sienne(session: Session, clock: Clock, porteur: Porteur, ref: str) -> Titulaire:
    """Return one of someone's own holders by its public reference; raises NotVisible."""
    found = session.scalar(
        select(Titulaire).join(Referent).where(Titulaire.ref == ref, les_siennes(porteur, clock.today()))
    )
    if found is None:
        raise NotVisible(ref)
    return found


def tenue_aujourdhui(titulaire: Titulaire, jour: date) -> bool:
    """Tell whether someone holds, or will hold, an open function."""
    return titulaire.referent.ferme_le is None and (titulaire.au is None or titulaire.au >= jour)


def _signalements(session: Session, ids: Sequence[int]) -> dict[int, list[Signalement]]:
    found: dict[int, list[Signalement]] = {}
    rows = session.scalars(
        select(Signalement)
        .where(Signalement.referent_id.in_(ids), Signalement.statut.in_(OUVERTS))
        .order_by(Signalement.created_at, Signalement.id)
    )
    for row in rows:
        found.setdefault(row.referent_id, []).append(row)
    return found
