"""Doing what the preview showed, in one transaction, and undoing it within the day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.diff import plain
from portal.audit.service import Fact, record_many
from portal.conventions.chaine import JAMAIS, dater, lignes_du_couple, rechainer
from portal.conventions.creation import nouvelle_ligne
from portal.conventions.cycle import changer_statut
from portal.conventions.ecriture import acte, base_traduite, charger
from portal.conventions.enums import Statut
from portal.conventions.import_suivi.analyse import Apercu, Prevue, Sort
from portal.conventions.import_suivi.operateurs import Inconnu
from portal.conventions.models import Convention, ConventionDocument, ConventionNature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.organisations.service import organisation_text
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.text import sort_key

PAR_LOT = 500
MONTREES = 200


@dataclass
class Bilan:
    """What an import did. `reprises`: lines that were open, with what they were and when they changed."""

    creees: int = 0
    signees: int = 0
    deja: int = 0
    refusees: int = 0
    ignorees: int = 0
    operateurs: list[str] = field(default_factory=list)  # references of the organisations it opened
    reprises: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form that the job keeps."""
        return dict(vars(self))


def appliquer(
    session: Session,
    clock: Clock,
    actor: Actor,
    apercu: Apercu,
    import_id: int | None,
    *,
    tout: bool,
) -> Bilan:
    """Write the lines of a preview just made in the same transaction.

    `tout`: all or nothing; else the refused lines are left out. `import_id`: the key of the job, so that the
    lines can be found again. Raises DomainError and writes nothing when a line is refused and `tout`.
    """
    comptes = apercu.comptes()
    if tout and comptes[Sort.REFUSEE.value]:
        raise DomainError("conventions.import_refusees", nombre=comptes[Sort.REFUSEE.value])
    bilan = Bilan(
        deja=comptes[Sort.DEJA.value],
        refusees=comptes[Sort.REFUSEE.value],
        ignorees=comptes[Sort.IGNOREE.value],
    )
    neuves = [p for p in apercu.lignes if p.sort is Sort.CREER]
    with base_traduite(session):
        _ouvrir_operateurs(session, clock, actor, apercu, bilan)
        organisations = _organisations(session, apercu)
        _relier_departements(session, [p for p in apercu.lignes if p.sort in (Sort.CREER, Sort.SIGNER)])
        lignes = [_ligne(clock, prevue, organisations, import_id) for prevue in neuves]
        session.add_all(lignes)
        session.flush()
        _enchainer(session, apercu, neuves, lignes)
        for prevue in apercu.lignes:
            if prevue.sort is Sort.SIGNER:
                _signer(session, clock, actor, prevue, bilan)
    bilan.creees = len(lignes)
    record_many(
        session,
        clock,
        actor,
        "conventions:convention:importer",
        [_fait(ligne, prevue) for ligne, prevue in zip(lignes, neuves, strict=True)],
    )
    return bilan


def _ouvrir_operateurs(session: Session, clock: Clock, actor: Actor, apercu: Apercu, bilan: Bilan) -> None:
    """Open the operators that no organisation stands for, listed as to complete by the administrator."""
    utiles = {p.cle for p in apercu.lignes if p.sort is Sort.CREER and p.operateur_id is None}
    ouverts = {
        cle: _operateur(clock, actor, inconnu) for cle, inconnu in apercu.inconnus.items() if cle in utiles
    }
    session.add_all(ouverts.values())
    session.flush()
    record_many(
        session,
        clock,
        actor,
        "organisations:organisation:ouvrir",
        [
            Fact(
                "organisation",
                ouvert.id,
                ouvert.ref,
                ouvert.departement_code,
                {"nom": [None, ouvert.nom], "siren": [None, ouvert.siren]},
            )
            for ouvert in ouverts.values()
        ],
    )
    bilan.operateurs = [organisation.ref for organisation in ouverts.values()]
    for prevue in apercu.lignes:
        if prevue.sort is Sort.CREER and prevue.operateur_id is None:
            prevue.operateur_id = ouverts[prevue.cle].id


def _operateur(clock: Clock, actor: Actor, inconnu: Inconnu) -> Organisation:
    now = clock.now()
    return Organisation(
        nom=inconnu.nom,
        nom_provisoire=not can(actor, Permission.ORGANISATIONS_OUVRIR),
        type=TypeOrganisation.GESTIONNAIRE,
        siren=inconnu.siren,
        departement_code=actor.departement_code,
        departements=[OrganisationDepartement(departement_code=actor.departement_code)],
        tri=sort_key(inconnu.nom),
        texte_recherche=organisation_text(inconnu.nom, "", inconnu.siren, None),
        created_at=now,
        updated_at=now,
    )


def _organisations(session: Session, apercu: Apercu) -> dict[int, Organisation]:
    ids = {p.operateur_id for p in apercu.lignes if p.sort is Sort.CREER and p.operateur_id}
    ids |= {p.siao.id for p in apercu.lignes if p.siao} | {p.etat_id for p in apercu.lignes if p.etat_id}
    trouvees: dict[int, Organisation] = {}
    for lot in _lots(sorted(ids)):
        for organisation in session.scalars(select(Organisation).where(Organisation.id.in_(lot))):
            trouvees[organisation.id] = organisation
    return trouvees


def _relier_departements(session: Session, prevues: Sequence[Prevue]) -> None:
    """Note that each operator works in the département of the SIAO it has a line with."""
    voulus = {(p.operateur_id, p.siao.departement_code) for p in prevues if p.siao and p.operateur_id}
    presents: set[tuple[int | None, str]] = set()
    for lot in _lots(sorted({operateur for operateur, _ in voulus if operateur})):
        presents |= {
            (row.organisation_id, row.departement_code)
            for row in session.execute(
                select(
                    OrganisationDepartement.organisation_id, OrganisationDepartement.departement_code
                ).where(OrganisationDepartement.organisation_id.in_(lot))
            )
        }
    session.add_all(
        OrganisationDepartement(organisation_id=operateur, departement_code=code)
        for operateur, code in sorted(voulus - presents, key=str)
    )


def _ligne(
    clock: Clock,
    prevue: Prevue,
    organisations: Mapping[int, Organisation],
    import_id: int | None,
) -> Convention:
    lue, siao = prevue.lue, prevue.siao
    assert siao is not None
    assert prevue.operateur_id is not None
    assert prevue.etat_id is not None
    assert lue.date_cible is not None
    ligne = nouvelle_ligne(
        clock,
        operateur=organisations[prevue.operateur_id],
        siao=organisations[siao.id],
        etat=organisations[prevue.etat_id],
        date_cible=lue.date_cible,
    )
    ligne.statut, ligne.mode, ligne.notes, ligne.import_id = lue.statut, lue.mode, lue.notes, import_id
    ligne.natures = [ConventionNature(nature_code=code, places=n) for code, n in lue.natures.items()]
    if lue.signee:
        ligne.reprise, ligne.date_signature = True, lue.date_signature
        ligne.date_effet, ligne.date_fin = lue.date_effet, lue.date_fin
        ligne.fin_effective = lue.date_fin
        ligne.fin_tri = lue.date_fin or JAMAIS
    return ligne


def _enchainer(
    session: Session, apercu: Apercu, prevues: Sequence[Prevue], lignes: Sequence[Convention]
) -> None:
    """Link the lines of each pair; only the pairs that hold more than one line have anything to link."""
    nombre: dict[tuple[int, int], int] = defaultdict(int)
    for prevue, ligne in zip(prevues, lignes, strict=True):
        couple = (ligne.operateur_id, ligne.siao_id)
        nombre[couple] += 1 + len(apercu.existantes.get(prevue.paire, []))
    for operateur_id, siao_id in [couple for couple, n in nombre.items() if n > 1]:
        rechainer(session, lignes_du_couple(session, operateur_id, siao_id))


def _signer(session: Session, clock: Clock, actor: Actor, prevue: Prevue, bilan: Bilan) -> None:
    """Enter the signature of the open line of a pair, by the explicit « reprise »."""
    lue = prevue.lue
    assert prevue.existante is not None
    assert lue.date_effet is not None
    assert lue.date_fin is not None
    ligne = charger(session, actor, prevue.existante.ref, Permission.CONVENTIONS_MODIFIER)
    avant = {
        "statut": ligne.statut.value,
        "statut_avant_suspension": plain(ligne.statut_avant_suspension),
        "motif": ligne.motif,
        "date_effet": plain(ligne.date_effet),
        "date_fin": plain(ligne.date_fin),
    }
    with acte(session, clock, actor, "convention:reprise", ligne) as faits:
        faits["import"] = True
        ligne.date_signature, ligne.reprise = lue.date_signature, True
        ligne.statut_avant_suspension, ligne.motif = None, ""
        signer = partial(changer_statut, clock, actor, ligne, "reprise")
        dater(session, ligne, date_effet=lue.date_effet, date_fin=lue.date_fin, signer=signer)
    bilan.signees += 1
    bilan.reprises[ligne.ref] = avant | {"le": ligne.updated_at.isoformat()}


def _fait(ligne: Convention, prevue: Prevue) -> Fact:
    lue = prevue.lue
    dit = {
        "ligne_du_fichier": lue.numero,
        "statut": lue.statut,
        "mode": lue.mode,
        "date_cible": lue.date_cible,
        "date_signature": lue.date_signature,
        "date_effet": lue.date_effet,
        "date_fin": lue.date_fin,
        "natures": lue.natures,
        "notes": lue.notes,
    }
    return Fact(
        "convention",
        ligne.id,
        ligne.ref,
        ligne.departement_code,
        {nom: plain(valeur) for nom, valeur in dit.items() if valeur},
    )


@dataclass
class Annulation:
    """What undoing an import did; `gardees`: [reference, code of the reason] of the lines left alone."""

    retirees: int = 0
    rouvertes: int = 0
    gardees: list[list[str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form that the job keeps."""
        return dict(vars(self))


def defaire(
    session: Session, clock: Clock, actor: Actor, import_id: int, resultat: Mapping[str, Any]
) -> Annulation:
    """Remove the lines that an import created and reopen those it signed, save what changed since."""
    bilan = Annulation()
    lignes = session.scalars(
        select(Convention).where(Convention.import_id == import_id).order_by(Convention.id).with_for_update()
    ).all()
    retirables = _retirables(session, lignes, bilan)
    with base_traduite(session):
        _retirer(session, clock, actor, retirables)
        for ref, avant in resultat.get("reprises", {}).items():
            _rouvrir(session, clock, actor, ref, avant, bilan)
    bilan.retirees = len(retirables)
    _refermer_operateurs(session, resultat.get("operateurs", []))
    bilan.gardees = bilan.gardees[:MONTREES]
    return bilan


def _retirables(session: Session, lignes: Sequence[Convention], bilan: Annulation) -> list[Convention]:
    """Return the lines that nobody touched since the import."""
    ids = {ligne.id for ligne in lignes}
    suivies: set[int] = set()
    documentees: set[int] = set()
    for lot in _lots(sorted(ids)):
        suivies |= {
            row.remplace_id
            for row in session.execute(
                select(Convention.remplace_id, Convention.id).where(Convention.remplace_id.in_(lot))
            )
            if row.id not in ids
        }
        documentees |= set(
            session.scalars(
                select(ConventionDocument.convention_id).where(ConventionDocument.convention_id.in_(lot))
            )
        )
    trouvees = []
    for ligne in lignes:
        if ligne.updated_at != ligne.created_at:
            bilan.gardees.append([ligne.ref, "conventions.import_modifiee"])
        elif ligne.id in documentees:
            bilan.gardees.append([ligne.ref, "conventions.import_documents"])
        elif ligne.id in suivies and ligne.statut is Statut.SIGNEE and _renouvelee(session, ligne):
            bilan.gardees.append([ligne.ref, "conventions.import_renouvelee"])
        else:
            trouvees.append(ligne)
    return trouvees


def _renouvelee(session: Session, ligne: Convention) -> bool:
    """Tell whether the line's successor was opened after it came in."""
    suivante = session.scalar(select(Convention).where(Convention.remplace_id == ligne.id))
    return suivante is not None and suivante.created_at > ligne.created_at


def _retirer(session: Session, clock: Clock, actor: Actor, lignes: Sequence[Convention]) -> None:
    faits = [
        Fact("convention", ligne.id, ligne.ref, ligne.departement_code, {"import": ligne.import_id})
        for ligne in lignes
    ]
    couples = sorted({(ligne.operateur_id, ligne.siao_id) for ligne in lignes})
    for lot in _lots([ligne.id for ligne in lignes]):
        session.execute(update(Convention).where(Convention.remplace_id.in_(lot)).values(remplace_id=None))
        session.execute(update(Convention).where(Convention.id.in_(lot)).values(remplace_id=None))
    for lot in _lots([ligne.id for ligne in lignes]):
        session.execute(delete(Convention).where(Convention.id.in_(lot)))
    session.expire_all()
    for operateur_id, siao_id in couples:
        restantes = lignes_du_couple(session, operateur_id, siao_id)
        if restantes:
            rechainer(session, restantes)
    record_many(session, clock, actor, "conventions:convention:annuler_import", faits)


def _rouvrir(
    session: Session, clock: Clock, actor: Actor, ref: str, avant: Mapping[str, Any], bilan: Annulation
) -> None:
    """Give back its open state to a line that the import had signed."""
    ligne = session.scalar(select(Convention).where(Convention.ref == ref).with_for_update())
    if ligne is None or ligne.updated_at.isoformat() != avant["le"]:
        bilan.gardees.append([ref, "conventions.import_modifiee"])
        return
    with acte(session, clock, actor, "convention:annuler_import", ligne):
        for champ in ("date_effet", "date_fin"):
            setattr(ligne, champ, date.fromisoformat(avant[champ]) if avant[champ] else None)
        suspension = avant["statut_avant_suspension"]
        ligne.statut, ligne.motif = Statut(avant["statut"]), avant["motif"]
        ligne.statut_avant_suspension = Statut(suspension) if suspension else None
        ligne.statut_depuis = clock.now()
        ligne.date_signature, ligne.reprise = None, False
        ligne.fin_effective, ligne.fin_tri = None, JAMAIS
        session.flush()
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
    bilan.rouvertes += 1


def _refermer_operateurs(session: Session, refs: Iterable[str]) -> None:
    """Delete the organisations that the import opened and that nothing names."""
    for ref in refs:
        try:
            with session.begin_nested():
                organisation = session.scalar(select(Organisation).where(Organisation.ref == ref))
                if organisation is not None and organisation.updated_at == organisation.created_at:
                    session.delete(organisation)
                    session.flush()
        except IntegrityError:
            continue  # a line, a structure or a person names it: it stays


def _lots(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[debut : debut + PAR_LOT] for debut in range(0, len(ids), PAR_LOT))
