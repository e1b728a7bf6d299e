"""The calendar part of an e-mail: an appointment that mail programs put in the reader's own calendar.

RFC 5545 and 5546. An appointment keeps its UID; each time it is told anew its SEQUENCE grows, so that
Outlook, Thunderbird and Apple change or cancel the same event. Instants are written in UTC, which all of them
read alike. No household is ever named in it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from enum import Enum
from typing import Any

PRODID = "-//Portail des partenaires du SIAO//Seances//FR"


class Methode(Enum):
    """What is asked of the reader's calendar."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True)
class RendezVous:
    """An appointment. `chemin`: its page in the portal; `description`: what is said beside it; `accepte`: who
    is asked said already that they come."""

    uid: str
    sequence: int
    debut: datetime
    fin: datetime
    titre: str
    lieu: str = ""
    description: str = ""
    chemin: str = ""
    methode: Methode = Methode.REQUEST
    accepte: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as the outbox keeps it."""
        plain = asdict(self) | {"methode": self.methode.value}
        return plain | {"debut": self.debut.isoformat(), "fin": self.fin.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "RendezVous":
        """Return it as it was kept."""
        values = dict(kept) | {"methode": Methode(kept["methode"])}
        values |= {name: datetime.fromisoformat(kept[name]) for name in ("debut", "fin")}
        return cls(**values)


def evenement(rendez_vous: RendezVous, quand: datetime, adresse: str) -> Any:
    """Return the event of an appointment, as told at an instant; `adresse`: of the portal.

    The library is loaded at the first one: web workers that make none stay light.
    """
    from icalendar import Event

    event = Event()
    event.add("uid", rendez_vous.uid)
    event.add("sequence", rendez_vous.sequence)
    event.add("dtstamp", quand.astimezone(UTC))
    event.add("dtstart", rendez_vous.debut.astimezone(UTC))
    event.add("dtend", rendez_vous.fin.astimezone(UTC))
    event.add("summary", rendez_vous.titre)
    page = f"{adresse.rstrip('/')}{rendez_vous.chemin}" if rendez_vous.chemin else ""
    event.add("description", "\n".join(filter(None, (rendez_vous.description, page))))
    if page:
        event.add("url", page)
    if rendez_vous.lieu:
        event.add("location", rendez_vous.lieu)
    event.add("status", "CANCELLED" if rendez_vous.methode is Methode.CANCEL else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if rendez_vous.methode is Methode.CANCEL else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def ecrire(
    rendez_vous: RendezVous, quand: datetime, adresse: str, *, organisateur: str = "", invite: str = ""
) -> bytes:
    """Return the calendar of one appointment; `organisateur`: « Name <address> », `invite`: who is asked.

    The invited person answers by the link of the e-mail, not to the organiser's address, which nobody reads:
    RSVP is false.
    """
    from icalendar import Calendar, vCalAddress, vText

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", rendez_vous.methode.value)
    event = evenement(rendez_vous, quand, adresse)
    if organisateur:
        name, address = parseaddr(organisateur)
        who = vCalAddress(f"mailto:{address}")
        who.params["cn"] = vText(name or address)
        event.add("organizer", who)
    if invite:
        guest = vCalAddress(f"mailto:{invite}")
        # asked again, whoever accepted would see their answer taken back in their own calendar
        guest.params["partstat"] = vText("ACCEPTED" if rendez_vous.accepte else "NEEDS-ACTION")
        guest.params["role"] = vText("REQ-PARTICIPANT")
        guest.params["rsvp"] = vText("FALSE")
        event.add("attendee", guest)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
