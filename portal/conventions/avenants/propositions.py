"""What calls for an avenant: a structure of the operator that opens or closes, a nature put off when signing.

The portal proposes; State and SIAO open the avenant or set the proposal aside (domaine.md § 5.4).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, selectinload

from portal.audit.service import record
from portal.conventions.avenants.enums import Origine
from portal.conventions.avenants.models import Avenant, AvenantProposition
from portal.conventions.cycle import motif_de
from portal.conventions.ecriture import auteur, charger
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.natures import natures_a_terme
from portal.conventions.redaction.models import ConventionTexte
from portal.organisations.models import Nature, Structure
from portal.organisations.structures import FERMETURE, OUVERTURE, on_structure, on_structures
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.bulk import among
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible

LIBELLE = 300


def proposer(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    ligne: Convention,
    origine: Origine,
    *,
    cle: str,
    libelle: str,
    natures: Iterable[str],
    prevu_le: date | None = None,
) -> AvenantProposition | None:
    """Note that an avenant is called for; None when it already was, for the same thing."""
    deja = session.scalar(
        select(AvenantProposition.id).where(
            AvenantProposition.convention_id == ligne.id,
            AvenantProposition.origine == origine,
            AvenantProposition.cle == cle,
        )
    )
    if deja is not None:
        return None
    proposition = AvenantProposition(
        convention_id=ligne.id,
        origine=origine,
        cle=cle,
        libelle=libelle[:LIBELLE],
        natures=sorted(set(natures)),
        prevu_le=prevu_le,
        creee_le=clock.now(),
    )
    session.add(proposition)
    session.flush()
    faits = {"origine": origine.value, "libelle": proposition.libelle}
    record(session, clock, actor, "conventions:avenant:proposer", ligne, changes=faits)
    return proposition


@on_structure
def structure_changee(
    session: Session, clock: Clock, actor: Actor, structure: Structure, evenement: str
) -> None:
    """Propose an avenant of each running convention whose operator opens or closes a structure there."""
    lignes = session.scalars(
        select(Convention)
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .where(
            Convention.operateur_id == structure.organisation_id,
            Convention.departement_code == structure.departement_code,
            Convention.statut == Statut.SIGNEE,
            Convention.fin_effective >= clock.today(),
        )
        .order_by(Convention.id)
    ).all()
    origine = Origine.FERMETURE if evenement == FERMETURE else Origine.OUVERTURE
    natures = {places.nature_code for places in structure.places}
    for ligne in lignes:
        proposer(
            session,
            clock,
            actor,
            ligne,
            origine,
            cle=structure.ref,
            libelle=structure.nom,
            natures=natures,
        )


@on_structures
def structures_venues(
    session: Session, clock: Clock, actor: Actor | None, ids: Collection[int], evenement: str
) -> None:
    """Propose an avenant for each structure that an import or a merger brings to a running convention.

    FINESS lists what has long been open: those open on the day of the signature call for nothing. One
    statement when nothing is called for.
    """
    recente = or_(Structure.ouverte_le.is_(None), Structure.ouverte_le > Convention.date_signature)
    trouvees = session.execute(
        select(Structure, Convention)
        .join(
            Convention,
            and_(
                Convention.operateur_id == Structure.organisation_id,
                Convention.departement_code == Structure.departement_code,
            ),
        )
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .where(
            among(session, Structure.id, ids),
            Convention.statut == Statut.SIGNEE,
            Convention.fin_effective >= clock.today(),
            *([recente] if evenement == OUVERTURE else []),
        )
        .options(selectinload(Structure.places))
        .order_by(Convention.id, Structure.id)
    ).all()
    for structure, ligne in trouvees:
        proposer(
            session,
            clock,
            actor,
            ligne,
            Origine.OUVERTURE,
            cle=structure.ref,
            libelle=structure.nom,
            natures={places.nature_code for places in structure.places},
        )


def suivre_natures_differees(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, texte: ConventionTexte
) -> None:
    """Plan one avenant for each nature that the text which goes to signature puts off."""
    prevues = {
        une.cle: une
        for une in session.scalars(
            select(AvenantProposition).where(
                AvenantProposition.convention_id == ligne.id,
                AvenantProposition.origine == Origine.NATURE_DIFFEREE,
            )
        )
    }
    for cle, prevue in prevues.items():
        if cle not in texte.natures_differees and prevue.avenant_id is None:
            session.delete(prevue)
    noms = {nature.code: nature.libelle for nature in session.scalars(select(Nature))}
    places = {nature.nature_code: nature.places for nature in natures_a_terme(ligne)}
    for code in texte.natures_differees:
        remise = prevues.get(code) or proposer(
            session,
            clock,
            actor,
            ligne,
            Origine.NATURE_DIFFEREE,
            cle=code,
            libelle=noms.get(code, code),
            natures=[code],
            prevu_le=texte.avenant_prevu_le,
        )
        if remise is not None:
            remise.places = places.get(code)


def places_remises(session: Session, ligne: Convention) -> dict[str, int]:
    """Return how many places each nature put off to an avenant had in the line, by code, when it is known."""
    prevues = session.scalars(
        select(AvenantProposition).where(
            AvenantProposition.convention_id == ligne.id,
            AvenantProposition.origine == Origine.NATURE_DIFFEREE,
        )
    )
    return {une.cle: une.places for une in prevues if une.places is not None}


def rendre(session: Session, avenant: Avenant) -> None:
    """Have what an avenant that will not be signed had taken up wait again."""
    session.execute(
        update(AvenantProposition).where(AvenantProposition.avenant_id == avenant.id).values(avenant_id=None)
    )


def en_attente(session: Session, convention_id: int) -> Sequence[AvenantProposition]:
    """Return what calls for an avenant of a signed line, the oldest first. One statement."""
    return session.scalars(
        select(AvenantProposition)
        .join(Convention, Convention.id == AvenantProposition.convention_id)
        .where(
            AvenantProposition.convention_id == convention_id,
            Convention.statut == Statut.SIGNEE,
            AvenantProposition.avenant_id.is_(None),
            AvenantProposition.ecartee_le.is_(None),
        )
        .order_by(AvenantProposition.id)
    ).all()


def attendue(session: Session, ligne: Convention, proposition_ref: str) -> AvenantProposition:
    """Return a proposal of a line that waits. Raises NotVisible, DomainError when it does no more."""
    proposition = session.scalar(
        select(AvenantProposition).where(
            AvenantProposition.ref == proposition_ref, AvenantProposition.convention_id == ligne.id
        )
    )
    if proposition is None:
        raise NotVisible(proposition_ref)
    if proposition.avenant_id is not None or proposition.ecartee_le is not None:
        raise DomainError("avenants.proposition_absente")
    return proposition


def reprendre(session: Session, ligne: Convention, proposition_ref: str, avenant: Avenant) -> None:
    """Have an avenant take up a proposal: it waits no more. Raises NotVisible, DomainError."""
    proposition = attendue(session, ligne, proposition_ref)
    proposition.avenant_id = avenant.id
    avenant.origine = proposition.origine
    session.flush()


def ecarter(
    session: Session, clock: Clock, actor: Actor, ref: str, proposition_ref: str, *, motif: str
) -> None:
    """Set a proposal aside, with the reason. Raises NotVisible, Forbidden, DomainError."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
    proposition = attendue(session, ligne, proposition_ref)
    raison = motif_de(motif)
    proposition.ecartee_le, proposition.ecartee_par = clock.now(), auteur(actor)
    proposition.ecartee_motif = raison
    session.flush()
    faits = {"origine": proposition.origine.value, "libelle": proposition.libelle, "raison": raison}
    record(session, clock, actor, "conventions:avenant:ecarter", ligne, changes=faits)
