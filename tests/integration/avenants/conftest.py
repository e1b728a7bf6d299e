"""A convention signed in the portal by its three parties, and what to renew it on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.conventions.avenants import figer, queries, service
from portal.conventions.avenants import negociation as clauses
from portal.conventions.avenants import signature as signature_avenant
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Article, Clause, Modele, Parametre, TypeParametre
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature.models import ActeSignature
from portal.documents.texte import Couleur
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.integration.redaction.conftest import ETAPES, Negociation, negociation
from tests.integration.signature.conftest import QUALITES, Signature, accord, signature
from tests.textes import modele

__all__ = ["accord", "negociation", "signature"]

DUREE = Article(
    "10",
    "Durée",
    (
        Clause(
            "10.1",
            "Durée",
            Couleur.JAUNE,
            "La convention prend effet le {{date_effet}}, jusqu’au {{date_fin}}.",
            (
                Parametre(
                    "date_effet", "Prise d’effet", Couleur.JAUNE, TypeParametre.DATE, obligatoire=False
                ),
                Parametre("date_fin", "Fin", Couleur.JAUNE, TypeParametre.DATE, obligatoire=False),
            ),
        ),
        Clause(
            "10.3",
            "Résiliation",
            Couleur.FIXE,
            "Le préavis est de {{preavis_resiliation_mois}}.",
            (
                Parametre(
                    "preavis_resiliation_mois",
                    "Préavis",
                    Couleur.VERTE,
                    TypeParametre.NOMBRE,
                    defaut="2",
                    unite="mois",
                    minimum=1,
                    maximum=6,
                ),
            ),
        ),
    ),
)


def modele_date() -> Modele:
    """Return the small model with its article on duration."""
    return modele(plus=(DUREE,))


def _signer(negociation: Negociation) -> None:
    for partie in Partie:
        Signature(negociation).signer(partie)


ETAPES["signee"] = _signer


@pytest.fixture
def signee(signature: Signature) -> Signature:
    """A line signed on line by the three parties."""
    return signature


@dataclass
class Avenue:
    """A signed convention, its avenants, and shortcuts."""

    signee: Signature
    avenant: Avenant | None = None

    @property
    def session(self) -> Session:
        return self.signee.session

    @property
    def ligne(self) -> Convention:
        return self.signee.ligne

    @property
    def clock(self) -> FixedClock:
        return self.signee.nego.clock

    @property
    def voix(self) -> dict[Partie, Actor]:
        return self.signee.nego.voix

    @property
    def jour(self) -> date:
        return self.clock.today("Europe/Paris")

    @property
    def courant(self) -> Avenant:
        assert self.avenant is not None
        return self.avenant

    def ouvrir(self, *codes: str, **plus: Any) -> Avenant:
        self.avenant = service.ouvrir(
            self.session,
            self.clock,
            self.voix[Partie.SIAO],
            self.ligne.ref,
            objet=plus.pop("objet", "Rythme de l’évaluation"),
            codes=codes,
            **plus,
        )
        return self.avenant

    def lire(self, partie: Partie = Partie.SIAO) -> queries.Lu:
        return queries.lire(self.session, self.clock, self.voix[partie], self.ligne.ref, self.courant.ref)

    def ecrire(
        self, partie: Partie, code: str, motif: str = "", version: int | None = None, **valeurs: str
    ) -> None:
        texte = valeurs.pop("texte", None)
        clauses.ecrire(
            self.session,
            self.clock,
            self.voix[partie],
            self.ligne.ref,
            self.courant.ref,
            code,
            self._version(code) if version is None else version,
            texte=texte,
            valeurs=valeurs,
            motif=motif,
        )

    def dire(self, partie: Partie, code: str, position: Position, motif: str = "") -> None:
        clauses.prendre_position(
            self.session,
            self.clock,
            self.voix[partie],
            self.ligne.ref,
            self.courant.ref,
            code,
            self._version(code),
            position=position,
            motif=motif,
        )

    def _version(self, code: str) -> int:
        return next(clause.version for clause in self.courant.clauses if clause.code == code)

    def accorder(self) -> None:
        """Have each party accept every clause."""
        for clause in list(self.courant.clauses):
            for partie in Partie:
                self.dire(partie, clause.code, Position.ACCEPTEE)

    def avancer(self, transition: str, partie: Partie = Partie.SIAO, motif: str = "") -> None:
        service.avancer(
            self.session,
            self.clock,
            self.voix[partie],
            self.ligne.ref,
            self.courant.ref,
            self.courant.version,
            transition,
            motif=motif,
        )

    def en_signature(self) -> Avenant:
        """Open an avenant of one value, agree on it and freeze it."""
        avenant = self.ouvrir("5.2")
        self.ecrire(Partie.SIAO, "5.2", freq_eval_mois="4")
        self.amener(avenant, StatutAvenant.EN_SIGNATURE)
        return avenant

    def amener(self, avenant: Avenant, statut: StatutAvenant) -> None:
        """Bring an avenant to a stage."""
        if statut is not StatutAvenant.PROJET and avenant.statut is StatutAvenant.PROJET:
            self.avancer("negocier")
        if statut is StatutAvenant.EN_SIGNATURE and avenant.statut is StatutAvenant.EN_NEGOCIATION:
            self.accorder()
        if statut is StatutAvenant.EN_NEGOCIATION:
            self.accorder()
        if statut is StatutAvenant.EN_SIGNATURE and avenant.statut is StatutAvenant.EN_NEGOCIATION:
            self.avancer("figer")

    def empreinte(self) -> str:
        fige = figer.courant_de(self.session, self.courant.id)
        assert fige is not None
        return fige.empreinte

    def signer(self, partie: Partie, empreinte: str | None = None) -> ActeSignature:
        return signature_avenant.signer(
            self.session,
            self.clock,
            self.voix[partie],
            self.ligne.ref,
            self.courant.ref,
            self.empreinte() if empreinte is None else empreinte,
            qualite=QUALITES[partie],
        )

    def signe(self, effet: date | None = None, **valeurs: str) -> Avenant:
        """Make an avenant signed by the three parties."""
        avenant = self.ouvrir("5.2", date_effet=effet)
        self.ecrire(Partie.SIAO, "5.2", "", None, **valeurs)
        self.amener(avenant, StatutAvenant.EN_SIGNATURE)
        for partie in Partie:
            self.signer(partie)
        return avenant

    def consolide(self, jour: date | None = None) -> Texte:
        return consolide(self.session, self.ligne, jour).texte


@pytest.fixture
def avenue(signee: Signature) -> Avenue:
    return Avenue(signee)
