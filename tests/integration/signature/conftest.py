"""A line whose three parties agree on every clause, up to its signature."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import service as lignes
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.signature import service
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.documents.models import Fichier, StatutFichier
from portal.notifications.models import MessageSortant
from tests.factories import INSTANT
from tests.integration.redaction.conftest import ETAPES, Negociation, negociation

__all__ = ["negociation"]

QUALITES = {Partie.OPERATEUR: "Directrice générale", Partie.SIAO: "Directeur", Partie.ETAT: "Préfète"}


@dataclass
class Signature:
    """A text in signature, and shortcuts."""

    nego: Negociation
    messages: list[int] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.nego.session

    @property
    def ligne(self) -> Convention:
        return self.nego.ligne

    def avancer(self, transition: str, partie: Partie = Partie.SIAO, motif: str = "") -> None:
        lignes.avancer(
            self.session,
            self.nego.clock,
            self.nego.voix[partie],
            self.ligne.ref,
            self.ligne.version,
            transition,
            motif=motif,
        )

    def fige(self) -> TexteFige:
        trouve = self.session.scalar(
            select(TexteFige).where(
                TexteFige.convention_id == self.ligne.id,
                TexteFige.avenant_id.is_(None),
                TexteFige.annule_le.is_(None),
            )
        )
        assert trouve is not None
        return trouve

    def signer(self, partie: Partie, empreinte: str | None = None, **plus: Any) -> ActeSignature:
        return service.signer(
            self.session,
            self.nego.clock,
            plus.pop("actor", self.nego.voix[partie]),
            self.ligne.ref,
            self.fige().empreinte if empreinte is None else empreinte,
            qualite=plus.pop("qualite", QUALITES[partie]),
            **plus,
        )

    def fichier(self, nom: str = "signe.pdf") -> int:
        ligne = Fichier(
            nom=nom,
            chemin=f"ab/{nom}",
            type_mime="application/pdf",
            taille=4,
            sha256="0" * 64,
            statut=StatutFichier.SAIN,
            depose_le=INSTANT,
        )
        self.session.add(ligne)
        self.session.flush()
        return ligne.id

    def oublier(self) -> None:
        """Forget the messages written until now."""
        self.messages = list(self.session.scalars(select(MessageSortant.id)))

    def ecrits(self) -> list[MessageSortant]:
        """Return the messages written since."""
        return list(
            self.session.scalars(
                select(MessageSortant)
                .where(MessageSortant.id.not_in(self.messages))
                .order_by(MessageSortant.id)
            )
        )


def _accorder(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.accorder_tout()
    Signature(negociation).avancer("accorder")


ETAPES["accord"] = _accorder
ETAPES["signature"] = lambda negociation: Signature(negociation).avancer("mettre_en_signature")


@pytest.fixture
def accord(negociation: Negociation) -> Signature:
    """A line « accord de principe »."""
    return Signature(negociation)


@pytest.fixture
def signature(accord: Signature) -> Signature:
    """A line whose text is frozen."""
    accord.oublier()
    return accord
