"""The worker's pages: the authorisations of a household, asking for one, giving the notice, withdrawing."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _
from markupsafe import Markup

from portal.grilles import sortie
from portal.grilles.autorisations import crochets, fermeture, lecture, notices, queries, service
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import FERMEES, Lecture, ObjetAutorisation, StatutAutorisation
from portal.grilles.autorisations.signatures import HAUTEUR, LARGEUR, Signature
from portal.grilles.enums import LIBELLES_P1_SI
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import queries as remplissage
from portal.grilles.remplissage.composition import ecart
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.autorisations import commun
from portal.web.autorisations.blueprint import bp
from portal.web.autorisations.forms import FormDemande, FormNotice
from portal.web.autorisations.rendu import entete, francais, parties, titre_contenu
from portal.web.context import clock, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.menages.commun import lire, noter_lecture
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

RECUEILLIR = Permission.AUTORISATIONS_RECUEILLIR
CADRE = f"0 0 {LARGEUR} {HAUTEUR}"
"""The frame of a drawn signature, as SVG reads it."""


@bp.get("")
@requires(Permission.MENAGES_LIRE)
def liste(menage_ref: str) -> Response:
    """Every authorisation asked of a household, newest first."""
    actor, vise = lire(menage_ref)
    noter_lecture(vise.menage, commun.QUOI)
    return commun.prive(
        render_view(
            "autorisations/liste.html",
            fil=commun.fil_de(vise.menage),
            menage=vise.menage,
            lues=lecture.lues(db(), clock(), vise.menage),
            demander=can(actor, RECUEILLIR, vise),
            base=commun.adresse(vise.menage),
            personnes=commun.personnes(vise),
            recus=queries.recus_de(db(), vise.menage),
            grille=queries.derniere_version(db(), vise.menage),
        )
    )


@bp.get("/<autorisation_ref>")
@requires(Permission.MENAGES_LIRE)
def fiche(menage_ref: str, autorisation_ref: str) -> Response:
    """Where one authorisation stands: what leaves, to whom, until when, what each adult answered."""
    actor, vise = lire(menage_ref)
    autorisation, ouverte, suivie = queries.une_lue(db(), clock(), vise.menage, autorisation_ref)
    noter_lecture(vise.menage, commun.QUOI, autorisation.ref)
    lue = lecture.lue(clock(), vise.menage, autorisation, ouverte=ouverte, suivie=suivie)
    vu = apercu(db(), autorisation, autorisation.grille)
    recueillir = can(actor, RECUEILLIR, vise)
    return commun.prive(
        render_view(
            "autorisations/fiche.html",
            fil=commun.fil_de(vise.menage, (autorisation.destinataire, "")),
            menage=vise.menage,
            lue=lue,
            une=autorisation,
            finalite=commun.finalite(autorisation),
            situation=situation(lue),
            titre_contenu=titre_contenu(autorisation, ouverte=ouverte),
            entete=entete(vu.sortie.entete),
            parties=parties(vu.sortie),
            reponses=reponses(vise, autorisation),
            notice=_notice(autorisation),
            jour_oral=lecture.jour_oral(autorisation),
            adresse=commun.adresse(vise.menage, f"/{autorisation.ref}"),
            recueillir=recueillir,
            renouveler=_renouveler(vise, lue) if recueillir else "",
            oral=recueillir and recoit(vise, autorisation),
            plus_recente=plus_recente(vise, autorisation),
            cadre=CADRE,
        )
    )


def _renouveler(vise: Vise, lue: lecture.Lue) -> str:
    """Return where to ask for the same again, "" where the state does not call for it: whoever refused or
    withdrew is not asked anew from there."""
    etat = lecture.EtatLu
    if lue.etat not in (etat.FINIT_BIENTOT, etat.TERMINEE, etat.EXPIREE):
        return ""
    une = lue.autorisation
    return commun.adresse(vise.menage, f"/demander/{une.objet.value}?comme={une.ref}")


def situation(lue: lecture.Lue) -> tuple[str, str]:
    """Return what the state means, and what comes next."""
    etat = lecture.EtatLu
    return {
        etat.A_INFORMER: (
            _("Le ménage n’a pas encore reçu la notice."),
            _("Donnez-lui la notice, dans sa langue."),
        ),
        etat.ATTENDUE: (
            _(
                "Réponses reçues : %(n)s sur %(total)s. Rien ne peut partir avant l’accord de chacun.",
                n=lue.ont_repondu,
                total=lue.adultes,
            ),
            _("Recueillez la réponse de chaque adulte."),
        ),
        etat.A_VENIR: (_("Le ménage a accepté. Rien ne peut partir avant le premier jour."), ""),
        etat.EN_VIGUEUR: (
            _("Le ménage a accepté. Le destinataire peut lire ce qui lui est transmis ou présenté."),
            "",
        ),
        etat.FINIT_BIENTOT: (
            _("L’autorisation se termine bientôt : l’accès se fermera à la fin du dernier jour."),
            _("Si le ménage le souhaite, faites une nouvelle demande : acceptée, elle prend le relais."),
        ),
        etat.SEANCE: (_("L’accord a été donné oralement : il n’ouvre que la séance de ce jour."), ""),
        etat.TERMINEE: (
            _("Le dernier jour est passé : plus personne ne lit cette grille par elle."),
            _("Faites une nouvelle demande si le ménage le souhaite."),
        ),
        etat.REFUSEE: (_("Le ménage n’a pas accepté. Cela ne change rien d’autre."), ""),
        etat.RETIREE: (_("L’autorisation est retirée : l’accès est fermé."), ""),
        etat.EXPIREE: (
            _("Un adulte est arrivé ou parti, ou l’accompagnement a pris fin : l’accès s’est fermé."),
            _("Faites une nouvelle demande si le ménage le souhaite."),
        ),
        etat.REMPLACEE: (_("Une autre autorisation, plus récente, a pris sa place."), ""),
    }[lue.etat]


def reponses(vise: Vise, autorisation: Any) -> list[dict[str, Any]]:
    """Return what each adult answered, with who signs for them and the proof; once it closed, of those who
    were asked."""
    accords = {one.adulte_id: one for one in autorisation.accords}
    vault = coffre(db())
    lignes = []
    for personne in commun.personnes(vise, accords.keys() if autorisation.statut in FERMEES else None):
        accord = accords.get(personne.id)
        signature = Signature.ouvrir(vault, accord.signature) if accord and accord.signature else None
        lignes.append({"personne": personne, "accord": accord, "signature": signature})
    return lignes


def plus_recente(vise: Vise, autorisation: Any) -> bool:
    """Tell whether the grid has a version that this authorisation does not cover."""
    derniere = queries.derniere_version(db(), vise.menage)
    return not autorisation.mise_a_jour and derniere > autorisation.grille.numero


def recoit(vise: Vise, autorisation: Any) -> bool:
    """Tell whether the household may attend the commission, so that an oral agreement is possible."""
    if autorisation.objet is not ObjetAutorisation.PRESENTATION:
        return False
    jour = queries.jour_de(clock(), vise.menage)
    connues = crochets.commissions(db(), vise.menage.departement_code, jour)
    return any(one.id == autorisation.commission_id and one.menage_present for one in connues)


def _notice(autorisation: Any) -> notices.Notice | None:
    if not autorisation.notice:
        return None
    return notices.notice(autorisation.notice, autorisation.notice_langue)


@bp.route("/demander/<any(transmission, presentation):objet>", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def demander(menage_ref: str, objet: str) -> Response:
    """Ask for an authorisation: to whom, for what, which parts, until when."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    menage, quoi = vise.menage, ObjetAutorisation(objet)
    grille = remplissage.derniere_figee(db(), menage.id)
    if grille is None:
        flash(domain_message(DomainError("autorisations.pas_de_grille")), "alerte")
        return see_other(commun.adresse(menage))
    modele = remplissage.modele(db(), grille)
    jour = queries.jour_de(clock(), menage)
    form = FormDemande.pour(
        quoi,
        _destinataires(vise, quoi),
        [(une.code, francais(f"{une.code} – {une.titre}")) for une in modele.sections],
        _champs(modele),
        du=jour,
        au=service.duree_proposee(db(), menage, jour),
    )
    if request.method == "GET":
        form.sections.data = [une.code for une in modele.sections]
        _comme(form, vise, quoi)
    if form.validate_on_submit():
        try:
            faite = service.demander(
                db(), clock(), actor, vise, form.saisie(quoi), form.cle_idempotence.data or ""
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La demande est prête : donnez la notice au ménage."), "succes")
            return see_other(commun.adresse(menage, f"/{faite.ref}"))
    return commun.prive(
        render_view(
            "autorisations/demander.html",
            status=status_of(form),
            fil=commun.fil_de(menage, (titre_de(quoi), "")),
            titre=titre_de(quoi),
            menage=menage,
            objet=quoi,
            form=form,
            version=grille.numero,
            ecart=ecart(db(), menage, remplissage.reponses(db(), grille)),
            action=request.path,
            annuler=commun.adresse(menage),
        )
    )


def _comme(form: FormDemande, vise: Vise, quoi: ObjetAutorisation) -> None:
    """Begin a request with what a former one of the household asked, its days set aside."""
    if "comme" not in request.args:
        return
    une = queries.une(db(), vise.menage, request.args["comme"])
    if une.objet is not quoi:
        raise NotVisible(une.ref)
    form.destinataire.data = une.organisation.ref if une.organisation else _commission(vise, une)
    form.finalite.data, form.mise_a_jour.data = une.finalite, une.mise_a_jour
    form.sections.data = une.sections
    if "champs" in form:
        form.champs.data = une.champs


def _commission(vise: Vise, une: Any) -> str:
    """Return the public reference of the commission of an authorisation, "" when it is not open any more."""
    jour = queries.jour_de(clock(), vise.menage)
    connues = crochets.commissions(db(), vise.menage.departement_code, jour)
    return next((one.ref for one in connues if one.id == une.commission_id), "")


def titre_de(objet: ObjetAutorisation) -> str:
    """Return what is asked, in words."""
    if objet is ObjetAutorisation.TRANSMISSION:
        return _("Demander à transmettre la grille")
    return _("Demander à présenter la grille à une commission")


def _destinataires(vise: Vise, objet: ObjetAutorisation) -> list[tuple[str, str]]:
    if objet is ObjetAutorisation.TRANSMISSION:
        return [(ref, nom) for ref, nom, _type in queries.destinataires(db(), vise.menage)]
    jour = queries.jour_de(clock(), vise.menage)
    return [(one.ref, one.nom) for one in crochets.commissions(db(), vise.menage.departement_code, jour)]


def _champs(modele: Any) -> list[tuple[str, str]]:
    items = {item.code: item.libelle for item in modele.items()}
    lignes: list[tuple[str, str]] = []
    for nom, champ in sortie.champs_ouvrables(modele).items():
        item = items[nom.split(".", 1)[0]]
        quoi = f"{item} – {champ.libelle}" if champ.libelle and champ.libelle != item else item
        si = _(LIBELLES_P1_SI[champ.p1_si]) if champ.p1_si else ""
        lignes.append((nom, Markup("{} ({})").format(francais(quoi), si)))
    return lignes


@bp.route("/<autorisation_ref>/notice", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def notice(menage_ref: str, autorisation_ref: str) -> Response:
    """The notice in the household's language, and how it was given."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    dites = notices.langues(notices.actuelle())
    form = FormNotice(data={"version": str(autorisation.version)})
    voulue = request.form.get("langue") or request.args.get("langue") or actor.langue
    langue = voulue if voulue in dites else "fr"
    overtaken = False
    if form.validate_on_submit():
        try:
            service.informer(
                db(),
                clock(),
                actor,
                vise,
                autorisation.ref,
                langue=form.langue.data or "",
                lecture=Lecture(form.lecture.data),
                version=form.version_number,
            )
        except StaleVersion:
            autorisation = relire(vise, autorisation_ref)
            form.version.data = str(autorisation.version)
            form.form_errors = [perimee()]
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("La notice est donnée : recueillez la réponse de chaque adulte."), "succes")
            return see_other(ici)
    form.langue.data = langue
    return commun.prive(
        render_view(
            "autorisations/notice.html",
            status=409 if overtaken else status_of(form),
            fil=commun.fil_de(vise.menage, (autorisation.destinataire, ici), (_("Notice"), "")),
            une=autorisation,
            notice=dites[langue],
            phrases=dites[langue].phrases(autorisation.objet),
            langues=[(code, dite.nom) for code, dite in dites.items()],
            langue=langue,
            form=form,
            action=f"{ici}/notice",
            annuler=ici,
        )
    )


@bp.route("/<autorisation_ref>/retirer", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def retirer(menage_ref: str, autorisation_ref: str) -> Response:
    """Withdraw an authorisation on the household's behalf: asked once, done at once."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    form = Formulaire()
    if form.validate_on_submit():
        try:
            fermeture.retirer(db(), clock(), actor, vise, autorisation.ref)
        except DomainError as error:
            db().rollback()
            flash(domain_message(error), "alerte")
        else:
            flash(_("L’autorisation est retirée : l’accès est fermé partout."), "succes")
        return see_other(ici)
    accordee = autorisation.statut is StatutAutorisation.ACCORDE
    return render_view(
        "autorisations/retirer.html",
        fil=commun.fil_de(vise.menage, (autorisation.destinataire, ici), (_("Retirer"), "")),
        une=autorisation,
        accordee=accordee,
        suivantes=queries.suivantes(db(), autorisation) if accordee else [],
        form=form,
        action=f"{ici}/retirer",
        annuler=ici,
    )


def relire(vise: Vise, autorisation_ref: str) -> Any:
    """Return an authorisation as it now is, after an act that was refused."""
    db().rollback()
    db().expire_all()
    return queries.une(db(), vise.menage, autorisation_ref)


def perimee() -> str:
    """Return what is said when an authorisation changed while it was read."""
    return _("Cette demande a changé pendant que vous la lisiez. Relisez, puis confirmez de nouveau.")
