"""What the pages of a text show, prepared for the templates: blocks, marks of the parties, sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.enums import LIBELLES_PARTIE, Partie, Statut
from portal.conventions.modeles.texte import afficher, titre_article
from portal.conventions.policies import partie_de
from portal.conventions.redaction.ecrits import PositionLue
from portal.conventions.redaction.enums import (
    LIBELLES_POSITION,
    EtatClause,
    Position,
)
from portal.conventions.redaction.policies import a_la_main
from portal.conventions.redaction.queries import ClauseLue, Texte
from portal.documents.texte import Bloc, Couleur, Genre
from portal.security.policy import Actor
from portal.shared.messages import N_
from portal.web.filters import show_datetime

VUES = {
    "moi": N_("À examiner par moi"),
    "ouvertes": N_("Ouvertes"),
    "etoile": N_("★"),
    "toutes": N_("Toutes"),
}
LETTRES = {Partie.OPERATEUR: "O", Partie.SIAO: "S", Partie.ETAT: "É"}
MARQUES: dict[Position, tuple[str, str]] = {  # sign, tone
    Position.A_EXAMINER: ("–", "neutre"),
    Position.PROPOSEE: ("✎", "info"),
    Position.ACCEPTEE: ("✓", "succes"),
    Position.RESERVE: ("!", "alerte"),
    Position.REFUSEE: ("✕", "danger"),
}
ETATS: dict[EtatClause, str] = {
    EtatClause.A_EXAMINER: "attente",
    EtatClause.EN_DISCUSSION: "alerte",
    EtatClause.ACCORDEE: "succes",
}
DES_PARTIES = {
    Partie.OPERATEUR: N_("de l’opérateur"),
    Partie.SIAO: N_("du SIAO"),
    Partie.ETAT: N_("de l’État"),
}


@dataclass(frozen=True)
class Ligne:
    """A clause in the list. `marques`: letter, sign, tone of each party, none for what is not negotiated."""

    code: str
    titre: str
    href: str
    courant: bool
    couleur: str
    attention: bool
    commentaires: int
    a_moi: bool
    etat: EtatClause | None
    ton: str
    marques: Sequence[tuple[str, str, str]]
    voix: str  # the same in words


@dataclass(frozen=True)
class Groupe:
    """The clauses of an article."""

    titre: str
    lignes: Sequence[Ligne]


@dataclass(frozen=True)
class Vue:
    """A filter of the list, with how many clauses it shows."""

    code: str
    libelle: str
    nombre: int
    href: str
    active: bool


def vue_valide(code: str | None) -> str:
    """Return the filter that an address names; by default, all the clauses."""
    return code if code in VUES else "toutes"


def choisies(lu: Texte, actor: Actor, vue: str) -> list[ClauseLue]:
    """Return the clauses that a filter shows, in order."""
    if vue == "moi":
        return a_moi(lu, actor)
    if vue == "ouvertes":
        return lu.ouvertes
    if vue == "etoile":
        return [lue for lue in lu.clauses if lue.clause.attention]
    return list(lu.clauses)


def a_moi(lu: Texte, actor: Actor) -> list[ClauseLue]:
    """Return the clauses that wait for the actor's party, in order."""
    partie = partie_de(actor)
    if not a_la_main(actor, lu.entete.statut):
        return []
    return [lue for lue in lu.negociees if partie in lue.attendues]


def vues(lu: Texte, actor: Actor, active: str) -> list[Vue]:
    """Return the filters of the list."""
    proposees = [code for code in VUES if code != "moi" or partie_de(actor)]
    return [
        Vue(
            code,
            _(VUES[code]),
            len(choisies(lu, actor, code)),
            url_for("redaction.texte", convention_ref=lu.entete.ref, vue=code),
            code == active,
        )
        for code in proposees
    ]


def groupes(lu: Texte, actor: Actor, vue: str, courante: str = "") -> list[Groupe]:
    """Return the list of clauses by article."""
    retenues = {lue.code for lue in choisies(lu, actor, vue)} | {courante}
    miennes = {lue.code for lue in a_moi(lu, actor)}
    racine = url_for("redaction.texte", convention_ref=lu.entete.ref)
    suite = f"?vue={vue}" if vue != "toutes" else ""
    par_code = {lue.code: lue for lue in lu.clauses}
    trouves = []
    for article in lu.composition.articles:
        lignes = [
            _ligne(par_code[r.code], f"{racine}/clauses/{r.code}{suite}", courante, miennes)
            for r in article.clauses
            if r.code in retenues
        ]
        if lignes:
            seule = len(article.clauses) == 1 and article.clauses[0].seule
            trouves.append(Groupe("" if seule else titre_article(article), lignes))
    return trouves


def _ligne(lue: ClauseLue, href: str, courante: str, miennes: set[str]) -> Ligne:
    positions = [lue.ecrit.positions.get(partie, PositionLue()).position for partie in Partie]
    return Ligne(
        lue.code,
        lue.titre,
        href,
        lue.code == courante,
        couleur(lue),
        lue.clause.attention,
        lue.ecrit.commentaires,
        lue.code in miennes,
        lue.etat if lue.negociable else None,
        ETATS[lue.etat] if lue.negociable else "neutre",
        [(LETTRES[partie], *MARQUES[position]) for partie, position in zip(Partie, positions, strict=True)]
        if lue.negociable
        else [],
        " ; ".join(
            f"{_(LIBELLES_PARTIE[partie])} : {_(LIBELLES_POSITION[position]).lower()}"
            for partie, position in zip(Partie, positions, strict=True)
        ),
    )


def couleur(lue: ClauseLue) -> str:
    """Return who may adapt a clause, as its label says it: the widest of its parts."""
    if lue.clause.negociable:
        return "jaune"
    return "verte" if lue.clause.departementale else "fixe"


def entiere(lue: ClauseLue) -> str:
    """Return the colour of a clause that is coloured as a whole, empty when its values alone are."""
    return "" if lue.clause.couleur is Couleur.FIXE else lue.clause.couleur.value


@dataclass(frozen=True)
class Situation:
    """Where the whole text stands. `premiere`: address of the first clause that waits for the reader."""

    ton: str
    libelle: str
    phrase: str
    acteur: str
    premiere: str
    nombre: int
    faites: int
    total: int
    constater: bool


def situation(lu: Texte, actor: Actor) -> Situation:
    """Return what the top of the page says: what is agreed, who must act, what the reader may do."""
    miennes, total = a_moi(lu, actor), len(lu.negociees)
    statut = lu.entete.statut
    d_accord = lu.accordees == total
    ton, libelle, phrase = "info", _("Texte"), _("Le texte de la convention.")
    if statut is Statut.PROJET:
        libelle = _("Projet")
        phrase = _("Le projet se prépare à l’État et au SIAO, avant l’ouverture de la négociation.")
    elif statut is Statut.EN_NEGOCIATION and d_accord:
        ton, libelle = "succes", _("Accord")
        phrase = _("Les trois parties sont d’accord sur toutes les clauses. Il reste à constater l’accord.")
    elif statut is Statut.EN_NEGOCIATION:
        ton, libelle = "attente", _("En négociation")
        phrase = attente(lu)
    elif statut is Statut.SUSPENDUE:
        ton, libelle = "alerte", _("Suspendue")
        phrase = _("La négociation est suspendue : le texte se lit, sans se modifier.")
    else:
        ton = "neutre"
        phrase = _("Le texte est arrêté : il se lit, sans se modifier.")
    return Situation(
        ton,
        libelle,
        phrase,
        "",
        adresse(lu, miennes[0], "moi") if miennes else "",
        len(miennes),
        lu.accordees,
        total,
        statut is Statut.EN_NEGOCIATION and d_accord,
    )


def attente(lu: Texte) -> str:
    """Return whose agreement is awaited, and on how many clauses."""
    morceaux = [
        ngettext(
            "%(partie)s : %(num)s clause", "%(partie)s : %(num)s clauses", nombre, partie=_(DES_PARTIES[p])
        )
        for p in Partie
        if (nombre := lu.attentes[p])
    ]
    return _("En attente de l’accord %(parties)s", parties=", ".join(morceaux))


def qui_doit_agir(lue: ClauseLue, actor: Actor) -> str:
    """Return whose turn it is on a clause, in words."""
    if not lue.attendues:
        return ""
    sienne = partie_de(actor)
    if sienne in lue.attendues:
        autres = [_(DES_PARTIES[p]) for p in lue.attendues if p is not sienne]
        if not autres:
            return _("En attente de votre position")
        return _("En attente de votre position et de celle %(autres)s", autres=_et(autres))
    return _("En attente de l’accord %(parties)s", parties=_et([_(DES_PARTIES[p]) for p in lue.attendues]))


def _et(mots_: Sequence[str]) -> str:
    if len(mots_) == 1:
        return mots_[0]
    return _("%(debut)s et %(fin)s", debut=", ".join(mots_[:-1]), fin=mots_[-1])


def adresse(lu: Texte, lue: ClauseLue, vue: str = "toutes") -> str:
    """Return the address of a clause, with the filter of the list."""
    suite = vue if vue != "toutes" else None  # None: left out of the address
    return url_for("redaction.clause", convention_ref=lu.entete.ref, code=lue.code, vue=suite)


def voisines(lu: Texte, actor: Actor, lue: ClauseLue, vue: str) -> tuple[str, str]:
    """Return the addresses of the clauses before and after one in the list shown, empty at its ends."""
    liste = choisies(lu, actor, vue)
    codes = [autre.code for autre in lu.clauses]
    rang = codes.index(lue.code)
    avant = [autre for autre in liste if codes.index(autre.code) < rang]
    apres = [autre for autre in liste if codes.index(autre.code) > rang]
    return (
        adresse(lu, avant[-1], vue) if avant else "",
        adresse(lu, apres[0], vue) if apres else "",
    )


def prochaine(lu: Texte, actor: Actor, code: str) -> str:
    """Return the address of the next clause that waits for the actor, after one and around; else the list."""
    miennes = [lue for lue in a_moi(lu, actor) if lue.code != code]
    codes = [autre.code for autre in lu.clauses]
    rang = codes.index(code) if code in codes else -1
    apres = [lue for lue in miennes if codes.index(lue.code) > rang]
    suivante = next(iter([*apres, *miennes]), None)
    if suivante is None:
        return url_for("redaction.texte", convention_ref=lu.entete.ref)
    return adresse(lu, suivante, "moi")


@dataclass(frozen=True)
class Partition:
    """Where one party stands, for its card on the page of the clause."""

    partie: str
    sienne: bool
    ton: str
    libelle: str
    motif: str
    quand: str
    par: str


def partitions(lu: Texte, lue: ClauseLue, actor: Actor) -> list[Partition]:
    """Return the cards of the three parties."""
    sienne = partie_de(actor)
    cartes = []
    for partie in Partie:
        position = lue.ecrit.positions.get(partie, PositionLue())
        cartes.append(
            Partition(
                _(LIBELLES_PARTIE[partie]),
                partie is sienne,
                MARQUES[position.position][1],
                _(LIBELLES_POSITION[position.position]),
                position.motif,
                show_datetime(position.le, lu.entete.fuseau),
                position.par,
            )
        )
    return cartes


def blocs(suite: Iterable[Bloc]) -> list[tuple[str, Any]]:
    """Return blocks grouped as HTML wants them: (kind, content); consecutive items make one list."""
    rendus: list[tuple[str, Any]] = []
    for bloc in suite:
        if bloc.genre is Genre.PUCE:
            if not rendus or rendus[-1][0] != "liste":
                rendus.append(("liste", []))
            rendus[-1][1].append(bloc)
        elif bloc.genre is Genre.TABLEAU:
            rendus.append(("tableau", bloc.lignes))
        elif bloc.genre is Genre.TITRE:
            rendus.append(("titre", bloc))
        else:
            rendus.append(("paragraphe", bloc))
    return rendus


def valeurs(lu: Texte, lue: ClauseLue) -> list[dict[str, Any]]:
    """Return the values of a clause as they are told beside its text."""
    rangs = []
    for parametre in lue.clause.parametres:
        valeur = lu.valeurs.get((lue.code, parametre.code), parametre.defaut)
        rangs.append(
            {
                "parametre": parametre,
                "couleur": parametre.couleur.value,
                "valeur": afficher(parametre, valeur),
                "defaut": afficher(parametre, parametre.defaut) if parametre.defaut else "",
                "change": parametre.couleur is Couleur.JAUNE and valeur != parametre.defaut,
            }
        )
    return rangs
