"""The grid on paper, to give to the household or to fill by hand: what a page of the receipts also does."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.documents.rendu.grille import Papier, Question, Reponse, Section, grille_en_pdf
from portal.grilles import contenu
from portal.grilles.contenu import Champ, Item
from portal.grilles.enums import Portee
from portal.grilles.enums import Reponse as Genre
from portal.grilles.menages.policies import Vise
from portal.grilles.queries import contenu as contenu_de
from portal.grilles.remplissage import queries
from portal.grilles.remplissage.saisie import champs_saisis
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_date, show_datetime
from portal.web.remplissage.affichage import Lu
from portal.web.remplissage.champs import choix_de
from portal.web.remplissage.commun import lue

LIGNES = {Genre.TEXTE_COURT: 2, Genre.PAROLE: 4}
A_COCHER = frozenset({Genre.FAIT, Genre.AUTONOMIE, Genre.LISTE, Genre.CHOIX_MULTIPLE})


def remplie(vise: Vise, grille: Any, designation: str) -> bytes:
    """Return a version as a PDF for the household: all that it may be told of, the worker's notes aside."""
    modele, lues = lue(vise, grille)
    papier = Papier(
        titre=_("Grille d’accès au logement"),
        titre_fichier=_("Grille d’accès au logement, version %(numero)s", numero=grille.numero),
        sous_titre=_("%(qui)s – version %(numero)s", qui=designation, numero=grille.numero),
        avis=(
            _("Figée le %(quand)s par %(qui)s.", quand=show_datetime(grille.figee_le), qui=grille.figee_par)
            if grille.figee_le
            else _("En cours d’écriture : cette version peut encore changer."),
            _("Elle ne part chez personne sans votre autorisation. Vous pouvez la refuser, et la retirer."),
        ),
        sections=tuple(
            Section(
                section.code,
                section.titre,
                tuple(_question(lu) for lu in lues[section.code] if lu.code not in _internes(modele)),
            )
            for section in modele.sections
        ),
        pied=_("Accompagnement : %(qui)s", qui=vise.menage.organisation.nom),
        page=_("page {page} sur {total}"),
        langue=str(get_locale()),
    )
    return grille_en_pdf(papier, grille.figee_le or clock().now())


def vierge() -> bytes:
    """Return the model in force in the actor's département, with boxes and lines to fill by hand."""
    modele = contenu_de(queries.modele_actuel(db(), current_actor().departement_code))
    papier = Papier(
        titre=_("Grille d’accès au logement"),
        titre_fichier=_("Grille d’accès au logement, à remplir à la main"),
        sous_titre=modele.libelle,
        avis=(
            _("À remplir avec le ménage. Laissez vide ce qui n’est pas dit : cela n’a aucune conséquence."),
            _("Des faits en lien avec le logement : ni santé, ni justice, ni origine, ni jugement."),
        ),
        sections=tuple(
            Section(
                section.code,
                section.titre,
                tuple(
                    _vide(item) for item in section.items if item.posee and item.code not in _internes(modele)
                ),
            )
            for section in modele.sections
        ),
        pied=_("Édité le %(jour)s", jour=show_date(clock().today(current_actor().fuseau))),
        page=_("page {page} sur {total}"),
        langue=str(get_locale()),
    )
    return grille_en_pdf(papier, clock().now())


def _internes(modele: contenu.Grille) -> set[str]:
    """Return the questions that stay with the worker and the SIAO; the household may ask for them."""
    return {item.code for item in modele.items() if all(champ.portee is Portee.P3 for champ in item.champs)}


def _question(lu: Lu) -> Question:
    reponses = [Reponse(ligne.libelle, ligne.texte) for ligne in lu.lignes]
    note = ""
    if lu.calcul:
        reponses.insert(0, Reponse("", lu.calcul.valeur))
        details = lu.calcul.parametres
        note = " ; ".join([lu.calcul.formule, *(_dit(nom, mots) for nom, mots in details), lu.calcul.le])
    return Question(lu.code, lu.libelle, tuple(reponses), note)


def _vide(item: Item) -> Question:
    return Question(item.code, item.libelle, tuple(_a_remplir(champ) for champ in champs_saisis(item)))


def _dit(nom: str, mots: str) -> str:
    return _("%(champ)s : %(valeur)s", champ=nom, valeur=mots)


def _a_remplir(champ: Champ) -> Reponse:
    if champ.reponse in A_COCHER:
        return Reponse(champ.libelle, choix=tuple(libelle for code, libelle in choix_de(champ) if code))
    return Reponse(champ.libelle, lignes=LIGNES.get(champ.reponse, 1))
