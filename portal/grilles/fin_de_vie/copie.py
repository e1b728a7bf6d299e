"""The copy that a household may ask for: everything held about it, readable, in one document (RGPD, art. 15).

In French, like what it copies. Made by the worker, encrypted at rest, given by whoever answers the request.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Document, Genre, Passage, Passages
from portal.grilles import contenu
from portal.grilles.autorisations import queries as autorisations
from portal.grilles.autorisations.enums import (
    LIBELLES_FINALITE,
    LIBELLES_MODE,
    LIBELLES_OBJET,
    LIBELLES_STATUT_AUTORISATION,
    DecisionAdulte,
    Finalite,
)
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.enums import Reponse
from portal.grilles.fin_de_vie import crochets
from portal.grilles.fin_de_vie.enums import LIBELLES_GENRE_DEMANDE, LIBELLES_STATUT_DEMANDE
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages import identites
from portal.grilles.menages.enums import LIBELLES_LECTURE, LIBELLES_STATUT_ACCES
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import AccesMenage, Adulte, LectureMenage, Menage
from portal.grilles.remplissage import queries as grilles
from portal.grilles.remplissage.enums import LIBELLES_STATUT_GRILLE
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.transmissions.enums import LIBELLES_ISSUE, LIBELLES_STATUT_TRANSMISSION, Issue
from portal.grilles.transmissions.models import Transmission
from portal.grilles.transmissions.nomenclatures import motifs
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.shared.clock import Clock

NON_RENSEIGNE = "non renseigné"
MOTS = {
    "oui": "oui",
    "non": "non",
    "en_cours": "en cours",
    "sans_objet": "sans objet",
    "autonome": "autonome",
    "ponctuel": "avec appui ponctuel",
    "regulier": "avec appui régulier",
}
DECISIONS = {DecisionAdulte.ACCORDE: "accord", DecisionAdulte.REFUSE: "refus"}

Paires = Iterable[tuple[str, str]]


def composer(session: Session, clock: Clock, menage: Menage) -> Document:
    """Return everything held about a household, as of now."""
    dire = _Dire(ZoneInfo(fuseau_de(menage.departement_code)))
    blocs = [
        *_menage(session, dire, menage),
        *_grilles(session, dire, menage),
        *_autorisations(session, dire, menage),
        *_transmissions(session, dire, menage),
        *_demandes(session, dire, menage),
        *_acces(session, dire, menage),
        *crochets.copies(session, clock, menage),
        *_lectures(session, dire, menage),
    ]
    return Document(
        titre="Vos données dans le portail des partenaires du SIAO",
        sous_titre=f"Ménage {menage.code}\nCopie faite le {dire.instant(clock.now())}",
        blocs=(_paragraphe(INTRODUCTION), *blocs),
        pied=f"Ménage {menage.code}",
    )


INTRODUCTION = (
    "Ce document réunit tout ce que le portail garde à votre sujet : qui vous êtes, votre grille d’accès au "
    "logement, vos autorisations, ce qui a été transmis et à qui, vos dossiers devant une commission, vos "
    "demandes, et qui a lu quoi. Vous pouvez faire corriger ou effacer ces données : demandez-le à la "
    "personne qui vous accompagne ou au SIAO."
)


class _Dire:
    """Says dates in the zone of the household's département."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def instant(self, quand: datetime | None) -> str:
        return f"{quand.astimezone(self.zone):%d/%m/%Y à %Hh%M}" if quand else ""

    @staticmethod
    def jour(quand: date | None) -> str:
        return f"{quand:%d/%m/%Y}" if quand else ""


def _menage(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    enfants = identites.composition(session, menage)
    vault = coffre(session)
    blocs = [
        _titre("Votre ménage"),
        _tableau(
            [
                ("Accompagné par", menage.referent.nom_complet),
                ("Organisme", menage.organisation.nom),
                ("Code", menage.code),
                ("Référence du SI SIAO", identites.reference_si_siao(session, menage)),
                ("Numéro de demande de logement social", identites.numero_unique(session, menage)),
                ("Enfants à charge", str(enfants.a_charge)),
                ("Enfants en visite ou en hébergement", str(enfants.en_visite)),
                ("Circuit protégé", "oui" if menage.protege else "non"),
                ("Enregistré le", dire.instant(menage.created_at)),
                ("Dernier contact", dire.jour(menage.dernier_contact_le)),
                ("Accompagnement terminé le", dire.jour(menage.clos_le)),
            ]
        ),
    ]
    for adulte in menage.adultes:
        identite = Identite.ouvrir(vault, adulte.identite)
        blocs.append(_sous_titre(_nom(adulte, identite)))
        blocs.append(
            _tableau(
                [
                    ("Nom", identite.nom if identite else "non gardé"),
                    ("Prénom", identite.prenom if identite else "non gardé"),
                    ("Né(e) le", dire.jour(identite.naissance) if identite else "non gardé"),
                    ("Représenté(e) par", identite.representant if identite else ""),
                    ("A quitté le ménage le", dire.jour(adulte.parti_le)),
                ]
            )
        )
    return blocs


def _nom(adulte: Adulte, identite: Identite | None) -> str:
    return identite.complet if identite else f"Adulte {adulte.rang}"


def _grilles(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    versions = session.scalars(
        select(GrilleAcces)
        .where(GrilleAcces.menage_id == menage.id)
        .options(selectinload(GrilleAcces.sections))
        .order_by(GrilleAcces.numero)
    ).all()
    blocs = []
    for grille in versions:
        blocs.append(_titre(f"Votre grille d’accès au logement, version {grille.numero}"))
        blocs.append(
            _tableau(
                [
                    ("État", LIBELLES_STATUT_GRILLE[grille.statut]),
                    ("Commencée par", grille.ouverte_par),
                    ("Commencée le", dire.instant(grille.created_at)),
                    ("Figée par", grille.figee_par),
                    ("Figée le", dire.instant(grille.figee_le)),
                    ("À renouveler le", dire.jour(grille.a_renouveler_le)),
                ]
            )
        )
        blocs += _reponses(session, grille)
        for remarque in autorisations.remarques(session, grille.id):
            blocs.append(_sous_titre(f"Votre remarque du {dire.instant(remarque.le)}"))
            blocs.append(_paragraphe(remarque.texte))
    return blocs


def _reponses(session: Session, grille: GrilleAcces) -> list[Bloc]:
    donnees = grilles.reponses(session, grille)
    blocs = []
    for section in grilles.modele(session, grille).sections:
        lignes = [
            (f"{item.libelle} – {champ.libelle}" if champ.libelle else item.libelle, mots)
            for item in section.items
            for champ in item.champs
            if (mots := _mots(champ, donnees.get(section.code, {}).get(item.code, {}).get(champ.code)))
        ]
        if lignes:
            blocs += [_sous_titre(f"{section.code}. {section.titre}"), _tableau(lignes)]
    return blocs


def _mots(champ: contenu.Champ, valeur: Any) -> str:
    """Say an answer in words; "" for none."""
    if valeur is None or valeur in ("", []):
        return ""
    choix = {one.code: one.libelle for one in champ.choix}
    if champ.reponse is Reponse.MONTANT and isinstance(valeur, int):
        return _euros(valeur)
    if champ.reponse is Reponse.DATE:
        return _Dire.jour(date.fromisoformat(valeur))
    if champ.reponse is Reponse.CALCUL and isinstance(valeur, dict):
        return _calcul(valeur)
    if isinstance(valeur, list):
        return ", ".join(choix.get(one, str(one)) for one in valeur)
    return choix.get(valeur) or MOTS.get(valeur, str(valeur))


def _calcul(valeur: dict[str, Any]) -> str:
    """Say a computed value with its formula and its day."""
    lu, unite = valeur.get("valeur"), valeur.get("unite")
    if not isinstance(lu, int):
        return ""
    dit = {"cents_par_uc": _euros(lu), "pour_mille": f"{lu / 10:.1f} %".replace(".", ",")}.get(
        str(unite), str(lu)
    )
    le = _Dire.jour(date.fromisoformat(valeur["le"])) if valeur.get("le") else ""
    suite = ", le ".join(part for part in (valeur.get("formule", ""), le) if part)
    return f"{dit} ({suite})" if suite else dit


def _euros(cents: int) -> str:
    return f"{cents / 100:,.2f} €".replace(",", " ").replace(".", ",")


def _autorisations(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    rows = autorisations.du_menage(session, menage)
    if not rows:
        return []
    blocs = [_titre("Vos autorisations")]
    noms = _noms(session, menage)
    for row in rows:
        blocs.append(_sous_titre(f"{LIBELLES_OBJET[row.objet]} : {row.destinataire}"))
        blocs.append(_tableau(_autorisation(dire, row)))
        blocs.append(
            _liste(
                ["Adulte", "Réponse", "Comment", "Quand", "Recueillie par", "Reprise le"],
                [_accord(dire, noms, accord) for accord in row.accords],
            )
        )
    return blocs


def _autorisation(dire: _Dire, row: Autorisation) -> list[tuple[str, str]]:
    finalites = {one.value: LIBELLES_FINALITE[one] for one in Finalite}
    return [
        ("État", LIBELLES_STATUT_AUTORISATION[row.statut]),
        ("Pour", finalites.get(row.finalite, row.finalite)),
        ("Version de la grille", str(row.grille.numero)),
        ("Parties de la grille", ", ".join(row.sections)),
        ("Réponses ajoutées à votre demande", ", ".join(row.champs)),
        ("Du", dire.jour(row.du)),
        ("Au", dire.jour(row.au)),
        ("Information donnée le", dire.instant(row.informe_le)),
        ("Information donnée par", row.informe_par),
        ("Fermée le", dire.instant(row.fermee_le)),
    ]


def _accord(dire: _Dire, noms: dict[int, str], accord: AccordAdulte) -> list[str]:
    return [
        noms.get(accord.adulte_id, ""),
        DECISIONS[accord.decision] if accord.decision else "attendue",
        LIBELLES_MODE[accord.mode] if accord.mode else "",
        dire.instant(accord.repondu_le),
        accord.recueilli_par,
        dire.instant(accord.retire_le),
    ]


def _noms(session: Session, menage: Menage) -> dict[int, str]:
    vault = coffre(session)
    return {one.id: _nom(one, Identite.ouvrir(vault, one.identite)) for one in menage.adultes}


def _transmissions(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    rows = session.scalars(
        select(Transmission)
        .where(Transmission.menage_id == menage.id)
        .options(selectinload(Transmission.suites), selectinload(Transmission.organisation))
        .order_by(Transmission.id)
    ).all()
    if not rows:
        return []
    vault, blocs = coffre(session), [_titre("Ce qui a été transmis")]
    for row in rows:
        blocs.append(_sous_titre(f"À {row.organisation.nom}, le {dire.instant(row.envoyee_le)}"))
        blocs.append(
            _tableau(
                [
                    ("Envoyé par", row.envoyee_par),
                    ("État", LIBELLES_STATUT_TRANSMISSION[row.statut]),
                    ("Reçu le", dire.instant(row.recue_le)),
                    ("Empreinte de ce qui est parti", row.empreinte),
                ]
            )
        )
        blocs += _parti(vault.ouvrir(row.contenu))
        blocs.append(
            _liste(
                ["Suite", "Quand", "Par", "Précisions"],
                [
                    [
                        LIBELLES_STATUT_TRANSMISSION[suite.statut],
                        dire.instant(suite.le),
                        suite.par,
                        _precisions(vault.ouvrir(suite.detail)) if suite.detail else "",
                    ]
                    for suite in row.suites
                ],
            )
        )
    return blocs


def _parti(sortie: dict[str, Any]) -> list[Bloc]:
    """Say which questions left: their answers are above, in the version that was signed."""
    lignes = [
        (section["titre"], ", ".join(item["libelle"] for item in section["items"]))
        for section in sortie.get("sections", ())
    ]
    return [_tableau(lignes)]


def _demandes(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    rows = session.scalars(
        select(DemandeMenage).where(DemandeMenage.menage_id == menage.id).order_by(DemandeMenage.id)
    ).all()
    vault = coffre(session)
    return _rubrique(
        "Vos demandes sur vos données",
        ["Demande", "Reçue le", "Où elle en est", "Ce que vous avez dit", "Ce qui a été répondu"],
        [
            [
                LIBELLES_GENRE_DEMANDE[row.genre],
                dire.jour(row.recue_le),
                LIBELLES_STATUT_DEMANDE[row.statut],
                vault.ouvrir(row.detail) if row.detail else "",
                vault.ouvrir(row.reponse) if row.reponse else "",
            ]
            for row in rows
        ],
    )


def _acces(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    rows = session.execute(
        select(AccesMenage, Organisation.nom)
        .join(Organisation, Organisation.id == AccesMenage.organisation_id)
        .where(AccesMenage.menage_id == menage.id)
        .order_by(AccesMenage.id)
    ).all()
    vault = coffre(session)
    return _rubrique(
        "Accès demandés par d’autres professionnels",
        ["Organisme", "Demandé le", "Réponse", "Jusqu’au", "Motif donné"],
        [
            [
                organisation,
                dire.instant(row.created_at),
                LIBELLES_STATUT_ACCES[row.statut],
                dire.instant(row.jusqu_au),
                vault.ouvrir(row.motif),
            ]
            for row, organisation in rows
        ],
    )


def _lectures(session: Session, dire: _Dire, menage: Menage) -> list[Bloc]:
    rows = session.execute(
        select(LectureMenage.le, LectureMenage.lecteur, LectureMenage.quoi)
        .where(LectureMenage.menage_id == menage.id)
        .order_by(LectureMenage.id)
    ).all()
    return _rubrique(
        "Qui a lu vos données",
        ["Quand", "Qui", "Quoi"],
        [[dire.instant(row.le), row.lecteur, LIBELLES_LECTURE.get(row.quoi, row.quoi)] for row in rows],
    )


def _rubrique(titre: str, entetes: Sequence[str], lignes: Sequence[Sequence[str]]) -> list[Bloc]:
    return [_titre(titre), _liste(entetes, lignes)] if lignes else []


MOTS_SUITE = {"jour": "jour", "issue": "décision", "motif": "motif", "precision": "précision", "rang": "rang"}


def _precisions(detail: dict[str, Any]) -> str:
    """Say what a step holds, codes in words."""
    dits = dict(detail)
    if detail.get("motif") in motifs():
        dits["motif"] = motifs()[detail["motif"]].libelle.en_langue("fr")
    if "issue" in detail:
        dits["issue"] = LIBELLES_ISSUE[Issue(detail["issue"])]
    if "jour" in detail:
        dits["jour"] = _Dire.jour(date.fromisoformat(detail["jour"]))
    return _plat({MOTS_SUITE.get(nom, nom): valeur for nom, valeur in dits.items()})


def _plat(valeur: Any) -> str:
    """Say what a step holds: « jour : 12/03/2026 ; … »."""
    if isinstance(valeur, dict):
        return " ; ".join(f"{nom} : {_plat(one)}" for nom, one in valeur.items() if one not in (None, ""))
    return ", ".join(_plat(one) for one in valeur) if isinstance(valeur, list) else str(valeur)


def _titre(texte: str) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=1)


def _sous_titre(texte: str) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=2)


def _paragraphe(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))


def _tableau(paires: Paires) -> Bloc:
    """Return label and value, side by side; what is not known is said."""
    lignes = [("Ce qui est gardé", "Valeur"), *((nom, valeur or NON_RENSEIGNE) for nom, valeur in paires)]
    return Bloc(Genre.TABLEAU, lignes=tuple(_ligne(ligne) for ligne in lignes))


def _liste(entetes: Sequence[str], lignes: Sequence[Sequence[str]]) -> Bloc:
    return Bloc(Genre.TABLEAU, lignes=tuple(_ligne(ligne) for ligne in (entetes, *lignes)))


def _ligne(cellules: Sequence[str]) -> tuple[Passages, ...]:
    return tuple((Passage(cellule),) if cellule else () for cellule in cellules)
