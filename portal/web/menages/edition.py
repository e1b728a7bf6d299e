"""Changing a household: references, adults, the protected circuit, the last contact, closing."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from portal.grilles.menages import identites, service
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.saisie import SaisieAdulte
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.menages import commun
from portal.web.menages.blueprint import bp
from portal.web.menages.forms import FormAdulte, FormContact, FormProteger, FormReperes
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

Faire = Callable[..., Any]
"""Makes the form of a household as it is stored (`formdata=None`), and what was typed over it."""


def _editer(
    menage_ref: str,
    titre: str,
    corps: str,
    faire: Faire,
    enregistrer: Callable[[Actor, Vise, Any], object],
    fait: str,
    **contexte: Any,
) -> Response:
    """Show a form over a household and save it; a stale one is shown both versions."""
    actor, vise = commun.lire(menage_ref, Permission.MENAGES_MODIFIER)
    form, rival = faire(vise), None
    if form.validate_on_submit():
        try:
            enregistrer(actor, vise, form)
        except StaleVersion:
            db().rollback()
            _actor, vise = commun.lire(menage_ref, Permission.MENAGES_MODIFIER)
            rival = conflict(vise.menage, faire(vise, formdata=None), form, request.path)
        except (DomainError, DomainErrors) as error:
            db().rollback()
            form.refuse(error)
        else:
            flash(fait, "succes")
            return see_other(commun.adresse(vise.menage))
    elif request.method == "GET":
        commun.noter_lecture(vise.menage)
    return render_view(
        "menages/acte.html",
        corps,
        status=409 if rival else status_of(form),
        fil=commun.fil_de(vise.menage, (titre, "")),
        titre=titre,
        corps=corps,
        menage=vise.menage,
        designation=identites.designation(db(), vise.menage),
        form=form,
        rival=rival,
        action=request.path,
        annuler=commun.adresse(vise.menage),
        **contexte,
    )


@bp.route("/<menage_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def modifier(menage_ref: str) -> Response:
    """Change the references and the children of a household."""

    def faire(vise: Vise, **kwargs: Any) -> FormReperes:
        menage = vise.menage
        return FormReperes.de(
            menage,
            identites.reference_si_siao(db(), menage),
            identites.numero_unique(db(), menage),
            identites.composition(db(), menage),
            **kwargs,
        )

    def enregistrer(actor: Actor, vise: Vise, form: FormReperes) -> None:
        service.modifier(
            db(),
            clock(),
            actor,
            vise,
            si_siao=form.si_siao.data or "",
            numero_unique=form.numero_unique.data or "" if "numero_unique" in form else "",
            enfants=form.composition(),
            version=form.version_number,
        )

    titre, fait = _("Modifier le ménage"), _("Le ménage est enregistré.")
    return _editer(menage_ref, titre, "menages/_reperes.html", faire, enregistrer, fait)


@bp.route("/<menage_ref>/adultes/nouveau", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def adulte_nouveau(menage_ref: str) -> Response:
    """Say that an adult joins the household."""

    def faire(vise: Vise, **kwargs: Any) -> Any:
        if vise.menage.protege:
            return Formulaire(data={"version": str(vise.menage.version)}, **kwargs)
        return FormAdulte.de(vise.menage, None, **kwargs)

    def enregistrer(actor: Actor, vise: Vise, form: Any) -> None:
        typed = form.saisie() if isinstance(form, FormAdulte) else SaisieAdulte()
        service.ajouter_adulte(db(), clock(), actor, vise, typed, version=form.version_number)

    titre, fait = (
        _("Un adulte rejoint le ménage"),
        _("Le ménage a un adulte de plus. S’il avait donné des autorisations, elles ont pris fin."),
    )
    return _editer(menage_ref, titre, "menages/_adulte.html", faire, enregistrer, fait, arrive=True)


@bp.route("/<menage_ref>/adultes/<adulte_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def adulte_modifier(menage_ref: str, adulte_ref: str) -> Response:
    """Correct who an adult is."""

    def faire(vise: Vise, **kwargs: Any) -> FormAdulte:
        adulte = _adulte(vise, adulte_ref)
        known = dict(identites.adultes(db(), vise.menage))
        return FormAdulte.de(vise.menage, known[adulte], **kwargs)

    def enregistrer(actor: Actor, vise: Vise, form: FormAdulte) -> None:
        adulte = _adulte(vise, adulte_ref)
        service.corriger_adulte(
            db(), clock(), actor, vise, adulte, form.saisie(), version=form.version_number
        )

    titre, fait = _("Corriger une identité"), _("L’identité est corrigée.")
    return _editer(menage_ref, titre, "menages/_adulte.html", faire, enregistrer, fait, arrive=False)


@bp.route("/<menage_ref>/adultes/<adulte_ref>/partir", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def adulte_partir(menage_ref: str, adulte_ref: str) -> Response:
    """Say that an adult left the household."""

    def enregistrer(actor: Actor, vise: Vise, form: Formulaire) -> None:
        adulte = _adulte(vise, adulte_ref)
        service.retirer_adulte(db(), clock(), actor, vise, adulte, version=form.version_number)

    def faire(vise: Vise, **kwargs: Any) -> Formulaire:
        _adulte(vise, adulte_ref)
        return _simple(vise, **kwargs)

    titre, fait = (
        _("Un adulte quitte le ménage"),
        _("Le ménage a un adulte de moins. S’il avait donné des autorisations, elles ont pris fin."),
    )
    _actor, vise = commun.lire(menage_ref, Permission.MENAGES_MODIFIER)
    qui = dict(identites.adultes(db(), vise.menage))[_adulte(vise, adulte_ref)]
    return _editer(menage_ref, titre, "menages/_partir.html", faire, enregistrer, fait, qui=qui)


def _adulte(vise: Vise, adulte_ref: str) -> Any:
    for adulte in identites.presents(vise.menage):
        if adulte.ref == adulte_ref:
            return adulte
    raise NotVisible(adulte_ref)


def _simple(vise: Vise, **kwargs: Any) -> Formulaire:
    return Formulaire(data={"version": str(vise.menage.version)}, **kwargs)


@bp.route("/<menage_ref>/proteger", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def proteger(menage_ref: str) -> Response:
    """Put a household in the protected circuit."""

    def faire(vise: Vise, **kwargs: Any) -> FormProteger:
        reference = identites.reference_si_siao(db(), vise.menage)
        return FormProteger(data={"version": str(vise.menage.version), "si_siao": reference}, **kwargs)

    def enregistrer(actor: Actor, vise: Vise, form: FormProteger) -> None:
        service.proteger(db(), clock(), actor, vise, form.si_siao.data or "", version=form.version_number)

    titre = _("Passer en circuit protégé ?")
    fait = _("Le ménage est en circuit protégé : aucun nom n’est plus gardé.")
    return _editer(menage_ref, titre, "menages/_proteger.html", faire, enregistrer, fait)


@bp.route("/<menage_ref>/ne-plus-proteger", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def ne_plus_proteger(menage_ref: str) -> Response:
    """Take a household out of the protected circuit."""

    def enregistrer(actor: Actor, vise: Vise, form: Formulaire) -> None:
        service.ne_plus_proteger(db(), clock(), actor, vise, version=form.version_number)

    titre = _("Sortir du circuit protégé ?")
    fait = _("Le ménage n’est plus en circuit protégé : écrivez de nouveau qui il est.")
    return _editer(menage_ref, titre, "menages/_ne_plus_proteger.html", _simple, enregistrer, fait)


@bp.route("/<menage_ref>/fermer", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def fermer(menage_ref: str) -> Response:
    """Say that a household is no longer accompanied."""

    def enregistrer(actor: Actor, vise: Vise, form: Formulaire) -> None:
        service.clore(db(), clock(), actor, vise, version=form.version_number)

    titre, fait = (
        _("Mettre fin à l’accompagnement ?"),
        _("L’accompagnement est terminé. Si le ménage avait donné des autorisations, elles ont pris fin."),
    )
    return _editer(menage_ref, titre, "menages/_fermer.html", _simple, enregistrer, fait)


@bp.route("/<menage_ref>/contact", methods=["GET", "POST"])
@requires(Permission.MENAGES_MODIFIER)
def contact(menage_ref: str) -> Response:
    """Write down the last contact."""

    def faire(vise: Vise, **kwargs: Any) -> FormContact:
        today = clock().today(current_actor().fuseau)
        return FormContact(data={"version": str(vise.menage.version), "jour": today}, **kwargs)

    def enregistrer(actor: Actor, vise: Vise, form: FormContact) -> None:
        assert form.jour.data is not None
        service.contact(db(), clock(), actor, vise, form.jour.data, version=form.version_number)

    titre, fait = _("Dernier contact"), _("Le dernier contact est noté.")
    return _editer(menage_ref, titre, "menages/_contact.html", faire, enregistrer, fait)


@bp.post("/<menage_ref>/rouvrir")
@requires(Permission.MENAGES_MODIFIER)
def rouvrir(menage_ref: str) -> Response:
    """Accompany a closed household anew."""
    actor, vise = commun.lire(menage_ref)
    try:
        service.rouvrir(db(), clock(), actor, vise, version=Formulaire().version_number)
    except StaleVersion:
        commun.perime()
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("L’accompagnement reprend."), "succes")
    return see_other(f"/menages/{menage_ref}")
