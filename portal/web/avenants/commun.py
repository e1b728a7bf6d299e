"""What the pages of avenants share: the avenant being read, its breadcrumb, its clauses in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.conventions.avenants import fil as fil_clauses
from portal.conventions.avenants import queries
from portal.conventions.avenants.composition import Sort
from portal.conventions.avenants.enums import OUVERTS, StatutAvenant
from portal.conventions.avenants.queries import ClauseAvenant, Lu
from portal.conventions.avenants.service import a_la_main
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import LIBELLES_POSITION
from portal.conventions.redaction.queries import ClauseLue, Texte
from portal.documents.texte import Bloc
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.differences import mots
from portal.shared.errors import Forbidden
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.redaction import histoire, rendu

TONS = {
    StatutAvenant.PROJET: "info",
    StatutAvenant.EN_NEGOCIATION: "attente",
    StatutAvenant.EN_SIGNATURE: "attente",
    StatutAvenant.SIGNE: "succes",
    StatutAvenant.REFUSE: "danger",
    StatutAvenant.ABANDONNE: "neutre",
}
SORTS = {
    Sort.MODIFIEE: N_("Clause modifiée"),
    Sort.AJOUTEE: N_("Clause ajoutée"),
    Sort.SUPPRIMEE: N_("Clause supprimée"),
}


def lire(convention_ref: str, avenant_ref: str, permission: Permission | None = None) -> tuple[Actor, Lu]:
    """Return who acts and an avenant that they may see; raises NotVisible, then Forbidden."""
    actor = current_actor()
    lu = queries.lire(db(), clock(), actor, convention_ref, avenant_ref)
    if permission is not None and not can(actor, permission, lu.ligne):
        raise Forbidden(permission.value)
    return actor, lu


def relire(lu: Lu) -> Lu:
    """Return an avenant as someone else has just left it."""
    db().rollback()
    db().expire_all()
    return queries.lire(db(), clock(), current_actor(), lu.ligne.ref, lu.avenant.ref)


def circuit_de(lu: Lu) -> Any:
    """Return an avenant under the names of the convention's circuit, for what serves both."""
    return lu


def adresse(lu: Lu) -> str:
    """Return the address of an avenant."""
    return url_for("avenants.detail", convention_ref=lu.ligne.ref, avenant_ref=lu.avenant.ref)


def adresse_clause(lu: Lu, code: str) -> str:
    """Return the address of a clause of an avenant."""
    return url_for("avenants.clause", convention_ref=lu.ligne.ref, avenant_ref=lu.avenant.ref, code=code)


def nom(lu: Lu) -> str:
    """Return how an avenant is called."""
    return str(_("Avenant n° %(numero)s", numero=lu.avenant.numero))


def fil_ligne(ligne: Any, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of what is under a line's avenants."""
    liste = url_for("avenants.liste", convention_ref=ligne.ref)
    return [
        (_("Suivi des conventions"), url_for("conventions.liste")),
        (ligne.operateur.nom, url_for("conventions.detail", convention_ref=ligne.ref)),
        (_("Avenants"), liste if suite else ""),
        *suite,
    ]


def fil(lu: Lu, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of a page of an avenant."""
    return fil_ligne(lu.ligne, (nom(lu), adresse(lu) if suite else ""), *suite)


def peut_agir(actor: Actor, lu: Lu) -> bool:
    """Tell whether the actor may act on clauses now."""
    return can(actor, Permission.REDACTION_NEGOCIER, lu.ligne) and a_la_main(actor, lu.avenant.statut)


@dataclass(frozen=True)
class Carte:
    """A clause of an avenant, as its pages show it. `commentaires`: open ones."""

    clause: ClauseAvenant
    sort: str
    href: str
    ton: str
    a_moi: bool
    segments: Any
    positions: list[dict[str, Any]]
    attente: str
    commentaires: int


def cartes(actor: Actor, lu: Lu) -> list[Carte]:
    """Return the clauses of an avenant, with what changes in each, word by word."""
    return [carte(actor, lu, clause) for clause in lu.clauses]


def carte(actor: Actor, lu: Lu, clause: ClauseAvenant) -> Carte:
    """Return a clause of an avenant with what changes in it."""
    une = clause.modification
    return Carte(
        clause,
        str(_(SORTS[une.sort])),
        adresse_clause(lu, clause.code),
        rendu.ETATS[clause.etat],
        peut_agir(actor, lu) and partie_de(actor) in clause.attendues,
        mots(texte(une.blocs_avant), texte(une.blocs_apres)),
        _positions(actor, lu, clause),
        attente(clause),
        clause.commentaires,
    )


def evenements(clause: ClauseAvenant, faits: Iterable[Any], fuseau: str) -> list[dict[str, Any]]:
    """Return the history of a clause, with what changed word by word."""
    return histoire.evenements(faits, clause.modification.lue, fuseau)


def de_la_clause(actor: Actor, lu: Lu, clause: ClauseAvenant) -> dict[str, Any]:
    """Return what the page of a clause shows, its thread and its history included."""
    codes = [une.code for une in lu.clauses]
    rang = codes.index(clause.code)
    une, partie = clause.modification, partie_de(actor)
    ici = partial(url_for, convention_ref=lu.ligne.ref, avenant_ref=lu.avenant.ref, code=clause.code)
    return {
        "carte": carte(actor, lu, clause),
        "cotes": [
            (_("Rédaction en vigueur"), rendu.blocs(une.blocs_avant), _dites(lu.composee.avant, une.avant)),
            (_("Nouvelle rédaction"), rendu.blocs(une.blocs_apres), _dites(lu.composee.apres, une.apres)),
        ],
        "entiere": rendu.entiere(une.lue),
        "consigne": une.modele.consigne if clause.attention else "",
        "peut_agir": peut_agir(actor, lu),
        "ma_position": clause.positions[partie].position if partie else None,
        "commentaires": fil_clauses.commentaires(db(), clause.ligne.id),
        "evenements": evenements(clause, fil_clauses.faits(db(), clause.ligne.id), lu.fuseau),
        "fuseau": lu.fuseau,
        "adresse_position": ici("avenants.position"),
        "adresse_proposer": ici("avenants.proposer") if une.modifiable else "",
        "adresse_commenter": ici("avenants.commenter"),
        "adresse_resoudre": lambda ref: ici("avenants.resoudre", commentaire_ref=ref),
        "precedente": adresse_clause(lu, codes[rang - 1]) if rang else "",
        "suivante": adresse_clause(lu, codes[rang + 1]) if rang + 1 < len(codes) else "",
    }


def _dites(texte: Texte, lue: ClauseLue | None) -> set[str]:
    """Return the values that a clause shows: those alone are marked when it is coloured as a whole."""
    return {valeur["valeur"] for valeur in rendu.valeurs(texte, lue)} if lue is not None else set()


def vit(lu: Lu) -> bool:
    """Tell whether the pages of an avenant ask for news: as long as someone may still act on it."""
    return lu.avenant.statut in OUVERTS


def texte(blocs: Iterable[Bloc]) -> str:
    """Return blocks as plain text."""
    return "\n".join(bloc.texte for bloc in blocs)


def attente(clause: ClauseAvenant) -> str:
    """Return who must act on a clause, in words."""
    noms = ", ".join(str(_(LIBELLES_PARTIE[partie])) for partie in clause.attendues)
    return str(_("En attente : %(parties)s", parties=noms)) if noms else ""


def _positions(actor: Actor, lu: Lu, clause: ClauseAvenant) -> list[dict[str, Any]]:
    dites = []
    for partie in Partie:
        dite = clause.positions[partie]
        signe, ton = rendu.MARQUES[dite.position]
        dites.append(
            {
                "partie": _(LIBELLES_PARTIE[partie]),
                "sienne": partie is partie_de(actor),
                "libelle": _(LIBELLES_POSITION[dite.position]),
                "signe": signe,
                "ton": ton,
                "motif": dite.motif,
                "par": dite.par,
                "quand": show_datetime(dite.le, lu.fuseau) if dite.le else "",
            }
        )
    return dites
