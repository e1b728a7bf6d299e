"""What happened to a clause, prepared for the templates: its timeline, and what open pages speak aloud."""

from collections.abc import Iterable
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_PARTIE
from portal.conventions.modeles.conditions import Motif
from portal.conventions.modeles.contenu import TypeParametre
from portal.conventions.modeles.texte import afficher
from portal.conventions.redaction.enums import (
    LIBELLES_FAIT,
    LIBELLES_POSITION,
    GenreFait,
    Position,
)
from portal.conventions.redaction.queries import ClauseLue
from portal.shared.differences import Segment, Sort, mots
from portal.web.filters import show_datetime
from portal.web.redaction.rendu import MARQUES


def evenements(faits: Iterable[Any], lue: ClauseLue, fuseau: str) -> list[dict[str, Any]]:
    """Return the history of a clause, with what changed word by word."""
    parametres = {p.code: p for p in lue.clause.parametres}
    return [_evenement(fait, parametres, fuseau) for fait in faits]


def _evenement(fait: Any, parametres: Any, fuseau: str) -> dict[str, Any]:
    titre, ton, avant, apres = _(LIBELLES_FAIT[fait.genre]), "neutre", fait.avant, fait.apres
    detail, court, motif = "", False, fait.motif
    if fait.genre is GenreFait.POSITION:
        position = Position(fait.apres)
        titre = _deux_points(_(LIBELLES_PARTIE[fait.partie]), _(LIBELLES_POSITION[position]).lower())
        ton = MARQUES[position][1]
        avant = apres = ""
    elif fait.genre is GenreFait.VALEUR:
        parametre = parametres.get(fait.parametre_code)
        if parametre is not None:
            titre = _deux_points(titre, parametre.libelle)
            avant, apres = afficher(parametre, avant), afficher(parametre, apres)
            court = parametre.type is not TypeParametre.TEXTE_LONG
        ton = "info"
    elif fait.genre is GenreFait.TEXTE:
        ton = "info"
    elif fait.genre is GenreFait.RETRAIT:
        if apres:
            motif = Motif.lire(apres).en_langue(str(get_locale()))
        avant = apres = ""
    else:
        detail, avant, apres = fait.apres or fait.avant, "", ""
    return {
        "titre": titre,
        "ton": ton,
        "quand": show_datetime(fait.le, fuseau),
        "auteur": fait.par,
        "motif": motif,
        "detail": detail,
        "segments": () if avant == apres else _entiers(avant, apres) if court else mots(avant, apres),
    }


def _deux_points(nom: str, valeur: str) -> str:
    """Return a name and what is said of it, with the colon of the reader's language."""
    return _("%(champ)s : %(valeur)s", champ=nom, valeur=valeur)


def _entiers(avant: str, apres: str) -> tuple[Segment, ...]:
    """Return a short value before and after, whole: « 6 mois » then « 4 mois »."""
    return Segment(Sort.RETIRE, avant), Segment(Sort.AJOUTE, apres)


def annonces(faits: Iterable[Any], titres: dict[str, str]) -> list[str]:
    """Return what others have just done, in sentences that a screen reader speaks."""
    phrases = []
    for fait in faits:
        titre = titres.get(fait.code, fait.code)
        if fait.genre is GenreFait.POSITION:
            quoi = _(LIBELLES_POSITION[Position(fait.apres)]).lower()
        else:
            quoi = _(LIBELLES_FAIT[fait.genre]).lower()
        phrases.append(_("%(clause)s : %(quoi)s, par %(qui)s.", clause=titre, quoi=quoi, qui=fait.par))
    return phrases
