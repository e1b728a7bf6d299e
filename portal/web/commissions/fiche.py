"""The list of commissions, and the page of one: what it is, who sits, how it decides."""

from datetime import timedelta

from flask import Response

from portal.audit.service import history
from portal.commissions import queries, queries_seances
from portal.commissions.nomenclatures import decisions, prereglages, prescriptions
from portal.organisations.natures import fuseaux
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.clock import PARIS
from portal.shared.messages import N_
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations.filtres import flag
from portal.web.render import render_view

GESTES = 15
PASSEES, A_VENIR = timedelta(days=190), timedelta(days=731)
GESTES_DITS = {
    "commissions:commission:ouvrir": N_("commission créée"),
    "commissions:commission:modifier": N_("configuration modifiée"),
    "commissions:commission:mettre_en_service": N_("mise en service"),
    "commissions:commission:fermer": N_("commission fermée"),
    "commissions:commission:ajouter_college": N_("collège ajouté"),
    "commissions:commission:modifier_college": N_("collège modifié"),
    "commissions:commission:retirer_college": N_("collège retiré"),
    "commissions:commission:donner_siege": N_("siège donné"),
    "commissions:commission:retirer_siege": N_("siège retiré"),
    "commissions:commission:presider": N_("présidence donnée ou retirée"),
    "commissions:commission:secretariat": N_("secrétariat passé à une autre organisation"),
    "commissions:texte:publier": N_("texte publié"),
    "commissions:texte:accepter": N_("texte accepté"),
}


@bp.get("")
@requires(Permission.COMMISSIONS_LIRE)
def liste() -> Response:
    """The commissions of the reader's départements, or those where it sits."""
    actor = current_actor()
    fermees = flag("fermees")
    return render_view(
        "commissions/liste.html",
        lignes=queries.lister(db(), actor, clock().now(), fermees=fermees),
        fermees=fermees,
        rythme=commun.rythme,
        fuseaux=fuseaux(),
        cree=can(actor, Permission.COMMISSIONS_CONFIGURER),
    )


@bp.get("/<commission_ref>")
@requires(Permission.COMMISSIONS_LIRE)
def detail(commission_ref: str) -> Response:
    """One commission."""
    actor, commission = commun.lire(commission_ref)
    vise = queries.vise(commission)
    jour = clock().today(actor.fuseau)
    configure = can(actor, Permission.COMMISSIONS_CONFIGURER, vise)
    langue = commun.langue()
    prereglage = prereglages().get(commission.prereglage_code)
    now = clock().now()
    seances = queries_seances.lister(
        db(), actor, jour, now - PASSEES, now + A_VENIR, commission_id=commission.id
    )
    return render_view(
        "commissions/detail.html",
        fil=commun.fil_de(commission),
        commission=commission,
        genre=prereglage.libelle.en_langue(langue) if prereglage else "",
        departement=commun.departement(commission.departement_code),
        rythme=commun.rythme(commission.rythme, commission.rythme_nombre),
        composition=queries.composition(db(), commission, jour),
        a_venir=[one for one in seances if one.fin >= now],
        passees=[one for one in reversed(seances) if one.fin < now],
        fuseau=fuseaux().get(commission.departement_code, PARIS),
        fonctions=commun.libelles_fonctions(commission.departement_code),
        decisions=[decisions()[code].en_langue(langue) for code in commission.decisions],
        prescriptions=[prescriptions()[code].en_langue(langue) for code in commission.prescriptions],
        configure=configure,
        valide=can(actor, Permission.COMMISSIONS_VALIDER, vise),
        reunit=can(actor, Permission.COMMISSIONS_REUNIR, vise),
        form=Formulaire(),
        gestes_dits=GESTES_DITS,
        gestes=history(db(), "commission", commission.id, GESTES) if configure else [],
    )
