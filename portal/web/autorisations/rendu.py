"""What leaves of a grid, in words: for the page that is signed, the paper form and the household's copy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_currency
from flask_babel import gettext as _
from markupsafe import Markup

from portal.conventions.jours import fuseau_de
from portal.grilles.autorisations.enums import ATTENDUES
from portal.grilles.autorisations.lecture import a_venir
from portal.grilles.calculs import Unite
from portal.grilles.enums import Reponse
from portal.grilles.sortie import ChampSorti, Entete, Sortie
from portal.shared.messages import N_
from portal.web.context import clock
from portal.web.filters import show_date, show_number, show_percent

FAITS = {
    "oui": N_("Oui"),
    "non": N_("Non"),
    "en_cours": N_("En cours"),
    "sans_objet": N_("Sans objet"),
}
AUTONOMIES = {
    "autonome": N_("Autonome"),
    "ponctuel": N_("Avec un appui ponctuel"),
    "regulier": N_("Avec un appui régulier"),
}


FRANCAIS = frozenset({Reponse.LISTE, Reponse.CHOIX_MULTIPLE, Reponse.TEXTE_COURT, Reponse.PAROLE})
"""Answers that are the words of the grid, or of whoever filled it."""


def francais(texte: str) -> Markup:
    """Return a text that stays in French in a page of another language."""
    return Markup('<span lang="fr">{}</span>').format(texte)


@dataclass(frozen=True)
class Ligne:
    """A question and its answer in words. `dite`: False for « non renseigné »; `francais`: the answer is of
    the grid or of whoever filled it, in French in any language."""

    question: str
    reponse: str
    dite: bool = True
    francais: bool = False


@dataclass(frozen=True)
class Partie:
    """A section that leaves."""

    titre: str
    lignes: tuple[Ligne, ...]

    @property
    def dites(self) -> list[Ligne]:
        """The questions that were answered."""
        return [ligne for ligne in self.lignes if ligne.dite]

    @property
    def tues(self) -> str:
        """The others, which leave as such: « non renseigné » is always possible."""
        return " ; ".join(ligne.question for ligne in self.lignes if not ligne.dite)


def titre_contenu(une: Any, *, ouverte: bool) -> str:
    """Return what stands above what an authorisation lets be read: closed, nothing can be read any more."""
    if ouverte:
        return _("Ce qui peut être lu")
    if a_venir(une, clock().today(fuseau_de(une.menage.departement_code))):
        return _("Ce qui pourra être lu")
    if une.statut in ATTENDUES:
        return _("Ce qui pourra être lu, si chaque adulte accepte")
    return (
        _("Ce que l’accord permettait de lire")
        if une.ouverte_le
        else _("Ce que la demande aurait permis de lire")
    )


def entete(tete: Entete) -> list[tuple[str, str]]:
    """Return the heading that leaves with every grid: label, value."""
    lignes = [
        (
            _("Nom et date de naissance"),
            _(
                "%(prenom)s %(nom)s, %(naissance)s",
                prenom=un.prenom,
                nom=un.nom.upper(),
                naissance=show_date(date.fromisoformat(un.naissance)),
            ),
        )
        for un in tete.adultes
    ]
    if tete.code:
        lignes += [(_("Code"), tete.code), (_("Référence SI SIAO"), tete.si_siao)]
    else:
        lignes.append(
            (_("Numéro de la demande de logement social"), tete.numero_unique or _("Non renseigné"))
        )
    lignes.append((_("Qui envoie"), tete.expediteur))
    version = _("n° %(numero)s", numero=tete.version)
    if tete.figee_le:
        jour = show_date(date.fromisoformat(tete.figee_le))
        version = _("n° %(numero)s, arrêtée le %(le)s", numero=tete.version, le=jour)
    return [*lignes, (_("Version de la grille"), version)]


def parties(sortie: Sortie) -> list[Partie]:
    """Return the sections that leave, every answer in words."""
    return [
        Partie(
            section.titre,
            tuple(
                _ligne(
                    item.libelle if champ.libelle in ("", item.libelle) or len(item.champs) == 1 else "",
                    item.libelle,
                    champ,
                )
                for item in section.items
                for champ in item.champs
            ),
        )
        for section in sortie.sections
    ]


def _ligne(seule: str, question: str, champ: ChampSorti) -> Ligne:
    libelle = seule or _("%(question)s – %(champ)s", question=question, champ=champ.libelle)
    if champ.valeur is None:
        return Ligne(libelle, _("Non renseigné"), dite=False)
    return Ligne(libelle, texte(champ.reponse, champ.valeur), francais=champ.reponse in FRANCAIS)


def texte(reponse: Reponse, valeur: Any) -> str:
    """Return an answer in words."""
    lecteur = _LECTEURS.get(reponse)
    return lecteur(valeur) if lecteur else str(valeur)


def _calcul(valeur: dict[str, Any]) -> str:
    """Say a computed value, with its formula, its date and its parameters: it explains itself anywhere."""
    dite = (
        show_percent(valeur["valeur"] / 1000)
        if valeur["unite"] == Unite.POUR_MILLE.value
        else _("%(montant)s par unité de consommation", montant=_euros(valeur["valeur"]))
    )
    le = show_date(date.fromisoformat(valeur["le"]))
    formule = valeur["formule"]
    dite = _("%(valeur)s. Calcul du %(le)s : %(formule)s.", valeur=dite, le=le, formule=_(formule))
    parametres = " ; ".join(
        _("%(nom)s : %(valeur)s", nom=_(nom), valeur=", ".join(_(mot) for mot in mots.split(", ")))
        for nom, mots in valeur["parametres"].items()
    )
    return f"{dite} {parametres}." if parametres else dite


def _euros(cents: int) -> str:
    return str(format_currency(cents / 100, "EUR"))


_LECTEURS: dict[Reponse, Callable[[Any], str]] = {
    Reponse.FAIT: lambda valeur: _(FAITS[valeur]),
    Reponse.AUTONOMIE: lambda valeur: _(AUTONOMIES[valeur]),
    Reponse.MONTANT: _euros,
    Reponse.NOMBRE: lambda valeur: show_number(valeur),
    Reponse.DATE: lambda valeur: show_date(date.fromisoformat(valeur)),
    Reponse.CHOIX_MULTIPLE: lambda valeur: ", ".join(valeur),
    Reponse.CALCUL: _calcul,
}
