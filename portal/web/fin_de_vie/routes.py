"""A household's requests about its data, and the data that come to their term.

Pages name a household by its code; what it says is read in the body alone. Every reading is written down.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import conservation as termes
from portal.grilles.fin_de_vie import demandes as service
from portal.grilles.fin_de_vie import queries
from portal.grilles.fin_de_vie.enums import (
    LIBELLES_GENRE_DEMANDE,
    GenreDemande,
    LectureDemande,
    StatutDemande,
)
from portal.grilles.menages import queries as menages
from portal.security.permissions import SIAO, Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db, settings
from portal.web.fin_de_vie.forms import FormDemande, FormEffacement, FormRefus, FormReponse
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.menages import commun
from portal.web.organisations import nomenclatures
from portal.web.organisations.routes import status_of
from portal.web.render import attachment, render_view, see_other
from portal.web.travaux import genres
from portal.web.travaux.routes import nothing_new

bp = Blueprint("fin_de_vie", __name__, url_prefix="/menages")

genres.declare(service.COPIE, genres.Genre(N_("Copie des données d’un ménage")))

MOTIFS = {
    "duree": N_("Fin de la conservation"),
    "brouillon": N_("Grille inachevée, sans écriture"),
    "demande": N_("À la demande du ménage"),
    "restauration": N_("Effacé de nouveau après une restauration"),
}


@bp.get("/demandes")
@requires(Permission.MENAGES_LIRE)
def demandes() -> Response:
    """The requests to be answered, the most pressing first, or those answered."""
    actor = current_actor()
    traitees = request.args.get("traitees") == "1"
    return render_view(
        "fin_de_vie/demandes.html",
        fil=[(_("Ménages"), url_for("menages.liste")), (_("Demandes des ménages"), "")],
        lignes=queries.demandes(db(), clock(), actor, traitees=traitees),
        traitees=traitees,
        jour=clock().today(actor.fuseau),
        fuseau=actor.fuseau,
    )


@bp.route("/<menage_ref>/demandes/nouvelle", methods=["GET", "POST"])
@requires(Permission.MENAGES_LIRE)
def recevoir(menage_ref: str) -> Response:
    """Write down what a household asks about its data."""
    actor, vise = commun.lire(menage_ref)
    form = FormDemande.neuve(clock().today(actor.fuseau))
    if form.validate_on_submit():
        assert form.recue_le.data is not None  # asked for by its form
        try:
            made = service.recevoir(
                db(),
                clock(),
                actor,
                vise,
                GenreDemande(form.genre.data),
                form.recue_le.data,
                form.detail.data or "",
                key=form.cle_idempotence.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("La demande est enregistrée, avec son échéance."), "succes")
            return see_other(url_for("fin_de_vie.demande", demande_ref=made.ref))
    return render_view(
        "fin_de_vie/recevoir.html",
        "fin_de_vie/_recevoir.html",
        status=status_of(form),
        fil=commun.fil_de(vise.menage, (_("Demande du ménage"), "")),
        form=form,
        action=request.path,
        annuler=commun.adresse(vise.menage),
        menage=vise.menage,
    )


@bp.get("/demandes/<demande_ref>")
@requires(Permission.MENAGES_LIRE)
def demande(demande_ref: str) -> Response:
    """One request: what is asked, by when, what may be done. A page that waits for its copy is told 204
    while nothing is new of it."""
    lue = queries.demande(db(), clock(), current_actor(), demande_ref)
    travail = queries.copie(db(), current_actor(), demande_ref)
    if travail is not None and nothing_new(genres.state(travail)):
        return make_response("", 204)
    if lue.menage is not None:
        commun.noter_lecture(lue.menage, LectureDemande.DEMANDE.value, demande_ref)
    return _page(lue)


def _page(lue: queries.DemandeLue, status: int = 200, refus: str = "") -> Response:
    actor, recue = current_actor(), lue.demande.statut is StatutDemande.RECUE
    travail = queries.copie(db(), actor, lue.demande.ref)
    return render_view(
        "fin_de_vie/demande.html",
        "fin_de_vie/_demande.html",
        status=status,
        refus=refus,
        fil=_fil(lue),
        lue=lue,
        d=lue.demande,
        ouverte=recue and lue.menage is not None,
        efface=lue.menage is not None and can(actor, Permission.MENAGES_EFFACER, lue.menage),
        siao=actor.profil in SIAO,
        travail=travail,
        libelle=genres.label(service.COPIE),
        etat=genres.state(travail) if travail is not None else "",
        en_cours=travail is not None and genres.under_way(travail),
        echec=genres.refusals(travail) if travail is not None and not lue.demande.fichier_id else [],
        genres_demande=GenreDemande,
        jour=clock().today(actor.fuseau),
        fuseau=actor.fuseau,
        form=Formulaire(data={"version": str(lue.demande.version)}),
    )


@bp.post("/demandes/<demande_ref>/preparer")
@requires(Permission.MENAGES_LIRE)
def preparer_copie(demande_ref: str) -> Response:
    """Have the copy made by the worker."""
    lue = queries.demande(db(), clock(), current_actor(), demande_ref)
    try:
        service.preparer_copie(
            db(), clock(), current_actor(), lue.demande, version=Formulaire().version_number
        )
    except DomainError as error:
        return _page(lue, 422, domain_message(error))
    except StaleVersion:
        return _page(lue, 409, _perimee())
    return see_other(_adresse(demande_ref))


@bp.get("/demandes/<demande_ref>/copie")
@requires(Permission.MENAGES_LIRE)
def copie(demande_ref: str) -> Response:
    """The copy to be given to the household, for whoever follows its request."""
    lue = queries.demande(db(), clock(), current_actor(), demande_ref)
    file = lue.demande.fichier
    if lue.menage is None or file is None:
        raise NotVisible(demande_ref)
    storage = Storage(settings())
    octets, nom, type_mime = storage.open_for_download(file), file.nom, file.type_mime
    commun.noter_lecture(lue.menage, LectureDemande.COPIE.value, demande_ref)
    return attachment(octets, nom, type_mime)


@bp.route("/demandes/<demande_ref>/repondre", methods=["GET", "POST"])
@requires(Permission.MENAGES_LIRE)
def repondre(demande_ref: str) -> Response:
    """Say how a request was answered."""
    form = FormReponse()

    def act(lue: queries.DemandeLue) -> None:
        texte = form.reponse.data or ""
        service.faire(db(), clock(), current_actor(), lue.demande, texte, version=form.version_number)

    return _acte(demande_ref, form, act, _("Répondre à la demande"), "repondre", _("La demande est faite."))


@bp.route("/demandes/<demande_ref>/refuser", methods=["GET", "POST"])
@requires(Permission.MENAGES_EFFACER)
def refuser(demande_ref: str) -> Response:
    """Refuse a request, with its reason."""
    form = FormRefus()

    def act(lue: queries.DemandeLue) -> None:
        texte = form.reponse.data or ""
        service.refuser(db(), clock(), current_actor(), lue.demande, texte, version=form.version_number)

    return _acte(
        demande_ref, form, act, _("Refuser la demande"), "refuser", _("Le refus est noté, avec son motif.")
    )


@bp.route("/demandes/<demande_ref>/effacer", methods=["GET", "POST"])
@requires(Permission.MENAGES_EFFACER)
def executer(demande_ref: str) -> Response:
    """Erase a household at its request: its code is typed again."""
    form = FormEffacement()

    def act(lue: queries.DemandeLue) -> None:
        service.executer(
            db(),
            clock(),
            Storage(settings()),
            current_actor(),
            lue.demande,
            form.code.data or "",
            version=form.version_number,
        )

    return _acte(
        demande_ref,
        form,
        act,
        _("Effacer les données du ménage"),
        "executer",
        _("Les données du ménage sont effacées. La preuve est gardée, sans contenu."),
    )


def _acte(
    demande_ref: str,
    form: Any,
    act: Callable[[queries.DemandeLue], None],
    titre: str,
    corps: str,
    succes: str,
) -> Response:
    """Do something to a request, or show its form with what was refused."""
    lue = queries.demande(db(), clock(), current_actor(), demande_ref)
    if lue.menage is None:
        raise NotVisible(demande_ref)
    status = 200
    if form.validate_on_submit():
        try:
            act(lue)
        except DomainError as error:
            form.refuse(error)
        except StaleVersion as stale:
            status = 409
            form.version.data = str(stale.current.version) if stale.current else "0"
            form.form_errors = [*form.form_errors, _perimee()]
        else:
            flash(succes, "succes")
            return see_other(_adresse(demande_ref))
    elif not form.is_submitted():
        form.version.data = str(lue.demande.version)
    return render_view(
        "fin_de_vie/acte.html",
        f"fin_de_vie/_{corps}.html",
        status=status if status != 200 else status_of(form),
        fil=[*_fil(lue)[:-1], (_libelle(lue), _adresse(demande_ref)), (titre, "")],
        titre=titre,
        corps=f"fin_de_vie/_{corps}.html",
        form=form,
        d=lue.demande,
        action=request.path,
        annuler=_adresse(demande_ref),
    )


@bp.get("/conservation")
@requires(Permission.MENAGES_LIRE)
def conservation() -> Response:
    """What comes to its term among the households that the reader sees; for the SIAO, what was erased."""
    actor = current_actor()
    vus = menages.visible_to(actor, clock())
    return render_view(
        "fin_de_vie/conservation.html",
        fil=[(_("Ménages"), url_for("menages.liste")), (_("Conservation"), "")],
        lignes=termes.echeances(db(), clock(), condition=vus, codes=actor.departements),
        preuves=queries.preuves(db(), actor),
        etapes=termes.LIBELLES_ETAPE,
        objets=termes.LIBELLES_OBJET,
        a_effacer=termes.Etape.A_EFFACER,
        motifs=MOTIFS,
        siao=actor.profil in SIAO,
        efface=can(actor, Permission.MENAGES_EFFACER),
        departements=nomenclatures.departements(),
        plusieurs=len(actor.departements) > 1,
        fuseau=actor.fuseau,
    )


@bp.route("/conservation/<menage_ref>/effacer", methods=["GET", "POST"])
@requires(Permission.MENAGES_EFFACER)
def effacer(menage_ref: str) -> Response:
    """Erase what is past its term of one household."""
    _actor, vise = commun.lire(menage_ref)
    form = Formulaire()
    liste = url_for("fin_de_vie.conservation")
    if form.validate_on_submit():
        try:
            echus = termes.effacer_echu(db(), clock(), Storage(settings()), current_actor(), menage_ref)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                ngettext(
                    "Effacé. La preuve est gardée, sans contenu.",
                    "%(num)s effacements faits. Leur preuve est gardée, sans contenu.",
                    len(echus),
                ),
                "succes",
            )
            return see_other(liste)
    found = termes.echeances(db(), clock(), codes=[vise.menage.departement_code], menage_id=vise.menage.id)
    return render_view(
        "fin_de_vie/acte.html",
        "fin_de_vie/_effacer.html",
        status=status_of(form),
        fil=[
            (_("Ménages"), url_for("menages.liste")),
            (_("Conservation"), liste),
            (vise.menage.code, ""),
        ],
        titre=_("Effacer"),
        corps="fin_de_vie/_effacer.html",
        form=form,
        menage=vise.menage,
        echus=[one for one in found if one.etape is termes.Etape.A_EFFACER],
        objets=termes.LIBELLES_OBJET,
        action=request.path,
        annuler=liste,
    )


def _adresse(demande_ref: str) -> str:
    return url_for("fin_de_vie.demande", demande_ref=demande_ref)


def _libelle(lue: queries.DemandeLue) -> str:
    return str(_(LIBELLES_GENRE_DEMANDE[lue.demande.genre]))


def _fil(lue: queries.DemandeLue) -> list[tuple[str, str]]:
    return [
        (_("Ménages"), url_for("menages.liste")),
        (_("Demandes des ménages"), url_for("fin_de_vie.demandes")),
        (_libelle(lue), ""),
    ]


def _perimee() -> str:
    return str(_("Cette demande a changé pendant que vous la lisiez : relisez-la, puis recommencez."))
