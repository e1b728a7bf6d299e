"""What a reader sees of a dossier: the one function that composes it, whoever reads (domaine.md §§ 6.3, 7.4).

The lesser of what the household authorised, of the commission's scope and of the reader's; nothing of the
household once the authorisation is closed. Whatever is shown in a session, on a projector, to a guest or in a
paper comes from `papier`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.commissions import textes
from portal.commissions.dossiers import queries
from portal.commissions.dossiers.invites import designe
from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.dossiers.policies import Regard, Vise
from portal.commissions.enums import Autorisation as AutorisationDemandee
from portal.commissions.enums import Dossiers
from portal.commissions.enums_dossiers import EtatPiece
from portal.commissions.models_dossiers import Dossier, InviteSeance
from portal.commissions.presentations import PORTEES
from portal.grilles.autorisations.apercu import expediteur
from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.autorisations.models import Autorisation, RemarqueMenage
from portal.grilles.autorisations.queries import RemarqueLue, couvre, ouverte, remarque_lue
from portal.grilles.enums import Portee
from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.grilles.menages.identites import designation
from portal.grilles.menages.models import LectureMenage
from portal.grilles.menages.service import lire as lire_menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.sortie import Sortie, composer
from portal.organisations.enums import TypeOrganisation
from portal.security.coffre import coffre
from portal.security.permissions import ETAT, SIAO, Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_

DOSSIER = "dossier"
LIBELLES_LECTURE[DOSSIER] = N_("Un dossier de commission")

LISENT_P2 = ETAT | SIAO | {Profil.COLLECTIVITE, Profil.MEMBRE_COMMISSION, Profil.TRAVAILLEUR_SOCIAL}
JAMAIS_P2 = frozenset({TypeOrganisation.BAILLEUR.value, TypeOrganisation.RESERVATAIRE.value})


class Acces(Enum):
    """Whether a paper shows the household, and why not."""

    OUVERT = "ouvert"
    FERME = "ferme"  # no authorisation in force: not given, withdrawn, over, or of another day
    PROTEGE = "protege"  # protected circuit: presidents, SIAO and the household's own structure alone


@dataclass(frozen=True)
class Piece:
    """A document of the commission's list, which itself is never deposited; None: not said."""

    libelle: str
    etat: EtatPiece | None


@dataclass(frozen=True)
class Papier:
    """What one reader sees of a dossier. Unless `acces` is OUVERT, nothing of the household but its code.

    `designation`: names, or the code. `portee`: the most of the grid that is shown. `motif`: code, "" when it
    is not for this reader. `sortie`: the grid, None when none is authorised; `plus_recente`: a newer version
    exists. `autorisee`: whether members read it at this second. `deport`: the reader's organisation is party.
    """

    dossier: Dossier
    acces: Acces
    designation: str
    portee: Portee
    prescripteur: str
    autorisee: bool
    motif: str = ""
    situation: str = ""
    demande: str = ""
    pieces: Sequence[Piece] = ()
    sortie: Sortie | None = None
    remarques: Sequence[RemarqueLue] = ()
    deport: bool = False


def portee_de(actor: Actor) -> Portee:
    """Return the most of a grid that a profile reads in a commission: landlords and gestionnaires P1."""
    if actor.organisation_type in JAMAIS_P2 or actor.profil not in LISENT_P2:
        return Portee.P1
    return Portee.P2


def papier(
    session: Session,
    clock: Clock,
    lecteur: Actor | InviteSeance,
    dossier: Dossier,
    *,
    au_plus: Portee = Portee.P2,
    vise: Vise | None = None,
) -> Papier:
    """Return what a reader sees of a dossier. `au_plus`: less than they may, for a screen that all see.
    `vise`: of `queries.vue`, read just now in this same transaction.

    Asks anew for the reader's right, the texts that they accepted, the household's authorisation. Raises
    NotVisible, DomainError (`dossiers.textes`) when the commission's texts are not accepted yet.
    """
    if isinstance(lecteur, InviteSeance):
        designe(session, clock, lecteur, dossier.ref)
        return _composer(session, clock, dossier, Portee.P1, frozenset(), deport=False)
    vise = vise or queries.vue(session, clock, lecteur, dossier.ref)
    if not vise.de_droit:
        exiger_les_textes(vise)
    portee = min(portee_de(lecteur), au_plus, key=_largeur)
    return _composer(session, clock, vise.dossier, portee, vise.regards, deport=vise.deport)


def exiger_les_textes(vise: Vise) -> None:
    """Raise DomainError (`dossiers.textes`) unless the reader accepted the texts in force (§ 7.1)."""
    if vise.textes_dus:
        raise DomainError("dossiers.textes")


def textes_acceptes(session: Session, actor: Actor, commission_id: int) -> bool:
    """Tell whether the actor accepted every text in force of a commission. One statement."""
    return not session.scalar(select(textes.a_accepter(actor, literal(commission_id))))


def _largeur(portee: Portee) -> int:
    return list(Portee).index(portee)


def _composer(
    session: Session,
    clock: Clock,
    dossier: Dossier,
    portee: Portee,
    regards: frozenset[Regard],
    *,
    deport: bool,
) -> Papier:
    commission, menage = dossier.commission, dossier.menage
    nominatif = commission.dossiers is Dossiers.NOMINATIFS
    exigee = commission.autorisation is AutorisationDemandee.PRESENTATION
    ouvert = _autorise(session, clock, dossier) if exigee else None
    autorisee = ouvert is not None or not exigee
    de_droit = bool(regards & {Regard.PRESCRIPTEUR, Regard.SIAO})
    portee = min(portee, PORTEES[commission.portee], key=_largeur)
    acces = Acces.OUVERT
    if not de_droit and menage.protege and Regard.MEMBRE not in regards:
        acces = Acces.PROTEGE  # a member who sees it presides
    elif not de_droit and not autorisee:
        acces = Acces.FERME
    ferme = acces is not Acces.OUVERT
    nomme = not ferme and not menage.protege and (nominatif or de_droit)
    papier_de = Papier(
        dossier=dossier,
        acces=acces,
        designation=designation(session, menage) if nomme else dossier.code,
        portee=portee,
        prescripteur=expediteur(menage),
        autorisee=autorisee,
        deport=deport,
    )
    if ferme:
        return papier_de
    return _ouvrir(session, papier_de, ouvert if nominatif else None, de_droit=de_droit)


def _ouvrir(session: Session, ferme: Papier, ouvert: "Autorise | None", *, de_droit: bool) -> Papier:
    """Return a paper with what it holds."""
    dossier = ferme.dossier
    presentation = coffre(session).ouvrir(dossier.presentation)
    motif = motifs().get(dossier.motif_demande)
    dit = motif is not None and (motif.logement or de_droit or ferme.portee is Portee.P2)
    sortie = None
    if ouvert is not None:
        accord = ouvert.accord
        sortie = composer(
            session,
            dossier.menage,
            ouvert.grille,
            accord.sections,
            accord.champs,
            ferme.prescripteur,
            portee=min(ferme.portee, accord.portee, key=_largeur),
        )
    return Papier(
        **{name: getattr(ferme, name) for name in Papier.__dataclass_fields__ if name not in _CONTENU},
        motif=dossier.motif_demande if dit else "",
        situation=presentation["situation"],
        demande=presentation["demande"],
        pieces=[
            Piece(nom, EtatPiece(dossier.pieces[nom]) if nom in dossier.pieces else None)
            for nom in dossier.commission.pieces
        ],
        sortie=sortie,
        remarques=ouvert.remarques if ouvert else (),
    )


_CONTENU = frozenset({"motif", "situation", "demande", "pieces", "sortie", "remarques"})


@dataclass(frozen=True)
class Autorise:
    """What the household authorises at this second: the terms, the version of its grid, its remarks on it."""

    accord: Autorisation
    grille: GrilleAcces
    remarques: Sequence[RemarqueLue]


def _autorise(session: Session, clock: Clock, dossier: Dossier) -> Autorise | None:
    """Return what the authorisation of presentation in force lets be read: the version of the deposit when it
    covers it, else the one that it was asked for. One statement."""
    rows = (
        session.execute(
            select(Autorisation, GrilleAcces, RemarqueMenage)
            .join(GrilleAcces, GrilleAcces.id.in_((Autorisation.grille_id, dossier.grille_id)))
            .outerjoin(RemarqueMenage, RemarqueMenage.grille_id == GrilleAcces.id)
            .where(
                Autorisation.menage_id == dossier.menage_id,
                Autorisation.commission_id == dossier.commission_id,
                Autorisation.objet == ObjetAutorisation.PRESENTATION,
                ouverte(clock),
            )
            .options(joinedload(GrilleAcces.modele), joinedload(GrilleAcces.sections))
            .order_by(
                Autorisation.ouverte_le.desc(), Autorisation.id.desc(), RemarqueMenage.le, RemarqueMenage.id
            )
            .execution_options(populate_existing=True)
        )
        .unique()
        .all()
    )
    if not rows:
        return None
    accord = rows[0].Autorisation
    lues = {row.GrilleAcces.id: row.GrilleAcces for row in rows if row.Autorisation is accord}
    deposee = lues.get(dossier.grille_id)
    grille = deposee if deposee and couvre(accord, deposee) else lues[accord.grille_id]
    dites = [row.RemarqueMenage for row in rows if row.Autorisation is accord and row.GrilleAcces is grille]
    return Autorise(accord, grille, [remarque_lue(session, one) for one in dites if one is not None])


def noter(session: Session, clock: Clock, lecteur: Actor | InviteSeance, lu: Papier) -> None:
    """Write down that a dossier was read: in the journal, and for the household. Nothing was read of a closed
    one. In a transaction that writes."""
    if lu.acces is not Acces.OUVERT:
        return
    dossier = lu.dossier
    if isinstance(lecteur, Actor):
        lire_menage(session, clock, lecteur, dossier.menage, DOSSIER, dossier.ref)
        return
    nom = f"{lecteur.nom} ({lecteur.organisme})" if lecteur.organisme else lecteur.nom
    record(
        session,
        clock,
        None,
        "dossiers:dossier:lire",
        dossier,
        changes={"invite": lecteur.ref},
        auteur=nom,
    )
    session.add(
        LectureMenage(
            menage_id=dossier.menage_id,
            le=clock.now(),
            lecteur=nom[:200],
            quoi=DOSSIER,
            objet_ref=dossier.ref,
        )
    )
    session.flush()


def lu_par(
    session: Session,
    clock: Clock,
    lecteur: Actor | InviteSeance,
    dossier: Dossier,
    *,
    vise: Vise | None = None,
) -> Papier:
    """Return `papier`, and write down that it was read: what is shown was open when it was noted."""
    lu = papier(session, clock, lecteur, dossier, vise=vise)
    noter(session, clock, lecteur, lu)
    return lu


def peut_lire(vise: Vise) -> bool:
    """Tell whether the reader comes by a right that shows papers, not by the secretariat alone."""
    return vise.de_droit or Regard.MEMBRE in vise.regards
