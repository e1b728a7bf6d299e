"""Forms of the sessions: their shape. Rules are checked by the services."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.validators import ValidationError

from portal.commissions.enums import DONNEES, LIBELLES_PRESENCE, LIBELLES_REPONSE, Presence, Reponse
from portal.commissions.regles import SEANCES_MAXIMUM
from portal.commissions.seances import DUREES, SaisieSeance
from portal.commissions.suppleances import Nomme, Part
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.commissions.forms import ChampEntier
from portal.web.forms import (
    DATES,
    ChampDate,
    Formulaire,
    _l,
    domain_message,
    obligatoire,
    saisie_obligatoire,
)
from portal.web.organisations import nomenclatures

HEURES = ["%H:%M", "%Hh%M", "%H h %M", "%H:%M:%S"]
MIDI = time(14)  # proposed to a commission without a usual time


class FormSeance(Formulaire):
    """A session: when, where, what is said to those invited."""

    jour = ChampDate(_l("Jour"), validators=[saisie_obligatoire()])
    heure = TimeField(_l("Heure de début"), validators=[saisie_obligatoire()], format=HEURES)
    duree_minutes = ChampEntier(_l("Durée, en minutes"))
    lieu = StringField(_l("Lieu"))
    visio = StringField(_l("Lien de visioconférence"))
    message = TextAreaField(
        _l("Points généraux"),
        description=_l("Écrit dans l’invitation. Jamais le nom d’un ménage, ni rien qui le désigne."),
    )
    urgente = BooleanField(_l("Réunion d’urgence : le délai de convocation ne s’applique pas"))
    motif = StringField(
        _l("Pourquoi si tard, ou en urgence"),
        description=_l(
            "À écrire si le délai de convocation du nouveau jour est passé, ou si la séance devient urgente."
        ),
    )

    @classmethod
    def de(cls, seance: Any, fuseau: str, **options: Any) -> "FormSeance":
        """Return the form of a session, filled with what is stored."""
        debut = seance.debut.astimezone(ZoneInfo(fuseau))
        return cls(
            data={
                "jour": debut.date(),
                "heure": debut.time(),
                "duree_minutes": int((seance.fin - seance.debut).total_seconds() // 60),
                "lieu": seance.lieu,
                "visio": seance.visio,
                "message": seance.message,
                "urgente": seance.urgente,
                "version": str(seance.version),
            },
            **options,
        )

    def validate_duree_minutes(self, field: Any) -> None:
        """Refuse an absurd duration before anything is reckoned from it: nothing is left to reckon with."""
        if field.data is not None and not DUREES[0] <= field.data <= DUREES[1]:
            field.data = None
            raise ValidationError(domain_message(DomainError("commissions.duree")))

    def saisie(self, jour: date | None = None) -> SaisieSeance:
        """Return what was typed in a valid form, for its own day or another."""
        chosen = jour or self.jour.data
        assert chosen is not None
        assert self.heure.data is not None
        return SaisieSeance(
            jour=chosen,
            heure=self.heure.data,
            duree_minutes=self.duree_minutes.data or 0,
            lieu=self.lieu.data or "",
            visio=self.visio.data or "",
            message=self.message.data or "",
            urgente=bool(self.urgente.data),
            motif=self.motif.data or "",
        )


class FormPlan(FormSeance):
    """The same, and how many in the commission's rhythm. `jours`: those kept of the days proposed."""

    combien = ChampEntier(
        _l("Nombre de séances"),
        description=_l("La première est celle du jour écrit ; les autres suivent le rythme."),
    )
    jours = SelectMultipleField(_l("Dates retenues"), validate_choice=False)

    @classmethod
    def neuf(cls, commission: Any, typed: Any = None) -> "FormPlan":
        """Return the form of a commission; `typed`: what the address says, when the days are asked for."""
        data = {
            "heure": commission.heure or MIDI,
            "duree_minutes": commission.duree_minutes,
            "lieu": commission.lieu,
            "visio": commission.visio,
            "combien": 1,
        }
        if typed is None:
            return cls(data=data)
        return cls(formdata=typed, meta={"csrf": False})

    def validate_combien(self, field: Any) -> None:
        """Keep the number of sessions within what is planned at once."""
        if field.data is not None:
            field.data = min(max(field.data, 1), SEANCES_MAXIMUM)

    @property
    def retenus(self) -> list[date]:
        """The days ticked, in order; what is no date, or one that no form accepts, is none."""
        found = []
        for text in self.jours.data or ():
            try:
                jour = date.fromisoformat(text)
            except ValueError:
                continue
            if DATES[0] <= jour <= DATES[1]:
                found.append(jour)
        return sorted(set(found))


class FormMotif(Formulaire):
    """An act that asks why."""

    motif = StringField(_l("Motif"))


class FormReponse(Formulaire):
    """An answer to an invitation."""

    reponse = RadioField(_l("Votre réponse"), validators=[obligatoire()], validate_choice=True)
    remplacant = StringField(
        _l("Qui vous remplace"), description=_l("Prénom et nom, si vous envoyez votre suppléant.")
    )
    courriel = StringField(
        _l("Son adresse électronique"),
        description=_l("L’invitation lui est envoyée, avec la séance pour son agenda."),
    )
    mot = StringField(
        _l("Un mot pour le secrétariat"), description=_l("Facultatif. Jamais le nom d’un ménage.")
    )

    @classmethod
    def de(cls, part: Part, *, second: Nomme | None = None, tierce: bool = False) -> "FormReponse":
        """Return the form of an answer. `second`: the deputy that the directory proposes; `tierce`: an answer
        noted for someone else."""
        invitation, sienne = part.invitation, part.sienne
        form = cls(
            data={
                "reponse": sienne.statut.value if sienne.statut in DONNEES else None,
                "remplacant": invitation.remplacant or (second.nom if second else ""),
                "mot": sienne.mot,
            }
        )
        labels = LIBELLES_REPONSE if tierce else SIENNES
        admis = part.suppleance is None and (invitation.college is None or invitation.college.suppleants)
        form.reponse.choices = nomenclatures.options(
            (one.value, _(labels[one])) for one in DONNEES if admis or one is not Reponse.SUPPLEANT
        )
        if tierce:
            form.reponse.label.text = _("La réponse reçue")
            form.courriel.description = _("Sans adresse, personne ne lui écrit : prévenez-le vous-même.")
        if connu := invitation.second or second:
            form.courriel.description = _("Déjà connue pour %(nom)s : rien à écrire.", nom=connu.nom)
        if not admis:
            del form.remplacant, form.courriel
        return form

    @property
    def saisie(self) -> dict[str, str]:
        """What was typed beside the answer: the deputy named, a word for the secretariat."""
        noms = ("remplacant", "courriel", "mot")
        return {nom: self[nom].data or "" for nom in noms if nom in self}


SIENNES = {
    Reponse.ACCEPTEE: N_("Oui, je viens"),
    Reponse.DECLINEE: N_("Non, je ne viens pas"),
    Reponse.SUPPLEANT: N_("Mon suppléant vient à ma place"),
}


ANNONCEES = {
    Reponse.ACCEPTEE: Presence.PRESENTE,
    Reponse.SUPPLEANT: Presence.PRESENTE,
    Reponse.DECLINEE: Presence.ABSENTE,
}


def form_presences(seance: Any, *, annoncees: bool = False) -> Any:
    """Return the form of who was there: one choice per invitation. `annoncees`: what is not noted begins with
    what each one had answered."""
    champs: dict[str, Any] = {
        f"p_{one.ref}": RadioField(
            one.ref,
            choices=nomenclatures.options((kind.value, _(LIBELLES_PRESENCE[kind])) for kind in Presence),
            validators=[],
            validate_choice=False,
        )
        for one in seance.invitations
    }
    data = {}
    for one in seance.invitations:
        noted = one.presence or (ANNONCEES.get(one.statut) if annoncees else None)
        data[f"p_{one.ref}"] = noted.value if noted else None
    form = type("FormPresences", (Formulaire,), champs)
    return form(data=data | {"version": str(seance.version)})
