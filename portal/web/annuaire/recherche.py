"""Searching the directory, and « Qui est mon interlocuteur ? »."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.annuaire import interlocuteurs, queries, queries_choix
from portal.annuaire.recherche import FiltreAnnuaire, Resultat, chercher
from portal.annuaire.regles import qui_pourvoit
from portal.conventions import fiche as conventions
from portal.organisations import queries_structures
from portal.organisations.enums import LIBELLES_TYPE, TypeOrganisation
from portal.organisations.referentiel import LIBELLES_MAILLE, Lieu, Maille, territoires_de
from portal.security.permissions import LIBELLES_PROFIL, Permission
from portal.security.policy import can
from portal.shared.errors import NotVisible
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.filtres import TYPES, cursor, flag, text
from portal.web.render import current_query, render_view, url_avec, wants_fragment

DEPUIS = ("structure", "convention", "commune")
"""What « Qui est mon interlocuteur ? » may be asked from."""


@bp.get("")
@requires(Permission.ANNUAIRE_LIRE)
def liste() -> Response:
    """The directory: one box, filters; results while typing, in an address that can be shared."""
    actor = current_actor()
    filtre, organisation = filtre_lu()
    resultat = chercher(db(), actor, filtre, clock().today(actor.fuseau), cursor())
    fonctions = commun.fonctions(actor.departements)
    entier: dict[str, Any] = {}
    if not wants_fragment():
        entier = {
            "departements": nomenclatures.departement_choices(actor.departements),
            "natures": nomenclatures.nature_choices(),
            "types": {kind: _(label) for kind, label in LIBELLES_TYPE.items()},
            "publics": commun.publics_choisis(),
            "territoires": _territoires(),
        }
    return render_view(
        "annuaire/liste.html",
        "annuaire/_liste.html",
        filtre=filtre,
        resultat=resultat,
        annonce=_annonce(resultat),
        puces=_puces(filtre, fonctions, organisation),
        fonctions=fonctions,
        organisation=organisation,
        ajoute=can(actor, Permission.ANNUAIRE_MODIFIER),
        exporte=can(actor, Permission.ANNUAIRE_EXPORTER),
        vue=vue(),
        **entier,
    )


def filtre_lu() -> tuple[FiltreAnnuaire, Any]:
    """Return the filter of the address, and its organisation when it names one; raises NotVisible."""
    organisation = (
        queries.organisation(db(), current_actor(), text("organisation", 16))
        if text("organisation", 16)
        else None
    )
    filtre = FiltreAnnuaire(
        texte=text("q"),
        departement_code=text("departement", 3),
        lieu=Lieu.lire(text("territoire", 30)),
        fonction_code=text("fonction", 40),
        nature_code=text("nature", 20),
        type=TYPES.get(text("type")),
        public=text("public", 40),
        a_verifier=flag("a_verifier"),
        organisation_id=organisation.id if organisation else None,
    )
    return filtre, organisation


def vue() -> str:
    """Return the query of the address without its page: what an export of the same list is asked with."""
    return urlencode(current_query(curseur=None), doseq=True)


@bp.get("/interlocuteurs")
@requires(Permission.ANNUAIRE_LIRE)
def interlocuteurs_de() -> Response:
    """Who answers, subject by subject, for a structure, a convention or a commune."""
    actor, titre, contexte = current_actor(), "", None
    typed = text("commune", 80)
    proposees: Sequence[Any] = ()
    if ref := text("structure", 16):
        structure = queries_structures.structure(db(), actor, ref)
        contexte, titre = interlocuteurs.d_une_structure(db(), structure), structure.nom
    elif ref := text("convention", 16):
        contexte, titre = _de_la_convention(ref)
    elif typed:
        chosen, proposees = queries_choix.communes_demandees(db(), actor.departements, typed)
        if chosen is not None:
            contexte, titre = interlocuteurs.d_une_commune(db(), actor, chosen.code)
    reponses = interlocuteurs.Reponses([])
    if contexte is not None:
        reponses = interlocuteurs.repondre(db(), actor, contexte, clock().today(actor.fuseau))
    sujet, nom = text("sujet", 40), text("partenaire", 80)
    vue_des_sujets = interlocuteurs.choisir(reponses.sujets, sujet, nom)
    return render_view(
        "annuaire/interlocuteurs.html",
        "annuaire/_interlocuteurs.html",
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("Qui est mon interlocuteur ?"), "")],
        titre=titre,
        commune=typed,
        proposees=proposees,
        cherchee=contexte is not None,
        vue=vue_des_sujets,
        groupes=_par_partenaire(vue_des_sujets.sujets),
        sujet=sujet,
        partenaire=nom,
        sujets=_liens(vue_des_sujets, sujet),
        depuis=[(cle, text(cle, 80)) for cle in DEPUIS if text(cle, 80)],
        coupe=reponses.coupe,
        langue=commun.langue(),
        pourvoient=_pourvoient,
    )


def _liens(vue_des_sujets: interlocuteurs.Vue, courant: str) -> list[tuple[str, int, str, bool]]:
    """Return each subject as (label, how many partners, address, whether it is the one shown)."""
    langue = commun.langue()
    return [
        (_("Tous les sujets"), vue_des_sujets.partenaires, url_avec(sujet=None), not courant),
        *(
            (une.libelle.en_langue(langue), nombre, url_avec(sujet=une.code), une.code == courant)
            for une, nombre in vue_des_sujets.par_fonction
        ),
    ]


def _de_la_convention(ref: str) -> tuple[interlocuteurs.Contexte, str]:
    actor = current_actor()
    if not can(actor, Permission.CONVENTIONS_LIRE):
        raise NotVisible(ref)
    convention = conventions.fiche(db(), clock(), actor, ref).convention
    parties = [convention.operateur, convention.siao, convention.etat]
    return interlocuteurs.d_une_convention(convention.departement_code, parties), convention.operateur.nom


def _par_partenaire(
    sujets: Sequence[interlocuteurs.Sujet],
) -> list[tuple[Any, list[interlocuteurs.Sujet]]]:
    groups: dict[int, tuple[Any, list[interlocuteurs.Sujet]]] = {}
    for sujet in sujets:
        groups.setdefault(sujet.partenaire.id, (sujet.partenaire, []))[1].append(sujet)
    return list(groups.values())


def _pourvoient(kind: TypeOrganisation) -> str:
    """Say who should name someone in an organisation of a kind."""
    return _(LIBELLES_PROFIL[qui_pourvoit(kind)[0]])


def _annonce(resultat: Resultat) -> str:
    """Return what is said of the results, aloud too."""
    if resultat.page is not None:
        if not resultat.page.total_exact:
            return _("Plus de %(nombre)s fonctions.", nombre=resultat.page.total)
        return ngettext("%(num)s fonction.", "%(num)s fonctions.", resultat.page.total)
    if resultat.plus:
        return _(
            "Les %(nombre)s réponses les plus proches. Il y en a d’autres : ajoutez un mot ou un filtre.",
            nombre=len(resultat.lignes),
        )
    return ngettext("%(num)s réponse.", "%(num)s réponses.", len(resultat.lignes))


def _territoires() -> dict[str, list[tuple[str, str]]]:
    """Return the arrondissements and EPCIs of the reader's départements; a commune has its own page."""
    found = territoires_de(db(), current_actor().departements)
    return {
        _(LIBELLES_MAILLE[maille]): found[maille]
        for maille in (Maille.ARRONDISSEMENT, Maille.EPCI)
        if found.get(maille)
    }


def _puces(
    filtre: FiltreAnnuaire, fonctions: dict[str, str], organisation: Any
) -> list[tuple[str, str, str]]:
    """Return the active filters as (label, value, address without it)."""
    natures, publics = nomenclatures.natures(), dict(commun.publics_choisis())
    shown = [
        ("departement", _("Département"), filtre.departement_code),
        ("fonction", _("Fonction"), fonctions.get(filtre.fonction_code, filtre.fonction_code)),
        ("type", _("Type"), _(LIBELLES_TYPE[filtre.type]) if filtre.type else ""),
        ("nature", _("Nature"), natures.get(filtre.nature_code, filtre.nature_code)),
        ("public", _("Public"), publics.get(filtre.public, filtre.public)),
        ("territoire", _("Territoire"), _nom(filtre.lieu)),
        ("organisation", _("Organisation"), organisation.nom if organisation else ""),
        ("a_verifier", _("À vérifier"), _("seulement") if filtre.a_verifier else ""),
    ]
    return [
        (label, value, url_avec(**{name: None, "curseur": None})) for name, label, value in shown if value
    ]


def _nom(lieu: Lieu | None) -> str:
    if lieu is None:
        return ""
    return next(
        (nom for options in _territoires().values() for code, nom in options if code == str(lieu)), lieu.code
    )
