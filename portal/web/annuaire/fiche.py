"""The card of a function: whom to call, write to, copy; what its organisation signs with the reader's."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from portal.annuaire import queries, signalements, titulaires
from portal.annuaire.enums import Fraicheur
from portal.annuaire.regles import courriel_prive, fraicheur, qui_pourvoit
from portal.annuaire.vcard import carte
from portal.audit.service import history
from portal.commissions.queries import communes_aux_deux
from portal.conventions import fiche as conventions
from portal.organisations.enums import TypeOrganisation
from portal.organisations.policies import TERRITORIAL
from portal.organisations.queries import PARTNERS
from portal.security.permissions import LIBELLES_PROFIL, Permission
from portal.security.policy import Actor, can
from portal.shared.errors import NotVisible
from portal.shared.messages import N_
from portal.shared.text import normalise
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.render import attachment, render_view

CONVENTIONS = 6  # shown on a card; the list has the others
FILTRES = {TypeOrganisation.SIAO: "siao", TypeOrganisation.GESTIONNAIRE: "operateur"}
"""What the list of conventions filters an organisation by."""

GESTES = 20  # of the history
GESTES_DITS = {
    "annuaire:referent:ouvrir": N_("fiche ouverte"),
    "annuaire:referent:modifier": N_("fiche modifiée"),
    "annuaire:referent:verifier": N_("fiche vérifiée"),
    "annuaire:referent:fermer": N_("fonction retirée"),
    "annuaire:referent:passer": N_("fonction passée à une autre organisation"),
    "annuaire:referent:relancer": N_("vérification demandée par courriel"),
    "annuaire:titulaire:retirer": N_("données d’une personne retirées"),
    "annuaire:referent:importer": N_("fiche importée d’un tableau"),
    "annuaire:referent:annuler_import": N_("import défait"),
    "annuaire:titulaire:confier": N_("fonction confiée"),
    "annuaire:titulaire:corriger": N_("titulaire corrigé"),
    "annuaire:absence:noter": N_("absence notée"),
    "annuaire:absence:retirer": N_("absence retirée"),
}


@bp.get("/<referent_ref>")
@requires(Permission.ANNUAIRE_LIRE)
def detail(referent_ref: str) -> Response:
    """One function: who answers today, what it covers, how fresh it is, who held it."""
    actor = current_actor()
    referent, mois = queries.fiche(db(), actor, referent_ref)
    jour = clock().today(actor.fuseau)
    tenue = titulaires.tenue(referent, jour)
    peut = can(actor, Permission.ANNUAIRE_MODIFIER, referent) and referent.ferme_le is None
    natures = nomenclatures.natures()
    publics = dict(commun.publics_choisis())
    return render_view(
        "annuaire/detail.html",
        fil=commun.fil_de(referent),
        referent=referent,
        fonction=commun.libelle_fonction(referent.fonction_code),
        jour=jour,
        tenue=tenue,
        joindre=_joindre(referent, tenue),
        prives=[one for one in _adresses(referent, tenue) if courriel_prive(one)]
        if referent.ferme_le is None
        else [],
        fraicheur=fraicheur(referent.verifie_le, jour, mois),
        territoires=commun.territoires(referent),
        departement=nomenclatures.departements().get(referent.departement_code, referent.departement_code),
        natures=[natures.get(row.nature_code, row.nature_code) for row in referent.natures],
        publics=[publics.get(code, code) for code in referent.publics],
        pourvoit=_(LIBELLES_PROFIL[qui_pourvoit(referent.organisation.type)[0]]),
        peut=peut,
        form=Formulaire(),
        signalements=signalements.ouverts(db(), referent) if peut else (),
        sien=None if peut else signalements.sien(db(), actor, referent),
        relance=peut and can(actor, Permission.ANNUAIRE_MODERER) and tenue.repond is not None,
        organisation_visible=_sees(actor, referent.organisation),
        conventions=_conventions(actor, referent.organisation),
        commissions=_commissions(actor, referent),
        gestes_dits=GESTES_DITS,
        gestes=history(db(), "referent", referent.id, GESTES) if peut else [],
    )


@bp.get("/<referent_ref>/vcard")
@requires(Permission.ANNUAIRE_LIRE)
def vcard(referent_ref: str) -> Response:
    """The card as a file that phones and mail programs take."""
    actor = current_actor()
    referent, mois = queries.fiche(db(), actor, referent_ref)
    if referent.ferme_le is not None:
        raise NotVisible(referent_ref)
    tenue = titulaires.tenue(referent, clock().today(actor.fuseau))
    fonction = commun.libelle_fonction(referent.fonction_code)
    joindre = _joindre(referent, tenue)
    etat = fraicheur(referent.verifie_le, clock().today(actor.fuseau), mois)
    texte = carte(
        nom=tenue.repond.nom if tenue.repond else "",
        prenom=tenue.repond.prenom if tenue.repond else "",
        organisation=referent.organisation.nom,
        structure=referent.structure.nom if referent.structure else "",
        fonction=fonction,
        telephone=joindre["telephone"],
        email=joindre["email"],
        uid=referent.ref,
        revise=referent.updated_at,
        note=_("Fiche non vérifiée depuis longtemps") if etat is Fraicheur.GRISEE else "",
    )
    name = normalise(f"{referent.organisation.nom} {fonction}").replace(" ", "-")[:80]
    return attachment(texte.encode(), f"{name}.vcf", "text/vcard; charset=utf-8")


def _joindre(referent: Any, tenue: titulaires.Tenue) -> dict[str, str]:
    """Return the phone and the e-mail to use today: of who answers, else of the function itself."""
    return {
        "telephone": (tenue.repond.telephone if tenue.repond else "") or referent.telephone,
        "email": (tenue.repond.email if tenue.repond else "") or referent.email,
    }


def _adresses(referent: Any, tenue: titulaires.Tenue) -> list[str]:
    held = [one.email for one in (tenue.titulaire, tenue.suppleant) if one is not None]
    return list(filter(None, dict.fromkeys((referent.email, *held))))


def _sees(actor: Actor, organisation: Any) -> bool:
    """Tell whether the reader may open the page of the organisation."""
    return can(actor, Permission.ORGANISATIONS_LIRE) and (
        actor.profil in TERRITORIAL
        or organisation.id == actor.organisation_id
        or organisation.type in PARTNERS
    )


def _conventions(actor: Actor, organisation: Any) -> dict[str, Any]:
    """Return what this organisation signs with the reader's own, among the lines that the reader sees."""
    if not can(actor, Permission.CONVENTIONS_LIRE):
        return {"lignes": [], "reste": ""}
    lignes = conventions.entre(db(), clock(), actor, organisation.id, CONVENTIONS + 1)
    filtre = FILTRES.get(organisation.type, "")
    more = url_for("conventions.liste", **({filtre: organisation.ref} if filtre else {}))
    return {"lignes": lignes[:CONVENTIONS], "reste": more if len(lignes) > CONVENTIONS else ""}


def _commissions(actor: Actor, referent: Any) -> Any:
    """Return the commissions where this function, or its organisation, sits with the reader's own."""
    if not can(actor, Permission.COMMISSIONS_LIRE) or referent.ferme_le is not None:
        return []
    return communes_aux_deux(db(), actor, referent.id, referent.organisation_id)
