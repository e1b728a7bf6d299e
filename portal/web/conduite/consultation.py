"""An urgent case: the members are consulted in writing, then the decision is written, before the session."""

from flask import Response, flash, request
from flask_babel import gettext as _

from portal.commissions.conduite import consultation as service
from portal.commissions.conduite import queries
from portal.commissions.enums_dossiers import StatutDecision
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.commissions.seances import fuseau
from portal.web.conduite import commun
from portal.web.conduite.blueprint import bp
from portal.web.conduite.decisions import noter_interdits, rivaliser
from portal.web.conduite.gestes import DECIDER, refuser
from portal.web.context import clock, db
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.route("/<seance_ref>/conduite/dossiers/<dossier_ref>/consultation", methods=["GET", "POST"])
@requires(DECIDER)
def consultation(seance_ref: str, dossier_ref: str) -> Response:
    """Consult the members in writing, read how many answered, write the decision."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    seance = suivie.seance
    dossier, trouvees = queries.examine(db(), suivie, dossier_ref)
    ici = commun.adresse(seance, f"/dossiers/{dossier.ref}/consultation")
    if request.method == "POST" and "ouvrir" in request.form:
        try:
            service.consulter(db(), clock(), actor, seance, dossier)
        except DomainError as error:
            return refuser(error, ici)
        flash(_("Les membres sont consultés : chacun reçoit un courriel, sans rien du ménage."), "succes")
        return see_other(ici)
    ecrite = trouvees.get(True)
    lue = queries.lire(db(), ecrite) if ecrite else None
    form = commun.formulaire(suivie, dossier, lue, vide=False, ecrite=True) if lue else None
    rival = None
    if form is not None and ecrite is not None and form.validate_on_submit():
        try:
            service.decider(db(), clock(), actor, ecrite, form.saisie(), version=form.version_number)
        except StaleVersion:
            suivie, lue, rival = rivaliser(seance_ref, dossier_ref, form, ecrite=True)
            rival["recharger"] = ici
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            noter_interdits(error, dossier_ref, seance.id)
            _actor, suivie = commun.lire(seance_ref)
        else:
            flash(_("La décision est prise par écrit ; la séance la confirmera."), "succes")
            return see_other(commun.adresse(seance))
        seance, dossier = suivie.seance, queries.dossier(db(), suivie, dossier_ref)
    reponses = service.reponses(db(), seance, dossier) if lue else None
    return render_view(
        "conduite/consultation.html",
        status=409 if rival else status_of(form) if form is not None else 200,
        rival=rival,
        fil=commun.fil(seance, (_("Consultation écrite"), "")),
        seance=seance,
        commission=seance.commission,
        dossier=dossier,
        lue=lue,
        redigee=lue is not None and lue.statut is StatutDecision.REDIGEE,
        reponses=reponses,
        mure=lue is not None and reponses is not None and service.mure(clock(), lue.repondre_avant, reponses),
        form=form,
        fuseau=fuseau(seance),
        libelles=commun.libelles(),
        action=ici,
        annuler=commun.adresse(seance),
    )
