"""Freezing a text, checking it, and making it void: what every signature of it depends on."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.modeles.queries import adopte
from portal.conventions.models import Convention
from portal.conventions.redaction import annuaire, fournies
from portal.conventions.redaction.forme import forme_de
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.queries import Texte, texte_compose
from portal.conventions.signature import avis
from portal.conventions.signature.canonique import SIGNATURE, clauses_seules, empreinte
from portal.conventions.signature.circuit import regles_de
from portal.conventions.signature.composer import clauses, contenu
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

MOTIF = 500


def courant(session: Session, convention_id: int) -> TexteFige | None:
    """Return the frozen text of a line that is in signature or signed, None when there is none."""
    return session.scalar(
        select(TexteFige).where(
            TexteFige.convention_id == convention_id,
            TexteFige.avenant_id.is_(None),
            TexteFige.annule_le.is_(None),
        )
    )


def modele_adopte(session: Session, lu: Texte) -> bool:
    """Tell whether the département has adopted the models that a text is written on."""
    version = session.get_one(VersionDepartementale, lu.socle.version_id)
    return adopte(session, lu.entete.departement_code, [version.general_id, version.simplifie_id])


def verifier(session: Session, ligne: Convention) -> None:
    """Refuse to freeze a text that is not agreed, on a model not adopted, or whose dates contradict."""
    lu = texte_compose(session, ligne)
    ouvertes = [lue.titre for lue in lu.ouvertes]
    if ouvertes:
        raise DomainError("redaction.clauses_ouvertes", clauses=ouvertes[:5])
    if not modele_adopte(session, lu):
        raise DomainError("signature.modele_non_adopte")
    effet, fin = (lu.valeurs.get(("10.1", nom), "") for nom in ("date_effet", "date_fin"))
    if effet and fin and fin < effet:
        raise DomainError("signature.echeances", effet=effet, fin=fin)


def figer(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, texte: ConventionTexte
) -> TexteFige:
    """Freeze the text of a line as it stands: canonical content, fingerprint, instant."""
    lu = annuaire.completer(session, clock, texte_compose(session, ligne))
    fait = contenu(session, ligne, lu)
    fige = nouveau(session, clock, actor, ligne, fait)
    # The text's own columns say that it is frozen to whoever would change it; the row above outlives them.
    texte.fige_le, texte.empreinte, texte.contenu_fige = fige.fige_le, fige.empreinte, fige.contenu
    texte.natures_figees = sorted(nature.nature_code for nature in ligne.natures)
    texte.annuaire_fige = fournies.ecrire(lu.annuaire)
    texte.updated_at = clock.now()
    session.flush()
    record(
        session,
        clock,
        actor,
        "conventions:texte:figer",
        ligne,
        changes={"texte": fige.numero, "empreinte": [None, fige.empreinte]},
    )
    return fige


def nouveau(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    fait: dict[str, Any],
    avenant_id: int | None = None,
) -> TexteFige:
    """Write a frozen content, of the convention or of one of its avenants, under the line's next number.

    Its form and the order of its signatories are frozen with it: rules that change later change neither who
    has still to sign nor where signatures stand in its files.
    """
    forme, (ordre, _lettre) = forme_de(session, ligne), regles_de(session, ligne)
    fait = fait | {
        SIGNATURE: {
            "forme": forme.value if forme is not None else "",
            "ordre": [partie.value for partie in ordre or Partie],
            "libre": ordre is None,
        }
    }
    numero = session.scalar(select(func.max(TexteFige.numero)).where(TexteFige.convention_id == ligne.id))
    fige = TexteFige(
        convention_id=ligne.id,
        avenant_id=avenant_id,
        numero=(numero or 0) + 1,
        empreinte=empreinte(fait),
        contenu=fait,
        fige_le=clock.now(),
        fige_par=auteur(actor),
    )
    session.add(fige)
    session.flush()
    return fige


def verifier_intact(session: Session, ligne: Convention, fige: TexteFige) -> None:
    """Refuse to sign when the stored content, the clauses or the parties are no longer what was frozen."""
    if empreinte(fige.contenu) != fige.empreinte:
        raise DomainError("signature.texte_altere")
    presentes = [
        (clause["code"], clause["titres"], clause["blocs"])
        for clause in clauses(texte_compose(session, ligne))
    ]
    organisations = {"operateur": ligne.operateur, "siao": ligne.siao, "etat": ligne.etat}
    dites = {partie: dite["ref"] for partie, dite in fige.contenu["parties"].items()}
    if dites != {partie: organisation.ref for partie, organisation in organisations.items()}:
        raise DomainError("signature.texte_altere")
    if presentes != clauses_seules(fige.contenu):
        raise DomainError("signature.texte_altere")


def annuler(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, motif: str
) -> tuple[TexteFige, list[Partie]] | None:
    """Make the frozen text of a line void, with the signatures given; return it, and whose they were."""
    fige = courant(session, ligne.id)
    if fige is None:
        return None
    signees = list(
        session.scalars(
            select(ActeSignature.partie)
            .where(ActeSignature.texte_fige_id == fige.id)
            .order_by(ActeSignature.id)
        )
    )
    fige.annule_le, fige.annule_par, fige.annule_motif = clock.now(), auteur(actor), motif[:MOTIF]
    texte = session.get(ConventionTexte, ligne.id)
    if texte is not None:
        texte.fige_le, texte.empreinte, texte.contenu_fige = None, "", None
        texte.natures_figees = texte.annuaire_fige = None
        texte.updated_at = clock.now()
    session.flush()
    changes: dict[str, Any] = {
        "texte": fige.numero,
        "empreinte": [fige.empreinte, None],
        "signatures": [[partie.value for partie in signees], []],
        "raison": motif,
    }
    record(session, clock, actor, "conventions:texte:annuler", ligne, changes=changes)
    return fige, signees


def rouvrir(session: Session, clock: Clock, actor: Actor, ligne: Convention, motif: str) -> None:
    """Make the frozen text void and say so to everyone."""
    fait = annuler(session, clock, actor, ligne, motif)
    if fait is not None:
        avis.annulees(session, clock, actor, ligne, fait[1], motif)
