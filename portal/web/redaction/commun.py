"""What the pages of a text share: the text being read, its breadcrumb, what surrounds a clause."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from portal.conventions.policies import partie_de
from portal.conventions.redaction import annuaire, queries, reprise
from portal.conventions.redaction import fil as fil_de_clause
from portal.conventions.redaction import forme as formes
from portal.conventions.redaction.enums import LIBELLES_FORME, Position
from portal.conventions.redaction.fournies import CLAUSES
from portal.conventions.redaction.policies import a_la_main
from portal.conventions.redaction.queries import ClauseLue, Texte
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.web.context import clock, current_actor, db
from portal.web.redaction import histoire, rendu


def lire(convention_ref: str, code: str = "") -> tuple[Actor, Texte]:
    """Return who reads and the text, which they may see. `code`: the clause that is read, if one alone is."""
    actor = current_actor()
    return actor, texte(actor, convention_ref, code)


def texte(actor: Actor, convention_ref: str, code: str = "") -> Texte:
    """Return a visible text, and what the directory says of its parties today; raises NotVisible.

    `code`: the clause that is read, if one alone is: to most the directory gives nothing.
    """
    lu = queries.texte(db(), actor, convention_ref)
    return annuaire.completer(db(), clock(), lu) if not code or code in CLAUSES else lu


def vue() -> str:
    """Return the filter of the list that the address names."""
    return rendu.vue_valide(request.values.get("vue"))


def peut_agir(actor: Actor, lu: Texte, lue: ClauseLue | None = None) -> bool:
    """Tell whether the actor may act on the clauses now."""
    return (
        can(actor, Permission.REDACTION_NEGOCIER, lu.entete)
        and lu.fige_le is None
        and a_la_main(actor, lu.entete.statut)
        and (lue is None or lue.negociable)
    )


def reprenables(actor: Actor, lu: Texte) -> Sequence[ClauseLue]:
    """Return the clauses that the actor's party may accept again in one act now."""
    return reprise.reprenables(db(), actor, lu) if peut_agir(actor, lu) else []


def deja_proposee(position: Position | None, rival: dict[str, Any]) -> bool:
    """Tell whether what is typed is what one's party already proposes: the same form, sent twice.

    `position`: of that party; `rival`: the two versions of the form.
    """
    *contenu, _motif = rival["lignes"]
    return position is Position.PROPOSEE and all(
        enregistre == saisi for _libelle, enregistre, saisi in contenu
    )


def fil(lu: Any, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of a page; `lu`: a text, or the head of a line without one."""
    entete = getattr(lu, "entete", lu)
    return [
        (_("Suivi des conventions"), url_for("conventions.liste")),
        (entete.operateur, url_for("conventions.detail", convention_ref=entete.ref)),
        (_("Texte"), url_for("redaction.texte", convention_ref=entete.ref) if suite else ""),
        *suite,
    ]


def forme(actor: Actor, lu: Texte) -> dict[str, Any] | None:
    """Return how the text is signed, None unless one legal person carries the SIAO and the operator."""
    choix = formes.choix_de(db(), lu)
    if choix is None:
        return None
    choisie = lu.fige_le is None and lu.entete.statut in formes.NEGOCIEES
    peut = choisie and can(actor, Permission.REDACTION_FORME, lu.entete)
    return {
        "libelle": _(LIBELLES_FORME[choix.forme]),
        "propre": choix.propre,
        "choisir": url_for("redaction.choisir_la_forme", convention_ref=lu.entete.ref) if peut else "",
    }


def cote_liste(actor: Actor, lu: Texte, choix: str, courante: str = "") -> dict[str, Any]:
    """Return what the list of clauses shows beside every page."""
    return {
        "lu": lu,
        "vue": choix,
        "vues": rendu.vues(lu, actor, choix),
        "groupes": rendu.groupes(lu, actor, choix, courante),
        "situation": rendu.situation(lu, actor),
        "courante": courante,
        "partie": partie_de(actor),
        "pilote": can(actor, Permission.CONVENTIONS_MODIFIER, lu.entete),
    }


def de_la_clause(actor: Actor, lu: Texte, lue: ClauseLue, choix: str) -> dict[str, Any]:
    """Return what the page of a clause shows, its thread and its history included."""
    avant, apres = rendu.voisines(lu, actor, lue, choix)
    negociee = lue.negociable
    adresse = partial(url_for, convention_ref=lu.entete.ref, code=lue.code, vue=choix)
    return {
        "lue": lue,
        "blocs": rendu.blocs(lu.blocs(lue)),
        "valeurs": (valeurs := rendu.valeurs(lu, lue)),
        "entiere": rendu.entiere(lue),
        "dites": {valeur["valeur"] for valeur in valeurs},
        "parties": rendu.partitions(lu, lue, actor),
        "attente": rendu.qui_doit_agir(lue, actor),
        "couleur": rendu.couleur(lue),
        "ton": rendu.ETATS[lue.etat],
        "ma_position": lue.positions.get(partie) if (partie := partie_de(actor)) else None,
        "peut_agir": peut_agir(actor, lu, lue),
        "commentaires": fil_de_clause.commentaires(db(), lue.ecrit.id) if negociee else [],
        "evenements": histoire.evenements(fil_de_clause.faits(db(), lue.ecrit.id), lue, lu.entete.fuseau)
        if negociee
        else [],
        "fuseau": lu.entete.fuseau,
        "adresse_position": adresse("redaction.position"),
        "adresse_proposer": adresse("redaction.modifier"),
        "adresse_commenter": adresse("redaction.commenter"),
        "adresse_resoudre": lambda ref: adresse("redaction.resoudre", commentaire_ref=ref),
        "precedente": avant,
        "suivante": apres,
    }
