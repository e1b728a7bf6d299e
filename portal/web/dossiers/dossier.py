"""One dossier: what the reader sees of it, and what they may do: deposit, check, register, advise."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from portal.audit.service import history
from portal.commissions.dossiers import (
    avis,
    deports,
    instruction,
    lecture,
    ordre,
    queries,
    radiation,
    service,
)
from portal.commissions.dossiers.lecture import Acces, Papier
from portal.commissions.dossiers.policies import Regard, Vise
from portal.commissions.dossiers.presentateur import lieu_de
from portal.commissions.dossiers.workflow import AVANT_LA_SEANCE, MODIFIABLES, TONS
from portal.commissions.enums import Autorisation, PresencePrescripteur, StatutSeance
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.nomenclatures import decisions as decisions_connues
from portal.commissions.suites_seance import queries as decisions
from portal.conventions.jours import fuseau_de
from portal.grilles.relecture import expressions
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db, fresh_transaction, is_poll
from portal.web.dossiers import commun
from portal.web.dossiers.blueprint import bp
from portal.web.dossiers.forms import FormAvis, FormDeport, FormInscription, FormManques, FormMotif, FormNote
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

DEPOSER, LIRE = Permission.DOSSIERS_DEPOSER, Permission.DOSSIERS_LIRE
INSTRUIRE, AVISER = Permission.DOSSIERS_INSTRUIRE, Permission.DOSSIERS_AVISER
GESTES = {
    "dossiers:dossier:ouvrir": N_("brouillon commencé"),
    "dossiers:dossier:modifier": N_("dossier modifié"),
    "dossiers:dossier:deposer": N_("dossier déposé"),
    "dossiers:dossier:rendre": N_("complément demandé"),
    "dossiers:dossier:recevoir": N_("déclaré recevable"),
    "dossiers:dossier:inscrire": N_("inscrit à une séance"),
    "dossiers:dossier:convier": N_("prescripteur invité à le présenter"),
    "dossiers:dossier:desinscrire": N_("retiré de l’ordre du jour"),
    "dossiers:dossier:reporter": N_("reporté, la séance étant annulée"),
    "dossiers:dossier:retirer": N_("retiré par son prescripteur"),
    "dossiers:dossier:radier": N_("radié"),
    "dossiers:dossier:fermer_lecture": N_("autorisation du ménage fermée"),
    "dossiers:avis:donner": N_("avis donné"),
}
DEPORTS = {
    "dossiers:deport:declarer": N_("déport déclaré"),
    "dossiers:deport:lever": N_("déport levé"),
}


@bp.get("/<dossier_ref>")
@requires(LIRE)
def detail(dossier_ref: str) -> Response:
    """One dossier. Left open, its page asks whether it may still be read."""
    if is_poll():
        return _veille(dossier_ref)
    return _lire(dossier_ref)


def _veille(dossier_ref: str) -> Response:
    """Nothing (204) while the page says what may be read; else what has it asked for anew."""
    lisible = queries.lisible(db(), clock(), current_actor(), dossier_ref)
    if (request.args.get("etat") == Acces.OUVERT.value) is lisible:
        return Response(status=204)
    return render_view("dossiers/_veille.html", ici=f"/dossiers/{dossier_ref}")


def _lire(dossier_ref: str, status: int = 200, **forms: Formulaire) -> Response:
    """Show a dossier. What is shown was open when the reading was written down."""
    actor = current_actor()
    lus: list[tuple[Vise, Papier]] = []

    def lire(session: Any) -> None:
        vise = queries.vue(session, clock(), actor, dossier_ref)
        lus.append((vise, lecture.lu_par(session, clock(), actor, vise.dossier, vise=vise)))

    try:
        fresh_transaction(lire)
    except DomainError as error:
        if error.code != "dossiers.textes":
            raise
        return _textes(dossier_ref)
    vise, lu = lus[0]
    return _page(actor, vise, lu, status, **forms)


def _textes(dossier_ref: str) -> Response:
    _actor, vise = commun.lire(dossier_ref)
    return render_view(
        "dossiers/textes.html",
        fil=commun.fil_de(vise.dossier),
        commission=vise.dossier.commission,
        code=vise.dossier.code,
        ici=f"/dossiers/{vise.dossier.ref}",
    )


def _page(actor: Actor, vise: Vise, lu: Papier, status: int = 200, **forms: Formulaire) -> Response:
    dossier = vise.dossier
    instruit = can(actor, INSTRUIRE, vise)
    opinions = avis.lus(db(), vise) if lu.acces is Acces.OUVERT or instruit else None
    a_inscrire = instruit and dossier.statut in A_INSCRIRE
    seances = queries.seances_a_venir(db(), clock(), dossier.commission_id) if a_inscrire else []
    prescrit = can(actor, DEPOSER, vise)
    suivi = vise.de_droit or instruit
    version = {"version": str(dossier.version)}
    inscription = forms.get("inscription") or FormInscription(formdata=None, data=version)
    if isinstance(inscription, FormInscription):
        inscription.seance.choices = nomenclatures.options(
            [(one.ref, show_datetime(one.debut, fuseau_de(one.departement_code))) for one in seances],
            _("Choisissez"),
        )
    contenu = f"{lu.situation}\n{lu.demande}" if prescrit and dossier.statut in MODIFIABLES else ""
    sien = opinions.sien if opinions else None
    membre = Regard.MEMBRE in vise.regards
    declarables = deports.declarables(actor, vise, opinions.siegent) if opinions else []
    form_deport = forms.get("form_deport") or FormDeport.de(formdata=None)
    if isinstance(form_deport, FormDeport):
        form_deport.organisme.choices = nomenclatures.options(
            ((one.ref, one.nom) for one in declarables), _("Choisissez")
        )
    avant = dossier.seance is not None and dossier.seance.debut > clock().now() and not vise.ouverte
    return render_view(
        "dossiers/detail.html",
        status=status,
        fil=commun.fil_de(dossier),
        ici=commun.adresse(dossier),
        **commun.rendu(lu),
        vise=vise,
        ton=TONS[dossier.statut],
        membre=membre,
        deportes=dossier.deports
        if (instruit and not vise.hors_circuit) or (membre and lu.acces is Acces.OUVERT)
        else [],
        declarables=declarables,
        leve=instruit and dossier.statut in deports.AVANT_LA_DECISION,
        form_deport=form_deport,
        prescrit=prescrit,
        modifiable=prescrit and dossier.statut in MODIFIABLES,
        retirable=prescrit and dossier.statut in AVANT_LA_SEANCE,
        instruit=instruit,
        radiable=instruit and dossier.statut in AVANT_LA_SEANCE,
        manques=service.manques(db(), dossier) if suivi else "",
        accord_attendu=dossier.statut is StatutDossier.BROUILLON
        and prescrit
        and dossier.commission.autorisation is Autorisation.PRESENTATION
        and service.accord_utilisable(db(), clock(), dossier) is None,
        doublons=queries.doublons(db(), dossier) if instruit and dossier.statut in A_COMPARER else [],
        seances=seances,
        renvoye=vise.renvoye,
        conviable=a_inscrire
        and avant
        and dossier.commission.prescripteur is PresencePrescripteur.SUR_INVITATION
        and not vise.presente,
        consultable=instruit
        and avant
        and dossier.statut is StatutDossier.INSCRIT
        and dossier.seance is not None
        and dossier.seance.statut is StatutSeance.CONVOQUEE
        and lu.autorisee,
        lieu=lieu_de(dossier.seance) if dossier.seance else "",
        decisions=decisions.du_dossier(db(), clock(), actor, dossier.id, toujours=suivi)
        if can(actor, Permission.DECISIONS_LIRE)
        and (dossier.statut in DECIDES or vise.renvoye or dossier.ajournements)
        else [],
        libelles_decisions=decisions_connues(),
        opinions=opinions,
        avise=opinions is not None
        and opinions.demande
        and can(actor, AVISER, vise)
        and avant
        and lu.acces is Acces.OUVERT,
        mots=expressions(contenu) if contenu else [],
        gestes=history(db(), "dossier", dossier.id, 12) if suivi else [],
        gestes_dits=GESTES if vise.hors_circuit else GESTES | DEPORTS,
        form=forms.get("form") or Formulaire(formdata=None, data=version),
        inscription=inscription,
        rendre=forms.get("rendre") or FormManques(formdata=None, data=version),
        retrait=forms.get("retrait") or FormMotif(formdata=None, data=version),
        form_avis=forms.get("form_avis")
        or FormAvis.de(sien, opinions.sien_motif if opinions else "", formdata=None),
        form_note=forms.get("form_note") or FormNote.de(avis.note(db(), vise), formdata=None),
    )


A_COMPARER = (StatutDossier.DEPOSE, StatutDossier.INCOMPLET, StatutDossier.RECEVABLE)
A_INSCRIRE = (StatutDossier.RECEVABLE, StatutDossier.INSCRIT)
DECIDES = (
    StatutDossier.EN_SEANCE,  # what was decided in writing, and not confirmed, was told
    StatutDossier.DECIDE,
    StatutDossier.NOTIFIE,
    StatutDossier.RECOURS,
    StatutDossier.CLOS,
)
Geste = Callable[[Actor, Vise], Any]


def acte(dossier_ref: str, permission: Permission, nom: str, form: Any, geste: Geste, fait: str) -> Response:
    """Do something to a dossier; when it is refused, its page comes back with what was typed."""
    actor, vise = commun.lire(dossier_ref, permission)
    status = 422
    if form.validate_on_submit():
        try:
            geste(actor, vise)
        except StaleVersion:
            db().rollback()
            db().expire_all()
            status = 409
            _actor, vise = commun.lire(dossier_ref, permission)
            courante = avis.version_de(db(), vise, nom)
            commun.depasse(form, vise.dossier.version if courante is None else courante)
        except (DomainError, DomainErrors) as error:
            db().rollback()
            form.refuse(error)
        else:
            flash(fait, "succes")
            return see_other(commun.adresse(vise.dossier))
    return _lire(dossier_ref, status if form.form_errors or form.errors else status_of(form), **{nom: form})


@bp.post("/<dossier_ref>/deposer")
@requires(DEPOSER)
def deposer(dossier_ref: str) -> Response:
    """Deposit it."""
    form = Formulaire()
    return acte(
        dossier_ref,
        DEPOSER,
        "form",
        form,
        lambda actor, vise: service.deposer(db(), clock(), actor, vise, version=form.version_number),
        _("Le dossier est déposé : le secrétariat est prévenu."),
    )


@bp.post("/<dossier_ref>/retirer")
@requires(DEPOSER)
def retirer(dossier_ref: str) -> Response:
    """Withdraw it, as its prescriber; a draft is forgotten."""
    form = FormMotif()
    _actor, vise = commun.lire(dossier_ref, DEPOSER)
    menage, brouillon = vise.dossier.menage.ref, vise.dossier.statut is StatutDossier.BROUILLON
    response = acte(
        dossier_ref,
        DEPOSER,
        "retrait",
        form,
        lambda actor, vise: radiation.retirer(
            db(), clock(), actor, vise, form.motif.data or "", version=form.version_number
        ),
        _("Le brouillon est effacé.")
        if brouillon
        else _("Le dossier est retiré : le secrétariat est prévenu."),
    )
    return see_other(f"/menages/{menage}") if brouillon and response.status_code in (204, 303) else response


@bp.post("/<dossier_ref>/rendre")
@requires(INSTRUIRE)
def rendre(dossier_ref: str) -> Response:
    """Give it back with what it lacks."""
    form = FormManques()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "rendre",
        form,
        lambda actor, vise: instruction.rendre(
            db(), clock(), actor, vise, form.manques.data or "", version=form.version_number
        ),
        _("Le prescripteur est prévenu de ce qui manque."),
    )


@bp.post("/<dossier_ref>/recevoir")
@requires(INSTRUIRE)
def recevoir(dossier_ref: str) -> Response:
    """Say that it is complete."""
    form = Formulaire()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "form",
        form,
        lambda actor, vise: instruction.recevoir(db(), clock(), actor, vise, version=form.version_number),
        _("Le dossier est recevable. Inscrivez-le maintenant à une séance."),
    )


@bp.post("/<dossier_ref>/inscrire")
@requires(INSTRUIRE)
def inscrire(dossier_ref: str) -> Response:
    """Put it on the agenda of a session."""
    form = FormInscription()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "inscription",
        form,
        lambda actor, vise: ordre.inscrire(
            db(), clock(), actor, vise, form.seance.data or "", version=form.version_number
        ),
        _("Le dossier est inscrit, en dernier : changez l’ordre si besoin."),
    )


@bp.post("/<dossier_ref>/convier")
@requires(INSTRUIRE)
def convier(dossier_ref: str) -> Response:
    """Invite its prescriber to present it."""
    form = Formulaire()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "form",
        form,
        lambda actor, vise: instruction.convier(db(), clock(), actor, vise, version=form.version_number),
        _("Le prescripteur est invité à présenter ce dossier : il sait quand et où."),
    )


@bp.post("/<dossier_ref>/desinscrire")
@requires(INSTRUIRE)
def desinscrire(dossier_ref: str) -> Response:
    """Take it out of the agenda."""
    form = Formulaire()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "form",
        form,
        lambda actor, vise: ordre.desinscrire(db(), clock(), actor, vise, version=form.version_number),
        _("Le dossier n’est plus à l’ordre du jour : il attend une autre séance."),
    )


@bp.post("/<dossier_ref>/radier")
@requires(INSTRUIRE)
def radier(dossier_ref: str) -> Response:
    """Strike it out."""
    form = FormMotif()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "retrait",
        form,
        lambda actor, vise: radiation.radier(
            db(), clock(), actor, vise, form.motif.data or "", version=form.version_number
        ),
        _("Le dossier est radié : le prescripteur est prévenu."),
    )


@bp.post("/<dossier_ref>/avis")
@requires(AVISER)
def donner_avis(dossier_ref: str) -> Response:
    """Give, or change, one's organisation's opinion."""
    form = FormAvis.de(None, "")
    return acte(
        dossier_ref,
        LIRE,
        "form_avis",
        form,
        lambda actor, vise: avis.donner(
            db(), clock(), actor, vise, form.choisi, form.motif.data or "", version=form.version_number
        ),
        _("L’avis de votre organisme est enregistré."),
    )


@bp.post("/<dossier_ref>/note")
@requires(LIRE)
def noter(dossier_ref: str) -> Response:
    """Keep one's own mark and question."""
    form = FormNote.de(avis.NoteLue())
    return acte(
        dossier_ref,
        LIRE,
        "form_note",
        form,
        lambda actor, vise: avis.noter(
            db(), clock(), actor, vise, form.choisie, form.texte.data or "", version=form.version_number
        ),
        _("Votre note est gardée."),
    )
