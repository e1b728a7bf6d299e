"""A small world for walking the routes: one's own, a rival's in the same département, a foreign one.

Every free text of the rival's and of the foreign rows is a canary that says where it comes from.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Enum as SqlEnum
from sqlalchemy import String, Text, inspect, select
from sqlalchemy.orm import Session

from portal.commissions.models import Commission
from portal.commissions.models_seances import Seance
from portal.comptes.models import Adhesion, InvitationCompte, Personne, SessionConnexion
from portal.conventions.avenants.enums import Origine, StatutAvenant
from portal.conventions.avenants.models import (
    Avenant,
    AvenantClause,
    AvenantClauseCommentaire,
    AvenantClauseFait,
    AvenantPosition,
    AvenantProposition,
)
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.chargement import load_models
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.modeles.enums import StatutImport, StatutVersion
from portal.conventions.modeles.import_word import importer
from portal.conventions.modeles.models import (
    ModeleImport,
    VersionDepartementale,
    VersionDepartementaleChamp,
    VersionDepartementaleValidation,
)
from portal.conventions.modeles.queries import courants
from portal.conventions.modeles.relecture import Origine as OrigineLue
from portal.conventions.models import (
    Convention,
    ConventionClassement,
    ConventionDateCible,
    ConventionDocument,
    ConventionSignature,
)
from portal.conventions.redaction.enums import Acte, GenreFait, Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseCommentaire,
    ConventionClauseFait,
    ConventionClausePosition,
    ConventionClauseValeur,
    ConventionEngagement,
    ConventionTexte,
)
from portal.documents.models import Fichier, StatutFichier
from portal.documents.texte import Bloc, Couleur, Genre, Passage
from portal.documents.word.lecture import DocumentLu
from portal.documents.word.memoire import to_plain
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.chargement import load_grid
from portal.grilles.models import GrilleItem, GrilleModele, GrilleValidation
from portal.grilles.queries import nationale
from portal.jobs.models import StatutTravail, Travail
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.models import Organisation, Structure, StructurePlaces
from portal.security.permissions import Profil
from portal.security.tokens import token_hash
from portal.shared.clock import FixedClock
from tests.factories import INSTANT
from tests.monde_annuaire import meubler_un_annuaire, signaler_une_erreur
from tests.monde_commissions import meubler_une_commission
from tests.monde_dossiers import Examen, meubler_un_dossier
from tests.monde_menages import Entourage, meubler_un_menage
from tests.monde_suites import meubler_une_suite
from tests.monde_tours import meubler_un_tour

# Columns that are codes, keys or derived texts: nothing a person typed.
NOT_TYPED = {
    "ref", "type_mime", "sha256", "chemin", "langue", "mot_de_passe", "jeton_hash", "genre", "idempotence",
    "departement_code", "commune_code", "nature_code", "siren", "siret", "finess", "finess_ej",
    "categorie_finess", "type_place", "tri", "operateur_tri", "erreur", "code", "parametre_code",
    "clause_code", "empreinte", "cle", "fonction_code", "poids_recherche", "section",
    "prereglage_code", "ordre_signatures",
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
    load_models(session, FixedClock(INSTANT))
    load_grid(session, FixedClock(INSTANT))
    for side in (own, rival, foreign):
        _furnish(session, factories, side)
    for side in (own, foreign):
        for number, status in enumerate((StatutVersion.PUBLIEE, StatutVersion.BROUILLON), 1):
            side.add("version", _green(session, side.organisations[T.SIAO], number, status))
        side.add("import", _import(session, side.organisations[T.SIAO]))
        side.add("grille", _grid(session, side.organisations[T.SIAO]))
    for side in (own, rival, foreign):
        _text(session, side, next(row for row in side.rows if isinstance(row, Convention)))
    for side, nature in ((own, "CHU"), (rival, "CHRS_INS"), (foreign, "CHU")):
        _round(session, side, nature)
    for side in (own, rival, foreign):
        _household(session, side)
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
    _directory(session, side, operator)
    for kind in ("ouverte", "signee"):
        line = _line(factories, operator, siao, state, kind, structure.departement_code)
        side.add("convention", line)
        document, file = _document(session, line, operator)
        side.add("document", document)
        side.rows.append(file)
        side.add("bilan", _review(session, line, given=kind == "ouverte"))
    session.flush()


def _green(session: Session, siao: Organisation, number: int, status: StatutVersion) -> VersionDepartementale:
    """Make a green version of the département of a SIAO, which has validated it."""
    models = courants(session, siao.departement_code)
    version = VersionDepartementale(
        departement_code=siao.departement_code,
        numero=number,
        statut=status,
        general_id=models[Gabarit.GENERAL].id,
        simplifie_id=models[Gabarit.SIMPLIFIE].id,
        publiee_le=INSTANT if status is StatutVersion.PUBLIEE else None,
        publiee_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    version.champs = [
        VersionDepartementaleChamp(
            clause_code="2",
            parametre_code="contacts_siao",
            valeur="Contacts",
            motif="Motif",
            modifie_le=INSTANT,
            modifie_par="Personne",
        )
    ]
    version.validations = [
        VersionDepartementaleValidation(
            partie=Partie.SIAO, organisation_id=siao.id, le=INSTANT, par="Personne"
        )
    ]
    session.add(version)
    session.flush()
    return version


def _grid(session: Session, siao: Organisation) -> GrilleModele:
    """Make the draft of the grid of a SIAO's département, which it has validated."""
    base = nationale(session)
    draft = GrilleModele(
        departement_code=siao.departement_code,
        numero=1,
        libelle="Grille",
        sections=base.sections,
        statut=StatutVersion.BROUILLON,
        base_id=base.id,
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    draft.items = [
        GrilleItem(
            section=s["code"], rang=1, code=f"{s['code']}1", libelle="Question", aide="Aide", champs=[]
        )
        for s in base.sections
    ]
    draft.validations = [
        GrilleValidation(partie=Partie.SIAO, organisation_id=siao.id, le=INSTANT, par="Personne")
    ]
    session.add(draft)
    session.flush()
    return draft


def _import(session: Session, siao: Organisation) -> ModeleImport:
    """Make an import of a Word model that a SIAO is rereading."""
    passages = (Passage("Texte lu"), Passage("à remplir", Couleur.VERTE))
    lu = DocumentLu("Modèle", (Bloc(Genre.PARAGRAPHE, passages),))
    file = Fichier(
        nom="modele.docx",
        chemin=f"cd/{siao.ref}",
        type_mime="application/octet-stream",
        taille=4,
        sha256="0" * 64,
        statut=StatutFichier.SAIN,
        organisation_id=siao.id,
        departement_code=siao.departement_code,
        depose_le=INSTANT,
    )
    session.add(file)
    session.flush()
    row = ModeleImport(
        departement_code=siao.departement_code,
        gabarit=Gabarit.GENERAL,
        libelle="Modèle importé",
        statut=StatutImport.RELECTURE,
        organisation_id=siao.id,
        depose_par="Personne",
        fichier_id=file.id,
        lu=to_plain(lu) | {"remarques": []},
        contenu=importer(lu, Gabarit.GENERAL).modele.to_json(),
        origine=OrigineLue().to_json(),
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(row)
    session.flush()
    return row


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
    if not signed:
        line.classement = ConventionClassement(
            partie=Partie.SIAO, motif="Motif du classement", le=INSTANT, par="Personne"
        )
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


def _review(session: Session, line: Convention, *, given: bool) -> Bilan:
    """A bilan of the line: given, or being written."""
    bilan = Bilan(
        convention_id=line.id,
        departement_code=line.departement_code,
        rang=1,
        du=date(2025, 1, 1),
        au=date(2025, 12, 31),
        demande_le=date(2026, 1, 1),
        echeance=date(2026, 3, 1),
        statut=StatutBilan.RENDU if given else StatutBilan.BROUILLON,
        engagements="Engagements",
        difficultes="Difficultés",
        indicateurs={"places_couvertes": 10} if given else None,
        partie=Partie.SIAO,
        auteur="Personne",
        rendu_le=INSTANT if given else None,
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(bilan)
    session.flush()
    return bilan


def _text(session: Session, side: Perimetre, line: Convention) -> None:
    """Open the text of a line, with something written everywhere that people write."""
    version = session.scalars(
        select(VersionDepartementale).where(
            VersionDepartementale.departement_code == line.departement_code,
            VersionDepartementale.statut == StatutVersion.PUBLIEE,
        )
    ).one()
    text = ConventionTexte(
        convention_id=line.id,
        version_departementale_id=version.id,
        gabarit=Gabarit.GENERAL,
        faits=[],
        natures_differees=[],
        participants="Participants",
        preparation="Préparation",
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(text)
    session.flush()
    parties = ConventionClause(convention_id=line.id, code="PAR", updated_at=INSTANT)
    revue = ConventionClause(convention_id=line.id, code="6.3", updated_at=INSTANT)
    session.add_all([parties, revue])
    session.flush()
    revue.texte = "Texte des parties"
    comment = ConventionClauseCommentaire(
        clause_id=revue.id, partie=Partie.SIAO, auteur="Personne", texte="Commentaire", le=INSTANT
    )
    commitment = ConventionEngagement(
        convention_id=line.id, clause_code="6.3", acte=Acte.CPOM, reference="CPOM", le=INSTANT, par="Personne"
    )
    written = [
        ConventionClauseValeur(
            clause_id=parties.id, parametre_code="operateur_representant", valeur="Représentant"
        ),
        ConventionClausePosition(
            clause_id=revue.id,
            partie=Partie.SIAO,
            position=Position.RESERVE,
            motif="Motif",
            le=INSTANT,
            par="Personne",
        ),
        ConventionClauseFait(
            clause_id=revue.id,
            convention_id=line.id,
            numero=1,
            le=INSTANT,
            par="Personne",
            genre=GenreFait.TEXTE,
            avant="Avant",
            apres="Après",
        ),
    ]
    session.add_all([comment, commitment, *written])
    session.flush()
    side.add("commentaire", comment)
    side.add("engagement", commitment)
    _avenant(session, side, line)
    side.rows += [text, revue, *written]


def _round(session: Session, side: Perimetre, nature: str) -> None:
    """Open a round between the State, the SIAO and the operator of a side."""
    places = (side.organisations[kind] for kind in (T.SIAO, T.ETAT, T.GESTIONNAIRE))
    tour, participant, reunion, rows = meubler_un_tour(session, *places, nature)
    side.add("tour", tour)
    side.add("participant", participant)
    side.add("reunion", reunion)
    side.rows += rows


def _directory(session: Session, side: Perimetre, operator: Organisation) -> None:
    """Put a function of the operator of a side in the directory."""
    referent, people, absence = meubler_un_annuaire(session, operator, operator.departement_code)
    side.add("referent", referent)
    side.add("absence", absence)
    for one in people:
        side.add("titulaire", one)
    author = next(row for row in side.rows if isinstance(row, Personne))
    side.add("signalement", signaler_une_erreur(session, referent, author))
    secretariat = operator if side.nom == "rival" else side.organisations[T.SIAO]
    made = meubler_une_commission(session, secretariat, referent, f"Commission {side.nom}")
    for name, row in zip(
        ("commission", "college", "siege", "texte", "seance", "invitation"), made, strict=True
    ):
        side.add(name, row)


def _household(session: Session, side: Perimetre) -> None:
    """Open a household of the operator of a side, transmitted to its landlord: whatever it holds is a canary
    already, encrypted. Those of one's own side are a colleague's."""
    operator, landlord = side.organisations[T.GESTIONNAIRE], side.organisations[T.BAILLEUR]
    people = {row.organisation_id: row.personne for row in side.rows if isinstance(row, Adhesion)}
    commission = next(row for row in side.rows if isinstance(row, Commission))
    autour = Entourage(operator, people[operator.id], people[landlord.id], landlord, landlord, commission.id)
    mot = {"sien": "CANARIC", "rival": "CANARIR", "etranger": "CANARIE"}[side.nom] + "menage"
    menage = meubler_un_menage(session, autour, mot)
    for nom, row in menage.objets.items():
        side.refs.setdefault(f"{NOMS_MENAGE.get(nom, nom)}_ref", []).append(getattr(row, "ref", ""))
    seance = next(row for row in side.rows if isinstance(row, Seance))
    examen = Examen(seance, people[operator.id], people[landlord.id], landlord)
    presentee = session.scalars(
        select(Autorisation).where(
            Autorisation.menage_id == menage.menage.id, Autorisation.commission_id == commission.id
        )
    ).one()
    dossier, invite = meubler_un_dossier(session, menage.menage, presentee, examen, mot)
    side.refs["dossier_ref"], side.refs["invite_ref"] = [dossier.ref], [invite.ref]
    for nom, row in meubler_une_suite(session, dossier, seance, landlord, mot).items():
        side.refs[f"{nom}_ref"] = [row.ref]


NOMS_MENAGE = {"version": "remplie"}
"""How addresses name what a household has, where the word is another's."""


def _avenant(session: Session, side: Perimetre, line: Convention) -> None:
    """Open an avenant on the text of a line, and propose another."""
    avenant = Avenant(
        convention_id=line.id,
        numero=1,
        objet="Objet",
        origine=Origine.PARTIES,
        statut=StatutAvenant.EN_NEGOCIATION,
        statut_depuis=INSTANT,
        natures_ajoutees=[],
        natures_retirees=[],
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    changed = AvenantClause(
        code="6.3", texte="Texte de l’avenant", valeurs={}, choisie=True, updated_at=INSTANT
    )
    changed.positions = [
        AvenantPosition(
            partie=Partie.SIAO, position=Position.RESERVE, motif="Motif", le=INSTANT, par="Personne"
        )
    ]
    avenant.clauses = [changed]
    proposition = AvenantProposition(
        convention_id=line.id,
        origine=Origine.OUVERTURE,
        cle="structure",
        libelle="Structure",
        natures=[],
        creee_le=INSTANT,
    )
    session.add_all([avenant, proposition])
    session.flush()
    remark = AvenantClauseCommentaire(
        clause_id=changed.id, partie=Partie.SIAO, auteur="Personne", texte="Commentaire", le=INSTANT
    )
    fact = AvenantClauseFait(
        clause_id=changed.id,
        avenant_id=avenant.id,
        le=INSTANT,
        par="Personne",
        genre=GenreFait.TEXTE,
        avant="Avant",
        apres="Après",
    )
    session.add_all([remark, fact])
    session.flush()
    side.add("avenant", avenant)
    side.add("proposition", proposition)
    side.add("commentaire", remark)
    side.rows += [changed, *changed.positions, remark, fact]


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
        queue += [*getattr(row, "validations", ()), *getattr(row, "items", ())]
        queue += getattr(row, "champs", ()) if isinstance(row, VersionDepartementale) else ()
        queue += filter(None, [getattr(row, "classement", None)])


def canary(side: str, table: str, column: str, length: int | None, number: int = 0) -> str:
    """Return the canary of one field; e-mails look like e-mails, and differ from row to row."""
    word = f"CANARI{side[0].upper()}{table}{column}".replace("_", "")  # short columns keep its beginning
    if column == "email":
        return f"{word}{number}@partenaire.example".lower()
    if column == "texte_recherche":
        return f" {word.lower()}"
    return word[: length or 200]
