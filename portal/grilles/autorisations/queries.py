"""Reading authorisations. `ouverte` is the one condition under which anything reaches a recipient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.conventions.expressions import jours_entre
from portal.conventions.jours import Jours, fuseau_de, selon_le_departement
from portal.documents.models import Fichier
from portal.grilles.autorisations.enums import (
    ATTENDUES,
    PREUVES,
    DecisionAdulte,
    Mode,
    ObjetAutorisation,
    StatutAutorisation,
)
from portal.grilles.autorisations.models import AccordAdulte, Autorisation, RecuMenage, RemarqueMenage
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.organisations.natures import fuseaux
from portal.security.coffre import coffre
from portal.shared.clock import PARIS, Clock
from portal.shared.db import AnySelect
from portal.shared.errors import NotVisible

DESTINATAIRES = (TypeOrganisation.BAILLEUR, TypeOrganisation.GESTIONNAIRE, TypeOrganisation.RESERVATAIRE)
"""Kinds of organisation to which a grid may be transmitted."""
PROTEGES = (TypeOrganisation.GESTIONNAIRE,)
"""Those to which one of the protected circuit may: no landlord (domaine.md § 7.6)."""


def ouverte(clock: Clock, *, jour: date | None = None) -> ColumnElement[bool]:
    """Return the condition « this authorisation opens, now »: every recipient-facing query bears it.

    Granted, today between its days in the zone of the household's département, no newer one begun for the
    same recipient, nothing withdrawn, each adult of today agreed with the proof: an oral agreement opens
    nothing but a presentation, and that day only. `jour`: asked for that day instead of today (a session to
    come). To be used in a statement that reads `Autorisation`.
    """
    ici = clock.today(PARIS) if jour is None else jour
    ailleurs: dict[str, date] = {}
    if jour is None:
        jours = Jours.de(clock)
        ailleurs = {code: la for code in fuseaux() if (la := jours.du(code)) != ici}
    menage = (
        select(Menage.id)
        .where(
            Menage.id == Autorisation.menage_id,
            selon_le_departement(Menage.departement_code, ici, ailleurs, _le_jour),
        )
        .correlate(Autorisation)
    )
    return and_(Autorisation.statut == StatutAutorisation.ACCORDE, menage.exists())


def _le_jour(jour: date) -> ColumnElement[bool]:
    accord = (
        select(AccordAdulte.id)
        .where(
            AccordAdulte.autorisation_id == Autorisation.id,
            AccordAdulte.adulte_id == Adulte.id,
            AccordAdulte.decision == DecisionAdulte.ACCORDE,
            AccordAdulte.retire_le.is_(None),
            or_(
                AccordAdulte.mode.in_(sorted(PREUVES, key=lambda mode: mode.value)),
                and_(
                    AccordAdulte.mode == Mode.ORAL,
                    Autorisation.objet == ObjetAutorisation.PRESENTATION,
                    AccordAdulte.jour_seance == jour,
                ),
            ),
        )
        .correlate(Autorisation, Adulte)
    )
    present = (Adulte.menage_id == Autorisation.menage_id) & Adulte.parti_le.is_(None)
    quelquun = select(Adulte.id).where(present, accord.exists()).correlate(Autorisation)
    manque = select(Adulte.id).where(present, ~accord.exists()).correlate(Autorisation)
    repris = (
        select(AccordAdulte.id)
        .where(
            AccordAdulte.autorisation_id == Autorisation.id,
            or_(AccordAdulte.retire_le.is_not(None), AccordAdulte.decision == DecisionAdulte.REFUSE),
        )
        .correlate(Autorisation)
    )
    return and_(
        Autorisation.du <= jour,
        Autorisation.au >= jour,
        quelquun.exists(),
        ~manque.exists(),
        ~repris.exists(),
        ~_relayee(jour),
    )


def _relayee(jour: date) -> ColumnElement[bool]:
    """Return the condition « a newer agreement with the same recipient stands for this one on that day »."""
    newer = aliased(Autorisation)
    return (
        select(newer.id)
        .where(
            newer.menage_id == Autorisation.menage_id,
            newer.statut == StatutAutorisation.ACCORDE,
            newer.du <= jour,
            relaie(newer, Autorisation),
        )
        .correlate(Autorisation)
        .exists()
    )


def relaie(newer: type[Autorisation], older: type[Autorisation]) -> ColumnElement[bool]:
    """Return the condition « once begun, `newer` stands for `older` », of two agreements of one household:
    given later to the same recipient, and not over before `older` begins."""
    return and_(newer.id > older.id, _meme_destinataire(newer, older), older.du <= newer.au)


def _meme_destinataire(une: type[Autorisation], autre: type[Autorisation]) -> ColumnElement[bool]:
    return or_(une.organisation_id == autre.organisation_id, une.commission_id == autre.commission_id)


def suivie() -> ColumnElement[bool]:
    """Return the condition « its end closes nothing »: another signed agreement with the same recipient
    outlasts it, and begins the day after at the latest. For a statement that reads `Autorisation`."""
    suite = aliased(Autorisation)
    oral = select(AccordAdulte.id).where(
        AccordAdulte.autorisation_id == suite.id, AccordAdulte.jour_seance.is_not(None)
    )
    return (
        select(suite.id)
        .where(
            suite.menage_id == Autorisation.menage_id,
            suite.statut == StatutAutorisation.ACCORDE,
            _meme_destinataire(suite, Autorisation),
            suite.au > Autorisation.au,
            jours_entre(Autorisation.au, suite.du) <= 1,
            ~oral.correlate(suite).exists(),
        )
        .correlate(Autorisation)
        .exists()
    )


def en_vigueur(
    session: Session,
    clock: Clock,
    *,
    menage_id: int,
    organisation_id: int | None = None,
    commission_id: int | None = None,
    jour: date | None = None,
) -> Autorisation | None:
    """Return the authorisation that opens a household to one recipient now (or on `jour`), None without one.

    `organisation_id` for a transmission, `commission_id` for a presentation: one of them. The latest granted
    when several are.
    """
    if (organisation_id is None) == (commission_id is None):
        raise ValueError("one recipient, and one only")
    destinataire = (
        Autorisation.commission_id == commission_id
        if organisation_id is None
        else Autorisation.organisation_id == organisation_id
    )
    return session.scalars(
        select(Autorisation)
        .where(Autorisation.menage_id == menage_id, destinataire, ouverte(clock, jour=jour))
        .order_by(Autorisation.ouverte_le.desc(), Autorisation.id.desc())
        .limit(1)
    ).one_or_none()


def couvre(autorisation: Autorisation, grille: GrilleAcces) -> bool:
    """Tell whether an authorisation covers a version of the household's grid: the one that was signed, and
    the newer frozen ones when the household said so."""
    if grille.menage_id != autorisation.menage_id or grille.statut is not StatutGrille.FIGEE:
        return False
    if grille.id == autorisation.grille_id:
        return True
    return autorisation.mise_a_jour and grille.numero > autorisation.grille.numero


def est_ouverte(session: Session, clock: Clock, autorisation: Autorisation) -> bool:
    """Tell whether one authorisation opens, at this very second."""
    found = session.scalar(select(Autorisation.id).where(Autorisation.id == autorisation.id, ouverte(clock)))
    return found is not None


def jour_de(clock: Clock, menage: Menage) -> date:
    """Return today in the household's département."""
    return clock.today(fuseau_de(menage.departement_code))


def du_menage(session: Session, menage: Menage) -> Sequence[Autorisation]:
    """Return every authorisation asked of a household, newest first, with what each adult answered."""
    return session.scalars(
        select(Autorisation)
        .where(Autorisation.menage_id == menage.id)
        .options(selectinload(Autorisation.accords), joinedload(Autorisation.grille))
        .order_by(Autorisation.id.desc())
    ).all()


def du_menage_lues(session: Session, clock: Clock, menage: Menage) -> list[tuple[Autorisation, bool, bool]]:
    """Return the same, each with whether it opens at this very second, and whether its end closes nothing.
    One statement."""
    rows = session.execute(
        select(Autorisation, ouverte(clock).label("ouverte"), suivie().label("suivie"))
        .where(Autorisation.menage_id == menage.id)
        .options(joinedload(Autorisation.accords), joinedload(Autorisation.grille))
        .order_by(Autorisation.id.desc())
    )
    return [(row.Autorisation, bool(row.ouverte), bool(row.suivie)) for row in rows.unique()]


def une(session: Session, menage: Menage, ref: str) -> Autorisation:
    """Return one authorisation of a household, with what each adult answered and the version that it was
    asked for, whole. Two statements. Raises NotVisible."""
    return _trouver(session, menage, ref, false(), false())[0]


def une_lue(session: Session, clock: Clock, menage: Menage, ref: str) -> tuple[Autorisation, bool, bool]:
    """Return the same, with whether it opens at this very second, and whether its end closes nothing. One
    statement. Raises NotVisible."""
    return _trouver(session, menage, ref, ouverte(clock), suivie())


def _trouver(
    session: Session, menage: Menage, ref: str, ouvre: ColumnElement[bool], suivie: ColumnElement[bool]
) -> tuple[Autorisation, bool, bool]:
    grille = joinedload(Autorisation.grille)
    found = session.execute(
        select(Autorisation, ouvre.label("ouverte"), suivie.label("suivie"))
        .where(Autorisation.menage_id == menage.id, Autorisation.ref == ref)
        .options(
            joinedload(Autorisation.accords),
            grille.joinedload(GrilleAcces.modele),
            grille.joinedload(GrilleAcces.sections),
        )
        .order_by(Autorisation.id)
    )
    row = found.unique().one_or_none()
    if row is None:
        raise NotVisible(ref)
    return row.Autorisation, bool(row.ouverte), bool(row.suivie)


def versions_figees(menage: Menage) -> AnySelect:
    """Return the select of the frozen versions of a household's grid (numero), newest first: an authorisation
    is asked for one of them."""
    return (
        select(GrilleAcces.numero)
        .where(GrilleAcces.menage_id == menage.id, GrilleAcces.statut == StatutGrille.FIGEE)
        .order_by(GrilleAcces.numero.desc())
    )


def derniere_version(session: Session, menage: Menage) -> int:
    """Return the number of the last frozen version of a household's grid, 0 without one."""
    return session.scalar(versions_figees(menage).limit(1)) or 0


def presents(session: Session, menage: Menage) -> Sequence[Adulte]:
    """Return the adults who are of the household today, in order."""
    return session.scalars(
        select(Adulte)
        .where(Adulte.menage_id == menage.id, Adulte.parti_le.is_(None))
        .order_by(Adulte.rang, Adulte.id)
    ).all()


def attendues_de(
    session: Session, menage: Menage, *, organisation_id: int | None, commission_id: int | None
) -> Sequence[Autorisation]:
    """Return the requests of a household for one recipient that await an answer."""
    return session.scalars(
        select(Autorisation)
        .where(
            Autorisation.menage_id == menage.id,
            Autorisation.organisation_id == organisation_id
            if organisation_id is not None
            else Autorisation.commission_id == commission_id,
            Autorisation.statut.in_(sorted(ATTENDUES, key=lambda one: one.value)),
        )
        .order_by(Autorisation.id)
    ).all()


def relayees(session: Session, autorisation: Autorisation) -> Sequence[Autorisation]:
    """Return the agreements that one stands for once it has begun."""
    newer = aliased(Autorisation)
    return _accordees(
        session, autorisation, exists().where(newer.id == autorisation.id, relaie(newer, Autorisation))
    )


def suivantes(session: Session, autorisation: Autorisation) -> Sequence[Autorisation]:
    """Return the agreements with the same recipient that begin after one."""
    return _accordees(
        session,
        autorisation,
        Autorisation.commission_id == autorisation.commission_id
        if autorisation.organisation_id is None
        else Autorisation.organisation_id == autorisation.organisation_id,
        Autorisation.du > autorisation.du,
    )


def _accordees(
    session: Session, autorisation: Autorisation, *conditions: ColumnElement[bool]
) -> Sequence[Autorisation]:
    return session.scalars(
        select(Autorisation)
        .where(
            Autorisation.menage_id == autorisation.menage_id,
            Autorisation.statut == StatutAutorisation.ACCORDE,
            *conditions,
        )
        .options(selectinload(Autorisation.accords))
        .order_by(Autorisation.id)
        .execution_options(populate_existing=True)
    ).all()


def destinataires(session: Session, menage: Menage) -> list[tuple[str, str, TypeOrganisation]]:
    """Return the organisations to which a household's grid may be transmitted: reference, name, kind.

    Open, working in its département, other than that of its worker; no landlord in the protected circuit.
    """
    kinds = PROTEGES if menage.protege else DESTINATAIRES
    rows = session.execute(
        select(Organisation.ref, Organisation.nom, Organisation.type)
        .join(OrganisationDepartement, OrganisationDepartement.organisation_id == Organisation.id)
        .where(
            OrganisationDepartement.departement_code == menage.departement_code,
            Organisation.type.in_(kinds),
            Organisation.fermee_le.is_(None),
            Organisation.id != menage.organisation_id,
        )
        .order_by(Organisation.tri, Organisation.id)
    ).all()
    return [(row.ref, row.nom, row.type) for row in rows]


def destinataire(session: Session, menage: Menage, ref: str) -> Organisation | None:
    """Return one of the organisations that `destinataires` proposes, None for any other."""
    if ref not in {one[0] for one in destinataires(session, menage)}:
        return None
    return session.scalar(select(Organisation).where(Organisation.ref == ref))


@dataclass(frozen=True)
class RemarqueLue:
    """A remark that an adult of the household added; it travels with the grid from then on."""

    le: datetime
    adulte_id: int
    texte: str


def remarques(session: Session, grille_id: int) -> list[RemarqueLue]:
    """Return the household's remarks on a version of its grid, oldest first: whoever reads the grid by an
    authorisation in force reads them too."""
    rows = session.scalars(
        select(RemarqueMenage)
        .where(RemarqueMenage.grille_id == grille_id)
        .order_by(RemarqueMenage.le, RemarqueMenage.id)
    ).all()
    return [remarque_lue(session, row) for row in rows]


def remarque_lue(session: Session, remarque: RemarqueMenage) -> RemarqueLue:
    """Return a remark, decrypted."""
    return RemarqueLue(remarque.le, remarque.adulte_id, coffre(session).ouvrir(remarque.texte))


def papier(session: Session, autorisation: Autorisation, adulte_ref: str) -> Fichier:
    """Return the paper that an adult signed, whether or not they are still there. Raises NotVisible."""
    found = session.scalar(
        select(Fichier)
        .join(AccordAdulte, AccordAdulte.fichier_id == Fichier.id)
        .join(Adulte, Adulte.id == AccordAdulte.adulte_id)
        .where(AccordAdulte.autorisation_id == autorisation.id, Adulte.ref == adulte_ref)
    )
    if found is None:
        raise NotVisible(adulte_ref)
    return found


def recu_de(session: Session, adulte: Adulte) -> RecuMenage | None:
    """Return the receipt that an adult holds, None without one in use."""
    return session.scalar(
        select(RecuMenage).where(RecuMenage.adulte_id == adulte.id, RecuMenage.revoque_le.is_(None))
    )


def recus_de(session: Session, menage: Menage) -> dict[int, RecuMenage]:
    """Return the receipts in use of a household, by key of the adult. One statement."""
    rows = session.scalars(
        select(RecuMenage)
        .join(Adulte, Adulte.id == RecuMenage.adulte_id)
        .where(Adulte.menage_id == menage.id, RecuMenage.revoque_le.is_(None))
        .order_by(RecuMenage.id)
    ).all()
    return {row.adulte_id: row for row in rows}
