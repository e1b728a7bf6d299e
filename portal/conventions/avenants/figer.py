"""Freezing an avenant: its canonical content, its fingerprint, and what makes it void."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.avenants.composition import Composee, Modification, Sort
from portal.conventions.avenants.ecriture import noter, signes
from portal.conventions.avenants.models import Avenant
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.texte import blocs_correspondance, titre_article
from portal.conventions.models import Convention
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature.annexes import recueillir
from portal.conventions.signature.canonique import FORMAT, ecrire_blocs, empreinte
from portal.conventions.signature.composer import parties
from portal.conventions.signature.figer import MOTIF, courant, modele_adopte, nouveau
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.documents.texte import Bloc, Genre, Passage
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.jours_dits import jour_dit

ANNEXE = "ANN"


def courant_de(session: Session, avenant_id: int) -> TexteFige | None:
    """Return the frozen text of an avenant in signature or signed, None when there is none."""
    return session.scalar(
        select(TexteFige).where(TexteFige.avenant_id == avenant_id, TexteFige.annule_le.is_(None))
    )


def figer(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, composee: Composee
) -> TexteFige:
    """Freeze an avenant as it stands. Raises DomainError when the model is not adopted."""
    if not modele_adopte(session, composee.apres):
        raise DomainError("signature.modele_non_adopte")
    fige = nouveau(session, clock, actor, ligne, contenu(session, ligne, avenant, composee), avenant.id)
    faits = {"texte": fige.numero, "empreinte": [None, fige.empreinte]}
    noter(session, clock, actor, ligne, avenant, "avenant:figer", faits)
    return fige


def contenu(session: Session, ligne: Convention, avenant: Avenant, composee: Composee) -> dict[str, Any]:
    """Return the whole content of an avenant, in the form that is frozen and that documents are made from."""
    base = courant(session, ligne.id)
    precedents = [texte for une in signes(session, ligne.id) if (texte := courant_de(session, une.id))]
    return {
        "format": FORMAT,
        "convention": ligne.ref,
        "avenant": avenant.numero,
        "titre": f"Avenant n° {avenant.numero} à la convention tripartite de partenariat",
        "objet": avenant.objet,
        "version_departementale": composee.apres.socle.numero,
        "parties": parties(ligne),
        "date_effet": avenant.date_effet.isoformat() if avenant.date_effet else "",
        "natures": {"ajoutees": avenant.natures_ajoutees, "retirees": avenant.natures_retirees},
        "modifie": [une.empreinte for une in (base, *precedents) if une is not None],
        "modifications": modifications(avenant),
        "clauses": [_preambule(ligne, avenant), *_clauses(session, ligne, avenant, composee), _cloture()],
        "correspondance": (
            ecrire_blocs(blocs_correspondance(composee.apres.composition))
            if composee.avant.composition.numeros != composee.apres.composition.numeros
            else []
        ),
    }


def modifications(avenant: Avenant) -> dict[str, dict[str, Any]]:
    """Return what is written in each clause, as the consolidated text takes it."""
    return {
        clause.code: {"texte": clause.texte, "valeurs": dict(clause.valeurs)}
        for clause in sorted(avenant.clauses, key=lambda clause: clause.code)
    }


def _clauses(
    session: Session, ligne: Convention, avenant: Avenant, composee: Composee
) -> list[dict[str, Any]]:
    rangs = composee.ordre
    lues = [
        modification
        for clause in sorted(avenant.clauses, key=lambda clause: rangs.get(clause.code, len(rangs)))
        if (modification := composee.modification(clause.code)) is not None
    ]
    annexes = any(une.code.startswith(ANNEXE) for une in lues)
    recueil = recueillir(session, ligne, composee.apres) if annexes else None
    return [
        {
            "code": une.code,
            "titres": ecrire_blocs([_titre(_phrase(une, composee), 1)]),
            "blocs": ecrire_blocs(_avant_apres(une)),
            "annexe": ecrire_blocs(recueil.annexe(une.code, composee.apres.valeurs)) if recueil else [],
        }
        for une in lues
    ]


def _phrase(une: Modification, composee: Composee) -> str:
    suite = {
        Sort.MODIFIEE: "est modifiée",
        Sort.AJOUTEE: "est ajoutée",
        Sort.SUPPRIMEE: "est supprimée",
    }[une.sort]
    if une.lue.retenue.seule:
        return f"{_article(composee.apres if une.apres else composee.avant, une.code)} : la rédaction {suite}"
    return f"{une.titre} : la clause {suite}"


def _article(texte: Texte, code: str) -> str:
    article = next((une for une in texte.composition.articles if une.code == code), None)
    return titre_article(article) if article is not None else code


def _avant_apres(une: Modification) -> list[Bloc]:
    blocs: list[Bloc] = []
    if une.avant is not None:
        blocs += [_titre("Rédaction en vigueur", 2), *une.blocs_avant]
    if une.apres is not None:
        blocs += [_titre("Nouvelle rédaction", 2), *une.blocs_apres]
    return blocs


def _prise_d_effet(ligne: Convention, avenant: Avenant) -> str:
    """Return when an avenant takes effect, in a sentence: never before the convention that it changes."""
    if avenant.date_effet:
        return (
            f"Il prend effet le {_jour(avenant.date_effet)}, et au plus tôt le jour de sa dernière signature."
        )
    if ligne.date_effet and ligne.date_effet > avenant.created_at.date():
        return (
            "Il prend effet le jour de sa dernière signature, et au plus tôt avec la convention, le "
            f"{_jour(ligne.date_effet)}."
        )
    return "Il prend effet le jour de sa dernière signature."


def _jour(jour: date | None) -> str:
    return jour_dit(jour) if jour else ""


def _preambule(ligne: Convention, avenant: Avenant) -> dict[str, Any]:
    effet = _prise_d_effet(ligne, avenant)
    blocs = [
        Bloc(
            Genre.PARAGRAPHE,
            (
                Passage(
                    f"Entre l’État ({ligne.etat.nom}), le SIAO ({ligne.siao.nom}) et l’opérateur "
                    f"({ligne.operateur.nom}), signataires de la convention du "
                    f"{_jour(ligne.date_signature)}, il est convenu ce qui suit."
                ),
            ),
        ),
        Bloc(Genre.PARAGRAPHE, (Passage(f"Objet : {avenant.objet}"),)),
        Bloc(Genre.PARAGRAPHE, (Passage(effet),)),
    ]
    return {"code": "avenant", "titres": [], "blocs": ecrire_blocs(blocs), "annexe": []}


def _cloture() -> dict[str, Any]:
    phrase = "Les autres dispositions de la convention demeurent inchangées."
    return {
        "code": "cloture",
        "titres": ecrire_blocs([_titre("Dispositions inchangées", 1)]),
        "blocs": ecrire_blocs([Bloc(Genre.PARAGRAPHE, (Passage(phrase),))]),
        "annexe": [],
    }


def _titre(texte: str, niveau: int) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau)


def verifier_intact(ligne: Convention, avenant: Avenant, fige: TexteFige) -> None:
    """Refuse to sign when the stored content, the clauses or the parties are no longer what was frozen."""
    dites = {partie: dite["ref"] for partie, dite in fige.contenu["parties"].items()}
    presentes = {partie: dite["ref"] for partie, dite in parties(ligne).items()}
    intact = (
        empreinte(fige.contenu) == fige.empreinte
        and dites == presentes
        and fige.contenu["modifications"] == modifications(avenant)
        and fige.contenu["objet"] == avenant.objet
    )
    if not intact:
        raise DomainError("signature.texte_altere")


def annuler(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, motif: str
) -> list[Partie]:
    """Make the frozen text of an avenant void, with the signatures given; return whose they were."""
    fige = courant_de(session, avenant.id)
    if fige is None:
        return []
    signees = list(
        session.scalars(
            select(ActeSignature.partie)
            .where(ActeSignature.texte_fige_id == fige.id)
            .order_by(ActeSignature.id)
        )
    )
    fige.annule_le, fige.annule_par, fige.annule_motif = clock.now(), auteur(actor), motif[:MOTIF]
    session.flush()
    faits = {
        "texte": fige.numero,
        "empreinte": [fige.empreinte, None],
        "signatures": [[partie.value for partie in signees], []],
        "raison": motif,
    }
    noter(session, clock, actor, ligne, avenant, "avenant:annuler", faits)
    return signees
