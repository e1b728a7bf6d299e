"""The papers of a household: the form to sign, the receipt with its QR code, the copy of what was shared.

Made while someone waits, and kept nowhere: what they hold must not lie in the result of a job.
"""

import io
from datetime import datetime
from typing import Any

import segno
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.documents.rendu.pdf import composer
from portal.grilles.autorisations import notices
from portal.grilles.autorisations.apercu import Apercu
from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.sortie import Sortie
from portal.web.autorisations import commun
from portal.web.autorisations.rendu import entete, parties
from portal.web.filters import show_date, show_datetime

TAILLE, TAILLE_COPIE = 11.5, 10  # points


def formulaire(vu: Apercu, personne: commun.Personne, le: datetime) -> bytes:
    """Return the form that an adult signs on paper: the notice, exactly what leaves, the same two answers."""
    une = vu.autorisation
    notice = notices.notice(une.notice, une.notice_langue)
    blocs = [
        _faits([(_("Pour"), personne.nom), *termes(une)]),
        _titre(notice.titre),
        {"genre": "puces", "puces": list(notice.phrases(une.objet))},
        _titre(_("Exactement ce qui partira")),
        *_contenu(vu.sortie),
        _titre(_("Votre réponse")),
        {
            "genre": "cases",
            "puces": [
                _("J’accepte."),
                _("Je refuse. Rien d’autre ne change, et je n’ai pas à dire pourquoi."),
            ],
        },
        {"genre": "cadre", "texte": _("Date et signature de %(qui)s :", qui=personne.signe)},
    ]
    pied = _("Demande n° %(ref)s – empreinte %(empreinte)s", ref=une.ref, empreinte=vu.empreinte[:16])
    return _pdf(question(une), blocs, pied, le, TAILLE_COPIE)


def recu(
    personne: commun.Personne, ouvertes: list[Any], adresse: str, professionnel: str, le: datetime
) -> bytes:
    """Return the receipt of an adult: what they agreed to, the QR code of their page, how to withdraw."""
    dessin = io.BytesIO()
    segno.make(adresse, error="m").save(dessin, kind="svg", scale=4, border=2, light="#fff", dark="#000")
    blocs: list[dict[str, Any]] = [
        _faits([(_("Remis à"), personne.nom), (_("Le"), show_date(le.date())), (_("Par"), professionnel)])
    ]
    if ouvertes:
        blocs.append(_titre(_("Ce que vous avez accepté")))
        blocs += [_faits(termes(une)) for une in ouvertes]
    else:
        blocs.append({"genre": "texte", "texte": _("Aucune autorisation n’est ouverte à ce jour.")})
    blocs += [
        _titre(_("Votre page, sur votre téléphone")),
        {
            "genre": "qr",
            "svg": dessin.getvalue().decode(),
            "alt": _("Code QR qui ouvre cette adresse : %(adresse)s", adresse=adresse),
            "puces": [
                _("Visez ce carré avec l’appareil photo, ou écrivez l’adresse :"),
                adresse,
                _("Le code à 6 chiffres que vous avez choisi vous est demandé. Il n’est pas écrit ici."),
            ],
        },
        _titre(_("Ce que vous pouvez y faire")),
        {
            "genre": "puces",
            "puces": [
                _("Voir ce qui a été partagé, avec qui, et qui l’a lu."),
                _("En garder une copie."),
                _("Ajouter une remarque : elle sera lue avec votre grille."),
                _("Retirer votre accord, tout de suite, sans dire pourquoi."),
            ],
        },
        _titre(_("Code oublié, papier perdu")),
        {
            "genre": "texte",
            "texte": _(
                "Demandez un nouveau reçu au professionnel qui vous accompagne : celui-ci ne marchera plus."
            ),
        },
    ]
    return _pdf(_("Votre reçu"), blocs, _("Gardez ce papier pour vous."), le, TAILLE)


def copie(
    sortie: Sortie, termes_: list[tuple[str, str]], remarques: list[str], le: datetime, zone: str
) -> bytes:
    """Return the household's own copy of what was shared, or may be read."""
    blocs = [_faits(termes_), _titre(_("Ce qui peut être lu")), *_contenu(sortie)]
    if remarques:
        blocs += [_titre(_("Vos remarques")), {"genre": "puces", "puces": remarques}]
    return _pdf(_("Votre copie"), blocs, _("Copie du %(le)s", le=show_datetime(le, zone)), le, TAILLE_COPIE)


def question(une: Any) -> str:
    """Return what an authorisation asks, as the household reads it."""
    if une.objet is ObjetAutorisation.TRANSMISSION:
        return _("Votre grille peut-elle être envoyée à cet organisme ?")
    return _("Votre grille peut-elle être présentée à cette commission ?")


def termes(une: Any) -> list[tuple[str, str]]:
    """Return the terms of an authorisation, in words: to whom, for what, until when."""
    lignes = [
        (_("À qui"), une.destinataire),
        (_("Pour quoi"), commun.finalite(une)),
        (_("Du"), show_date(une.du, "long")),
        (_("Jusqu’au, ce jour compris"), show_date(une.au, "long")),
    ]
    if une.mise_a_jour:
        lignes.append((_("Versions suivantes"), _("Les versions suivantes de la grille sont comprises.")))
    return lignes


def _contenu(sortie: Sortie) -> list[dict[str, Any]]:
    blocs = [_faits(entete(sortie.entete))]
    for partie in parties(sortie):
        blocs.append(_titre(partie.titre))
        if partie.dites:
            blocs.append(_faits([(ligne.question, ligne.reponse) for ligne in partie.dites]))
        if partie.tues:
            tues = _("Non renseigné : %(questions)s.", questions=partie.tues)
            blocs.append({"genre": "texte", "texte": tues})
    return blocs


def _titre(texte: str) -> dict[str, Any]:
    return {"genre": "titre", "texte": texte}


def _faits(lignes: list[tuple[str, str]]) -> dict[str, Any]:
    return {"genre": "faits", "lignes": [list(ligne) for ligne in lignes]}


def _pdf(titre: str, blocs: list[dict[str, Any]], pied: str, le: datetime, taille: float) -> bytes:
    donnees = {
        "titre": titre,
        "langue": str(get_locale()),
        "sens": "ltr",
        "taille": taille,
        "pied": pied,
        "page": [_("page "), _(" sur ")],
        "blocs": blocs,
    }
    return composer("recu.typ", donnees, le)
