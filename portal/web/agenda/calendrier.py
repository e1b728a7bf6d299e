"""Events as an iCalendar file (RFC 5545), in the reader's language. No name of a person is in it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.agenda.evenements import Evenement, Genre
from portal.notifications.calendrier import RendezVous
from portal.notifications.calendrier import evenement as composant
from portal.web.conventions import tableau

RAFRAICHIR = timedelta(hours=6)
"""How often applications are asked to read again."""


def ecrire(
    evenements: Iterable[Evenement], quand: datetime, adresse: str, seances: Sequence[RendezVous] = ()
) -> bytes:
    """Return the file; `adresse`: of the portal, without its last slash; `seances`: of commissions.

    The library is loaded at the first calendar: web workers that serve none stay light.
    """
    from icalendar import Calendar, Event

    calendrier = Calendar()
    calendrier.add("prodid", "-//Portail des partenaires du SIAO//Agenda//FR")
    calendrier.add("version", "2.0")
    calendrier.add("method", "PUBLISH")
    calendrier.add("x-wr-calname", _("Échéances du portail des partenaires du SIAO"))
    calendrier.add("refresh-interval", RAFRAICHIR, parameters={"VALUE": "DURATION"})
    calendrier.add("x-published-ttl", "PT6H")
    for evenement in evenements:
        page = f"{adresse}{evenement.chemin}"
        entree = Event()
        entree.add("uid", f"{evenement.cle}@portail-siao")
        entree.add("dtstamp", quand.astimezone(UTC))
        entree.add("dtstart", evenement.jour)
        entree.add("dtend", evenement.jour + timedelta(days=1))
        entree.add("summary", titre(evenement))
        entree.add("description", page)
        entree.add("url", page)
        if evenement.lieu:
            entree.add("location", evenement.lieu)
        entree.add("transp", "TRANSPARENT")  # a deadline takes no time of the day
        calendrier.add_component(entree)
    for seance in seances:
        calendrier.add_component(composant(seance, quand, adresse))
    return bytes(calendrier.to_ical())


def titre(evenement: Evenement) -> str:
    """Return what an event is, in words."""
    parties = {"operateur": evenement.operateur, "siao": evenement.siao}
    if evenement.genre is Genre.FIN:
        return _("Fin de la convention : %(operateur)s, %(siao)s", **parties)
    if evenement.genre is Genre.ALERTE:
        return ngettext(
            "À renouveler, fin demain : %(operateur)s, %(siao)s",
            "À renouveler, fin dans %(num)s jours : %(operateur)s, %(siao)s",
            evenement.jours,
            **parties,
        )
    if evenement.genre is Genre.SIGNATURE:
        return _("Votre signature est attendue : %(operateur)s, %(siao)s", **parties)
    if evenement.genre is Genre.BILAN:
        return _("Bilan à rendre : %(operateur)s, %(siao)s", **parties)
    if evenement.genre is Genre.BILAN_FINAL:
        return _("Bilan final à rendre : %(operateur)s, %(siao)s", **parties)
    if evenement.genre is Genre.AVENANT:
        return _("Avenant prévu : %(operateur)s, %(siao)s", **parties)
    nature = tableau.mots().natures.get(evenement.nature, evenement.nature)
    quand = f" ({evenement.heure})" if evenement.heure else ""
    return _("Réunion du tour collectif : %(nature)s, %(siao)s", nature=nature, siao=evenement.siao) + quand
