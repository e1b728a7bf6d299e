"""How bilans are told: tones, periods, figures, the document of the comité stratégique."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.conventions.bilans.enums import LIBELLES_GENRE, LIBELLES_SITUATION, LIBELLES_SITUATIONS, Situation
from portal.conventions.bilans.indicateurs import LIBELLES
from portal.conventions.bilans.queries import BilanLu
from portal.conventions.enums import LIBELLES_PARTIE
from portal.documents.texte import Bloc, Document, Genre, Passage, Passages
from portal.web.filters import show_date, show_number

TONS: Mapping[Situation, str] = {
    Situation.ATTENDU: "attente",
    Situation.MANQUANT: "danger",
    Situation.RENDU: "succes",
}


def periode(lu: BilanLu) -> str:
    """Return the days that a bilan is about."""
    return _("du %(du)s au %(au)s", du=show_date(lu.du), au=show_date(lu.au))


def indicateurs(lu: BilanLu) -> list[tuple[str, str]]:
    """Return the figures of a bilan that was given: label, value."""
    return [
        (_(LIBELLES[code]), show_number(valeur) if valeur is not None else _("non connu"))
        for code, valeur in lu.indicateurs.items()
    ]


def document(
    bilans: Iterable[BilanLu], comptes: Mapping[Situation, int], departement: str, jour: date
) -> Document:
    """Return what the comité stratégique reads: the counts, the list, then each bilan that was given."""
    lus = list(bilans)
    blocs = [
        _paragraphe(
            _("Département %(departement)s, au %(jour)s.", departement=departement, jour=show_date(jour))
        ),
        *(_puce(f"{_(LIBELLES_SITUATIONS[une])} : {nombre}") for une, nombre in comptes.items()),
        _titre(_("Bilans demandés"), 1),
        _liste(lus),
    ]
    rendus = [lu for lu in lus if lu.situation is Situation.RENDU]
    if rendus:
        blocs.append(_titre(_("Bilans rendus"), 1))
    for lu in rendus:
        blocs += _un_bilan(lu)
    return Document(_("Bilans des conventions"), tuple(blocs), langue=str(get_locale()))


def _liste(bilans: list[BilanLu]) -> Bloc:
    tetes = (_("Opérateur"), _("SIAO"), _("Bilan"), _("Période"), _("Échéance"), _("Situation"))
    rangs = [
        (
            lu.operateur,
            lu.siao,
            _(LIBELLES_GENRE[lu.genre]),
            periode(lu),
            show_date(lu.echeance),
            _(LIBELLES_SITUATION[lu.situation]),
        )
        for lu in bilans
    ]
    return Bloc(
        Genre.TABLEAU, lignes=tuple(tuple(_passages(cellule) for cellule in rang) for rang in (tetes, *rangs))
    )


def _un_bilan(lu: BilanLu) -> list[Bloc]:
    rendu_le = show_date(lu.rendu_le.date()) if lu.rendu_le else ""
    partie = _(LIBELLES_PARTIE[lu.partie]) if lu.partie else ""
    return [
        _titre(f"{lu.operateur}, {lu.siao}", 2),
        _paragraphe(f"{_(LIBELLES_GENRE[lu.genre])}, {periode(lu)}."),
        _paragraphe(
            _("Rendu le %(le)s par %(qui)s (%(partie)s).", le=rendu_le, qui=lu.auteur, partie=partie)
        ),
        _titre(_("Ce que sont devenus les engagements"), 3),
        *map(_paragraphe, lu.engagements.splitlines()),
        _titre(_("Difficultés rencontrées"), 3),
        *map(_paragraphe, lu.difficultes.splitlines()),
        *(_puce(f"{libelle} : {valeur}") for libelle, valeur in indicateurs(lu)),
    ]


def retard(lu: BilanLu) -> str:
    """Return how late a bilan is, in words; empty when it is not."""
    return ngettext("%(num)s jour de retard", "%(num)s jours de retard", lu.retard) if lu.retard else ""


def _passages(texte: str) -> Passages:
    return (Passage(texte),)


def _paragraphe(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, _passages(texte))


def _puce(texte: str) -> Bloc:
    return Bloc(Genre.PUCE, _passages(texte))


def _titre(texte: str, niveau: int) -> Bloc:
    return Bloc(Genre.TITRE, _passages(texte), niveau)
