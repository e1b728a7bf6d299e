"""The page of one line, its news, its documents."""

from collections.abc import Iterator
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.annuaire import queries as annuaire
from portal.conventions import fiche as fiches
from portal.conventions import service
from portal.conventions.avenants import propositions
from portal.conventions.avenants import queries as avenants
from portal.conventions.avenants.enums import LIBELLES_ORIGINE, LIBELLES_STATUT_AVENANT
from portal.conventions.enums import LIBELLES_PARTIE, Partie, Statut
from portal.conventions.policies import partie_de
from portal.conventions.redaction.socle import derniere_publiee
from portal.documents.storage import Storage
from portal.documents.types import DOCUMENTS
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.annuaire import commun
from portal.web.avenants.commun import TONS
from portal.web.context import clock, current_actor, db, settings
from portal.web.conventions import contenu, historique, situation, tableau, vie
from portal.web.conventions.actes import Acte, Contexte, contexte_de, fil, retour
from portal.web.conventions.blueprint import bp
from portal.web.conventions.forms import FormDocument
from portal.web.guards import requires
from portal.web.render import attachment, render_view, see_other

ETAPES = ("engager", "negocier", "accorder", "mettre_en_signature")
Action = tuple[str, str]  # label, address


@bp.get("/<convention_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def detail(convention_ref: str) -> Response:
    """One line: where it stands, who signed, its dates, documents, history, and what may be done."""
    actor = current_actor()
    fiche = fiches.fiche(db(), clock(), actor, convention_ref, complete=True)
    if "etat" in request.args and request.args["etat"] == str(fiche.convention.version):
        return Response(status=204)
    contexte = Contexte(fiche, actor, fiche.jour)
    principales, autres = actions(contexte)
    if fiche.ecrit or fiche.fige:
        principales, autres = _avec_texte(contexte, principales, autres, fige=fiche.fige)
    elif _a_rediger(contexte):
        principales = [
            (_("Rédiger le texte"), url_for("redaction.ouvrir", convention_ref=convention_ref)),
            *principales,
        ]
    return render_view(
        "conventions/detail.html",
        "conventions/_detail.html",
        fil=fil(contexte),
        change="etat" in request.args,
        fiche=fiche,
        ligne=fiche.convention,
        situation=situation.de(fiche),
        etapes=situation.etapes(fiche),
        signatures=_signatures(contexte, fige=fiche.fige),
        principales=principales,
        autres=autres,
        peut=_peut(contexte),
        natures=tableau.mots().natures,
        evenements=historique.evenements(fiche.historique, fiche.fuseau),
        couple=tableau.cellules(fiche.couple),
        soeurs=tableau.cellules(fiche.soeurs, operateur_seul=True),
        fonction=_fonction(contexte),
        **_avenants(contexte, ecrit=fiche.ecrit),
    )


def _fonction(contexte: Contexte) -> dict[str, str] | None:
    """Return the function in charge of a line, and who answers for it today; None without one."""
    referent = contexte.ligne.responsable_fonction
    if referent is None:
        return None
    nom = commun.libelle_fonction(referent.fonction_code)
    [tenue] = annuaire.lignes(db(), [referent.id], contexte.fiche.jour)
    if referent.ferme_le is not None:
        phrase = _("Fonction retirée de l’annuaire : les rappels vont aux directions.")
    elif tenue.repond is None:
        phrase = _("Personne ne la tient : les rappels vont aux directions.")
    else:
        phrase = _("Aujourd’hui : %(nom)s.", nom=tenue.repond.nom)
    return {"ref": referent.ref, "nom": f"{nom} – {referent.organisation.nom}", "phrase": phrase}


def _avenants(contexte: Contexte, *, ecrit: bool) -> dict[str, Any]:
    """Return what the page says of the avenants of a signed line: each one, and what calls for another."""
    if contexte.ligne.statut is not Statut.SIGNEE:
        return {"avenants": None}
    pilote = can(contexte.actor, Permission.CONVENTIONS_MODIFIER, contexte.ligne)
    return {
        "avenants": avenants.de_la_ligne(db(), contexte.ligne.id),
        "a_prevoir": propositions.en_attente(db(), contexte.ligne.id) if pilote else [],
        "etats_avenant": LIBELLES_STATUT_AVENANT,
        "tons_avenant": TONS,
        "origines_avenant": LIBELLES_ORIGINE,
        "consolidee": ecrit,
    }


def actions(contexte: Contexte) -> tuple[list[Action], list[Action]]:
    """Return the acts that are possible and allowed now: those that come next, then the others."""
    principales = [_action(vie.CONFIRMER_CLASSEMENT, contexte), _action(vie.ECARTER_CLASSEMENT, contexte)]
    principales += [_action(vie.ETAPE, contexte, nom) for nom in ETAPES]
    principales += [
        _action(contenu.SIGNATURE, contexte, _attendue(contexte)),
        _action(vie.REPRENDRE, contexte),
    ]
    renouveler = _action(vie.RENOUVELER, contexte)
    if contexte.fiche.ligne.a_renouveler or contexte.fiche.etat.value == "echue":
        principales.append(renouveler)
        renouveler = None
    if contexte.ligne.si_siao_copiee_le is None:
        principales.append(_action(contenu.SI_SIAO, contexte))
    autres = [
        renouveler,
        _action(contenu.REPRISE, contexte),
        _action(contenu.DATES, contexte),
        _action(contenu.DATE_CIBLE, contexte),
        _action(contenu.CONFIER, contexte),
        _action(vie.ETAPE, contexte, "rouvrir"),
        _action(vie.SUSPENDRE, contexte),
        _action(vie.ANNULER_RESILIATION, contexte),
        _action(vie.RESILIER, contexte),
        _action(vie.CLASSER, contexte),
    ]
    return [a for a in principales if a], [a for a in autres if a]


def _avec_texte(
    contexte: Contexte, principales: list[Action], autres: list[Action], *, fige: bool
) -> tuple[list[Action], list[Action]]:
    """Return the acts of a line whose text is written here: it is signed there, once frozen."""
    circuit = (_("Signature du texte"), url_for("signature.circuit", convention_ref=contexte.ligne.ref))
    if not fige:
        return principales, [circuit, *autres]
    recueil = _action(contenu.SIGNATURE, contexte, _attendue(contexte))
    return [circuit, *(action for action in principales if action != recueil)], autres


def _a_rediger(contexte: Contexte) -> bool:
    """Tell whether a project has no text yet and may: the renewal of a convention only followed, for one."""
    ligne = contexte.ligne
    return (
        ligne.statut is Statut.PROJET
        and can(contexte.actor, Permission.CONVENTIONS_MODIFIER, ligne)
        and derniere_publiee(db(), ligne.departement_code) is not None
    )


def _attendue(contexte: Contexte) -> str:
    """Return the party whose signature comes next: one's own when several may sign now."""
    attendues, sienne = contexte.fiche.attendues, partie_de(contexte.actor)
    partie = sienne if sienne in attendues else next(iter(attendues), None)
    return (partie or Partie.ETAT).value


def _action(acte: Acte, contexte: Contexte, vers: str = "") -> Action | None:
    ici = Contexte(contexte.fiche, contexte.actor, contexte.jour, vers)
    return (acte.titre(ici), acte.adresse(ici)) if acte.ouvert(ici) else None


def _peut(contexte: Contexte) -> dict[str, str]:
    """Return the addresses of the acts that a part of the page offers by itself, when they are possible."""
    offerts = {
        "modifier": contenu.MODIFIER,
        "dates": contenu.DATES,
        "cible": contenu.DATE_CIBLE,
        "confier": contenu.CONFIER,
        "si_siao": contenu.SI_SIAO,
    }
    adresses = {nom: acte.adresse(contexte) for nom, acte in offerts.items() if acte.ouvert(contexte)}
    if can(contexte.actor, Permission.CONVENTIONS_MODIFIER, contexte.ligne):
        adresses["document"] = url_for(".deposer", convention_ref=contexte.ligne.ref)
    return adresses


def _signatures(contexte: Contexte, *, fige: bool) -> list[dict[str, object]]:
    """Return what the page shows of each party: its signature, and what may be done about it."""
    par_partie = {signature.partie: signature for signature in contexte.ligne.signatures}
    lignes: list[dict[str, object]] = []
    for partie in Partie:
        ici = Contexte(contexte.fiche, contexte.actor, contexte.jour, partie.value)
        organisation = situation.organisation(contexte.fiche, partie)
        lignes.append(
            {
                "partie": _(LIBELLES_PARTIE[partie]),
                "organisation": organisation.nom,
                "organisation_ref": organisation.ref,
                "signature": par_partie.get(partie),
                "enregistrer": (
                    contenu.SIGNATURE.adresse(ici) if not fige and contenu.SIGNATURE.ouvert(ici) else ""
                ),
                "retirer": (
                    contenu.RETIRER_SIGNATURE.adresse(ici) if contenu.RETIRER_SIGNATURE.ouvert(ici) else ""
                ),
            }
        )
    return lignes


@bp.route("/<convention_ref>/documents/ajouter", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def deposer(convention_ref: str) -> Response:
    """Store a file, such as the signed PDF, and link it to the line."""
    contexte = contexte_de(convention_ref)
    if not can(contexte.actor, Permission.CONVENTIONS_MODIFIER, contexte.ligne):
        raise Forbidden(Permission.CONVENTIONS_MODIFIER.value)
    form, depasse = FormDocument(data={"version": str(contexte.ligne.version)}), False
    if form.validate_on_submit():
        try:
            _lier(contexte, form)
        except StaleVersion:
            depasse = True
            form.version.data = str(contexte.ligne.version)
            form.form_errors = [
                _("La ligne a changé entre-temps. Choisissez de nouveau le fichier, puis envoyez-le.")
            ]
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le document est ajouté."), "succes")
            return see_other(retour(contexte))
    return render_view(
        "conventions/document.html",
        "conventions/_document.html",
        status=409 if depasse else (422 if form.errors else 200),
        fil=fil(contexte, _("Ajouter un document")),
        form=form,
        limite=settings().max_upload_bytes // (1024 * 1024),
        action=url_for(".deposer", convention_ref=convention_ref),
        annuler=retour(contexte),
    )


def _lier(contexte: Contexte, form: FormDocument) -> None:
    fichier_id = vie.deposer(contexte, form.fichier, DOCUMENTS)
    assert fichier_id is not None  # the form asks for it
    service.lier_document(
        db(),
        clock(),
        contexte.actor,
        contexte.ligne.ref,
        form.version_number,
        fichier_id=fichier_id,
        libelle=form.libelle.data or "",
    )


@bp.get("/<convention_ref>/documents/<document_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def document(convention_ref: str, document_ref: str) -> Response:
    """Download a document of the line."""
    _ligne, _lien, fichier = fiches.document(db(), current_actor(), convention_ref, document_ref)
    contenu_fichier: Iterator[bytes] = Storage(settings()).open_for_download(fichier)
    return attachment(contenu_fichier, fichier.nom, fichier.type_mime)
