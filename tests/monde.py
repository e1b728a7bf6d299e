"""A small world for walking the routes: one's own, a rival's in the same département, a foreign one.

Every free text of the rival's and of the foreign rows is a canary that says where it comes from.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Enum as SqlEnum
from sqlalchemy import String, Text, inspect
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, InvitationCompte, SessionConnexion
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention, ConventionDateCible, ConventionDocument, ConventionSignature
from portal.documents.models import Fichier, StatutFichier
from portal.jobs.models import StatutTravail, Travail
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.models import Organisation, Structure, StructurePlaces
from portal.security.permissions import Profil
from portal.security.tokens import token_hash
from tests.factories import INSTANT

# Columns that are codes, keys or derived texts: nothing a person typed.
NOT_TYPED = {
    "ref", "type_mime", "sha256", "chemin", "langue", "mot_de_passe", "jeton_hash", "genre", "idempotence",
    "departement_code", "commune_code", "nature_code", "siren", "siret", "finess", "finess_ej",
    "categorie_finess", "type_place", "tri", "operateur_tri", "erreur",
}  # fmt: skip


@dataclass
class Perimetre:
    """What one side owns: its organisations and, per URL parameter, the references of its objects."""

    nom: str
    organisations: dict[T, Organisation] = field(default_factory=dict)
    refs: dict[str, list[str]] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)

    def add(self, name: str, row: Any) -> None:
        self.refs.setdefault(f"{name}_ref", []).append(row.ref)
        self.rows.append(row)


@dataclass
class Monde:
    """The three sides."""

    sien: Perimetre
    rival: Perimetre
    etranger: Perimetre


def build(session: Session, factories: SimpleNamespace) -> Monde:
    """Make the world; its sides have the same furniture."""
    own = Perimetre("sien")
    for kind in (
        T.ETAT,
        T.SIAO,
        T.GESTIONNAIRE,
        T.BAILLEUR,
        T.COLLECTIVITE,
        T.RESERVATAIRE,
        T.SANTE,
        T.TETE_DE_RESEAU,
    ):
        own.organisations[kind] = factories.Organisation(
            type=kind, departement_code="22", nom=f"Sien {kind.value}"
        )
    foreign = Perimetre("etranger")
    for kind in (T.ETAT, T.SIAO, T.GESTIONNAIRE, T.BAILLEUR):
        foreign.organisations[kind] = factories.Organisation(type=kind, departement_code="37")
    rival = Perimetre("rival")
    rival.organisations = own.organisations | {
        T.GESTIONNAIRE: factories.Organisation(departement_code="22"),
        T.BAILLEUR: factories.Organisation(type=T.BAILLEUR, departement_code="22"),
    }
    for side in (own, rival, foreign):
        _furnish(session, factories, side)
    for side in (rival, foreign):
        _plant(side, keep={id(o) for o in own.organisations.values()})
    session.commit()
    return Monde(own, rival, foreign)


def _furnish(session: Session, factories: SimpleNamespace, side: Perimetre) -> None:
    operator, siao, state = (side.organisations[kind] for kind in (T.GESTIONNAIRE, T.SIAO, T.ETAT))
    owners = (
        side.organisations.values() if side.nom != "rival" else [operator, side.organisations[T.BAILLEUR]]
    )
    for organisation in owners:
        side.add("organisation", organisation)
        adhesion = factories.Adhesion(organisation=organisation, profil=_profil(organisation.type))
        side.add("adhesion", adhesion)
        side.add("personne", adhesion.personne)
        side.add("session", _session(session, adhesion))
        side.add("invitation", _invitation(session, organisation, adhesion))
        side.add("travail", _job(session, organisation, adhesion))
    structure: Structure = factories.Structure(
        organisation=operator, departement_code=operator.departement_code
    )
    structure.places = [StructurePlaces(nature_code="CHU", nombre=12)]
    side.add("structure", structure)
    for kind in ("ouverte", "signee"):
        line = _line(factories, operator, siao, state, kind, structure.departement_code)
        side.add("convention", line)
        document, file = _document(session, line, operator)
        side.add("document", document)
        side.rows.append(file)
    session.flush()


def _profil(kind: T) -> Profil:
    return {
        T.ETAT: Profil.ETAT_AGENT,
        T.SIAO: Profil.SIAO_REGULATEUR,
        T.BAILLEUR: Profil.BAILLEUR_REFERENT,
        T.COLLECTIVITE: Profil.COLLECTIVITE,
        T.RESERVATAIRE: Profil.RESERVATAIRE,
        T.TETE_DE_RESEAU: Profil.TETE_DE_RESEAU,
    }.get(kind, Profil.GESTIONNAIRE_STRUCTURE)


def _session(session: Session, adhesion: Adhesion) -> SessionConnexion:
    row = SessionConnexion(
        jeton_hash=token_hash(f"session{adhesion.id}"),
        personne_id=adhesion.personne_id,
        adhesion_id=adhesion.id,
        created_at=INSTANT,
        vue_le=INSTANT,
        appareil="Navigateur",
    )
    session.add(row)
    session.flush()
    return row


def _invitation(session: Session, organisation: Organisation, adhesion: Adhesion) -> InvitationCompte:
    row = InvitationCompte(
        email=f"invitee{organisation.id}@partenaire.example",
        prenom="Invitée",
        nom="Exemple",
        organisation_id=organisation.id,
        departement_code=organisation.departement_code,
        profil=adhesion.profil,
        jeton_hash=token_hash(f"invitation{organisation.id}"),
        expire_le=INSTANT + timedelta(days=7),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(row)
    session.flush()
    return row


def _job(session: Session, organisation: Organisation, adhesion: Adhesion) -> Travail:
    row = Travail(
        genre="essai",
        statut=StatutTravail.TERMINE,
        personne_id=adhesion.personne_id,
        adhesion_id=adhesion.id,
        organisation_id=organisation.id,
        departement_code=organisation.departement_code,
        parametres={},
        resultat={},
        created_at=INSTANT,
    )
    session.add(row)
    session.flush()
    return row


def _line(
    factories: SimpleNamespace,
    operator: Organisation,
    siao: Organisation,
    state: Organisation,
    kind: str,
    code: str,
) -> Convention:
    signed = kind == "signee"
    start = date(2024, 1, 1) if signed else None
    line: Convention = factories.Convention(
        operateur=operator,
        siao=siao,
        etat=state,
        departement_code=code,
        statut=Statut.SIGNEE if signed else Statut.EN_NEGOCIATION,
        date_signature=start,
        date_effet=start,
        date_fin=date(2027, 12, 31) if signed else None,
        notes="Notes de la convention",
        natures={"CHU": 10},
    )
    line.cibles = [
        ConventionDateCible(
            ancienne=date(2026, 6, 30), nouvelle=line.date_cible, motif="Motif", le=INSTANT, par="Personne"
        )
    ]
    line.signatures = [
        ConventionSignature(
            partie=partie,
            signee_le=start,
            signataire="Signataire",
            enregistree_le=INSTANT,
            enregistree_par="Personne",
        )
        for partie in (Partie if signed else ())
    ]
    return line


def _document(
    session: Session, line: Convention, operator: Organisation
) -> tuple[ConventionDocument, Fichier]:
    file = Fichier(
        nom="convention.pdf",
        chemin=f"ab/{line.ref}",
        type_mime="application/pdf",
        taille=4,
        sha256="0" * 64,
        statut=StatutFichier.SAIN,
        organisation_id=operator.id,
        departement_code=line.departement_code,
        depose_le=INSTANT,
    )
    session.add(file)
    session.flush()
    document = ConventionDocument(
        convention_id=line.id, fichier_id=file.id, libelle="Signée", ajoute_le=INSTANT, ajoute_par="Personne"
    )
    session.add(document)
    session.flush()
    return document, file


def _plant(side: Perimetre, keep: set[int]) -> None:
    """Write a canary in every free text of a side's rows and of what hangs on them."""
    seen: set[int] = set(keep)
    queue = list(side.rows)
    while queue:
        row = queue.pop()
        if id(row) in seen:
            continue
        seen.add(id(row))
        mapper = inspect(type(row))
        for attribute in mapper.column_attrs:
            column = attribute.columns[0]
            typed = isinstance(column.type, (String, Text)) and not isinstance(column.type, SqlEnum)
            if typed and attribute.key not in NOT_TYPED:
                word = canary(side.nom, row.__tablename__, attribute.key, column.type.length, len(seen))
                setattr(row, attribute.key, word)
        queue += [*getattr(row, "signatures", ()), *getattr(row, "cibles", ())]


def canary(side: str, table: str, column: str, length: int | None, number: int = 0) -> str:
    """Return the canary of one field; e-mails look like e-mails, and differ from row to row."""
    word = f"CANARI{side[0].upper()}{table}{column}".replace("_", "")  # short columns keep its beginning
    if column == "email":
        return f"{word}{number}@partenaire.example".lower()
    if column == "texte_recherche":
        return f" {word.lower()}"
    return word[: length or 200]
