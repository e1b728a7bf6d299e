"""The form and the signatories of a text where one legal person carries the SIAO and the operator.

The département says how it is done there; the State may choose otherwise for one convention, from the
negotiation on and until the text is frozen. Whatever the form, the two teams stay apart: it says who signs,
never who reads or negotiates (domaine.md § 10.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import charger
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.redaction.ecriture import suivant
from portal.conventions.redaction.enums import FormeSignature
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature.canonique import SIGNATURE
from portal.conventions.signature.models import TexteFige
from portal.conventions.signature.parametres import FORME, LETTRE, MEME_SIGNATAIRE, OUI
from portal.conventions.signature.regles import meme_personne_morale
from portal.organisations.parametres import values
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

NEGOCIEES = frozenset({Statut.EN_NEGOCIATION, Statut.ACCORD_DE_PRINCIPE})
"""States in which the form may be chosen."""


@dataclass(frozen=True)
class Choix:
    """How a text is signed. `departement`: the département's rule; `propre`: it was chosen for this text."""

    forme: FormeSignature
    departement: FormeSignature
    propre: bool


def meme_personne(ligne: Convention) -> bool:
    """Tell whether one legal person carries the SIAO and the operator of a line."""
    return meme_personne_morale(ligne.operateur.siren, ligne.siao.siren)


def forme_de(session: Session, ligne: Convention, fige: TexteFige | None = None) -> FormeSignature | None:
    """Return how a line is signed, None when the SIAO and the operator are two legal persons.

    A frozen text is signed as it was to be on that day, whatever the département or the register says since.
    `fige`: that of an avenant, whose form is its own.
    """
    texte = session.get(ConventionTexte, ligne.id)
    contenu = fige.contenu if fige is not None else texte.contenu_fige if texte is not None else None
    figee = forme_figee(contenu)
    if figee is None and meme_personne(ligne):
        return choix(session, ligne.departement_code, texte.forme if texte is not None else None).forme
    return FormeSignature(figee) if figee else None


def forme_figee(contenu: Mapping[str, Any] | None) -> str | None:
    """Return the form that the content of a frozen text says: empty when two legal persons sign, None when it
    says nothing."""
    figee = (contenu or {}).get(SIGNATURE)
    return (figee["forme"] or "") if figee is not None else None


def choix(session: Session, departement_code: str, voulue: FormeSignature | None) -> Choix:
    """Return the form of a text and where it comes from; `voulue`: what the text says itself."""
    return choix_selon(values(session, departement_code, FORME, MEME_SIGNATAIRE), voulue)


def choix_selon(regle: Mapping[str, str], voulue: FormeSignature | None) -> Choix:
    """Return the same from what the département says, by key of parameter."""
    usage = FormeSignature.DEUX_SIGNATAIRES
    if regle[FORME.key] == LETTRE:
        usage = FormeSignature.LETTRE
    elif regle[MEME_SIGNATAIRE.key] == OUI:
        usage = FormeSignature.MEME_SIGNATAIRE
    return Choix(voulue or usage, usage, voulue is not None)


def choix_de(session: Session, lu: Texte) -> Choix | None:
    """Return the form of a text that was read, None when nothing is to be chosen: two legal persons sign."""
    if lu.forme_figee == "" or (lu.forme_figee is None and not lu.entete.meme_personne):
        return None
    trouve = choix(session, lu.entete.departement_code, lu.forme)
    return replace(trouve, forme=FormeSignature(lu.forme_figee)) if lu.forme_figee else trouve


def choisir(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, forme: FormeSignature | None
) -> Convention:
    """Choose the form of a text that is not frozen yet; None: the département's.

    `version`: of the text. Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.REDACTION_FORME)
    texte = session.get(ConventionTexte, ligne.id, with_for_update=True, populate_existing=True)
    if texte is None:
        raise NotVisible(ref)
    if texte.version != version:
        raise StaleVersion(texte)
    if not meme_personne(ligne):
        raise DomainError("redaction.personnes_distinctes", "forme")
    if texte.fige_le is not None:
        raise DomainError("redaction.forme_figee", "forme")
    if ligne.statut not in NEGOCIEES:
        raise DomainError("redaction.forme_etat", "forme", etat=ligne.statut)
    if forme is texte.forme:
        return ligne
    changes = {"forme": [une.value if une is not None else None for une in (texte.forme, forme)]}
    texte.forme, texte.updated_at = forme, clock.now()
    session.flush()
    suivant(session, texte)
    record(session, clock, actor, "conventions:texte:forme", ligne, changes=changes)
    return ligne
