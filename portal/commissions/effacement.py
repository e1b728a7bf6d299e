"""A household and the commissions: what the copy of its data tells of its dossiers."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.enums_dossiers import (
    LIBELLES_AVIS,
    LIBELLES_DECISION,
    LIBELLES_DEPORT,
    LIBELLES_DOSSIER,
    LIBELLES_ISSUE,
    LIBELLES_PIECE,
    LIBELLES_PRESCRIPTION,
    EtatPiece,
)
from portal.commissions.models_decisions import Decision, Prescription, Recours
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport
from portal.commissions.suites_seance.contenu import libelle_decision, libelle_prescription
from portal.conventions.jours import fuseau_de
from portal.documents.texte import Bloc, Genre, Passage
from portal.grilles.fin_de_vie.crochets import on_copie
from portal.grilles.menages.models import Menage
from portal.security.coffre import coffre
from portal.shared.clock import Clock


@on_copie
def copier(session: Session, _clock: Clock, menage: Menage) -> Sequence[Bloc]:
    """Return what is kept of the household's dossiers: what was asked, said, decided, appealed against.

    Nobody's voice is in it, nor the marks that a member made for themself.
    """
    dossiers = session.scalars(
        select(Dossier)
        .where(Dossier.menage_id == menage.id)
        .options(joinedload(Dossier.commission), joinedload(Dossier.organisation))
        .order_by(Dossier.id)
    ).all()
    if not dossiers:
        return []
    dire = _Dire(session, ZoneInfo(fuseau_de(menage.departement_code)))
    blocs = [_titre("Vos dossiers devant une commission", 1)]
    for dossier in dossiers:
        blocs += dire.dossier(dossier)
    return blocs


class _Dire:
    """Says what a dossier holds, in the zone of its département."""

    def __init__(self, session: Session, zone: ZoneInfo) -> None:
        self.session, self.zone, self.vault = session, zone, coffre(session)

    def instant(self, quand: datetime | None) -> str:
        return f"{quand.astimezone(self.zone):%d/%m/%Y à %Hh%M}" if quand else ""

    def texte(self, ferme: str) -> str:
        return str(self.vault.ouvrir(ferme)) if ferme else ""

    def dossier(self, dossier: Dossier) -> list[Bloc]:
        presentation = self.vault.ouvrir(dossier.presentation)
        motif = motifs().get(dossier.motif_demande)
        blocs = [
            _titre(f"{dossier.commission.nom}, dossier {dossier.code}", 2),
            _tableau(
                ("Ce qui est gardé", "Valeur"),
                [
                    ("Présenté par", dossier.organisation.nom),
                    ("État", LIBELLES_DOSSIER[dossier.statut]),
                    ("Déposé le", self.instant(dossier.depose_le)),
                    ("Motif de la demande", motif.libelle.fr if motif else ""),
                    ("Votre situation", presentation.get("situation", "")),
                    ("Ce qui est demandé", presentation.get("demande", "")),
                    ("Ce qu’il manquait", self.texte(dossier.manques)),
                    *(
                        (f"Pièce : {nom}", LIBELLES_PIECE[EtatPiece(etat)])
                        for nom, etat in sorted(dossier.pieces.items())
                    ),
                ],
            ),
        ]
        avis = self.session.scalars(
            select(DossierAvis)
            .where(DossierAvis.dossier_id == dossier.id)
            .options(joinedload(DossierAvis.organisation))
            .order_by(DossierAvis.id)
        ).all()
        if avis:
            lignes = [
                (one.organisation.nom, LIBELLES_AVIS[one.sens], self.instant(one.le), self.texte(one.motif))
                for one in avis
            ]
            blocs.append(_tableau(("Avis de", "Avis", "Donné le", "Pourquoi"), lignes))
        deports = self.session.scalars(
            select(DossierDeport)
            .where(DossierDeport.dossier_id == dossier.id)
            .options(joinedload(DossierDeport.organisation))
            .order_by(DossierDeport.id)
        ).all()
        if deports:
            retires = [
                (one.organisation.nom, LIBELLES_DEPORT[one.motif], self.instant(one.le)) for one in deports
            ]
            blocs.append(_tableau(("Ne vote pas", "Pourquoi", "Depuis le"), retires))
        return blocs + self.decisions(dossier)

    def decisions(self, dossier: Dossier) -> list[Bloc]:
        rows = self.session.scalars(
            select(Decision)
            .where(Decision.dossier_id == dossier.id)
            .options(selectinload(Decision.prescriptions).joinedload(Prescription.porteur))
            .order_by(Decision.id)
        ).all()
        recours = {
            one.decision_id: one
            for one in self.session.scalars(
                select(Recours).where(Recours.decision_id.in_([row.id for row in rows])).order_by(Recours.id)
            )
        }
        return [
            _tableau(
                ("Décision", libelle_decision(row.code) if row.code else ""),
                [
                    ("Où elle en est", LIBELLES_DECISION[row.statut]),
                    ("Prise le", self.instant(row.prise_le)),
                    ("Pourquoi", self.texte(row.motif)),
                    ("Conditions", self.texte(row.conditions)),
                    ("Ce que vous avez dit", self.texte(row.expression)),
                    *(("Prescription", self.prescription(one)) for one in row.prescriptions),
                    *(self.recours(recours[row.id]) if row.id in recours else ()),
                ],
            )
            for row in rows
        ]

    def prescription(self, one: Prescription) -> str:
        dits = [
            libelle_prescription(one.code),
            one.porteur.nom if one.porteur else "",
            self.texte(one.precision),
            f"avant le {one.echeance:%d/%m/%Y}" if one.echeance else "",
            LIBELLES_PRESCRIPTION[one.statut],
        ]
        return ", ".join(dit for dit in dits if dit)

    def recours(self, one: Recours) -> list[tuple[str, str]]:
        return [
            ("Recours formé le", self.instant(one.forme_le)),
            ("Motif du recours", self.texte(one.motif)),
            ("Éléments nouveaux", self.texte(one.elements)),
            ("Issue du recours", LIBELLES_ISSUE[one.issue] if one.issue else "attendue"),
            ("Réponse au recours", self.texte(one.reponse)),
        ]


def _titre(texte: str, niveau: int) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau=niveau)


def _tableau(entetes: Sequence[str], lignes: Sequence[Sequence[str]]) -> Bloc:
    """Return a table; of label and value, those that are said alone."""
    dites = [ligne for ligne in lignes if len(ligne) > 2 or ligne[1]]
    return Bloc(
        Genre.TABLEAU,
        lignes=tuple(
            tuple((Passage(cellule),) if cellule else () for cellule in ligne) for ligne in (entetes, *dites)
        ),
    )
