"""Forms of what follows a session: their shape. Rules are checked by the services."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from wtforms import RadioField, SelectField, TextAreaField

from portal.commissions.enums_dossiers import (
    LIBELLES_ISSUE,
    LIBELLES_PRESCRIPTION,
    IssueRecours,
    StatutPrescription,
)
from portal.commissions.suites_seance.recours import SaisieIssue
from portal.commissions.suites_seance.regles import RELECTURE
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire
from portal.web.releves import commun

ANNEES = 6
"""Years offered: the present one and those before."""


class FormPoints(Formulaire):
    """The general points of minutes."""

    points = TextAreaField(
        _l("Points généraux"),
        description=_l(
            "Ce qui s’est dit hors des dossiers. Jamais le nom d’un ménage : la version anonyme les reprend."
        ),
    )


class FormRelire(Formulaire):
    """Until when members read the draft."""

    relire_avant = ChampDate(_l("À relire avant le"), validators=[obligatoire()])

    @classmethod
    def neuf(cls, version: int, jour: date) -> "FormRelire":
        """Return one for minutes as they stand."""
        return cls(data={"version": str(version), "relire_avant": jour + RELECTURE})


class FormRemarque(Formulaire):
    """A member's remark on the draft."""

    texte = TextAreaField(_l("Votre remarque"), validators=[obligatoire()])


class FormPrescription(Formulaire):
    """What became of a prescription."""

    statut = RadioField(_l("Où elle en est"), validators=[obligatoire()])

    @classmethod
    def de(cls, version: int, possibles: Iterable[StatutPrescription]) -> "FormPrescription":
        """Return one that offers what may be noted."""
        form = cls(data={"version": str(version)})
        form.statut.choices = [(one.value, _(LIBELLES_PRESCRIPTION[one])) for one in possibles]
        return form


class FormRecours(Formulaire):
    """An appeal as its prescriber writes it."""

    motif = TextAreaField(
        _l("Pourquoi la décision doit être revue"),
        validators=[obligatoire()],
        description=_l("Des faits en lien avec la décision. Chiffré."),
    )
    elements = TextAreaField(
        _l("Éléments nouveaux"),
        description=_l("Ce que la commission ne savait pas. Dites-le ; ne joignez aucune pièce. Chiffré."),
    )


class FormDesigner(Formulaire):
    """Which session examines an appeal."""

    seance = SelectField(_l("Séance qui examine le recours"), validators=[obligatoire()])

    @classmethod
    def de(cls, version: int, seances: Iterable[tuple[str, str]]) -> "FormDesigner":
        """Return one that offers sessions to come."""
        form = cls(data={"version": str(version)})
        form.seance.choices = [("", _("Choisissez une séance")), *seances]
        return form


class FormIssue(Formulaire):
    """What an appeal comes to."""

    issue = RadioField(_l("Issue"), validators=[obligatoire()])
    code = SelectField(_l("Décision révisée"), description=_l("Seulement si la décision est révisée."))
    reponse = TextAreaField(
        _l("Motif de l’issue"),
        validators=[obligatoire()],
        description=_l("Le prescripteur le lit, et l’explique au ménage. Chiffré."),
    )

    @classmethod
    def de(cls, version: int, codes: Iterable[str]) -> "FormIssue":
        """Return one that offers the decisions of the commission."""
        form = cls(data={"version": str(version)})
        form.issue.choices = [(one.value, _(LIBELLES_ISSUE[one])) for one in IssueRecours]
        form.code.choices = [("", "–"), *((code, commun.decision_dite(code)) for code in codes)]
        return form

    def saisie(self) -> SaisieIssue:
        """Return what was typed in a valid form."""
        return SaisieIssue(IssueRecours(self.issue.data), self.reponse.data or "", self.code.data or "")


class FormAnnee(Formulaire):
    """The year whose figures leave the commission, as the address gives it."""

    class Meta(Formulaire.Meta):
        csrf = False

    annee = SelectField(_l("Année"))

    @classmethod
    def lue(cls, args: Any, courante: int) -> tuple["FormAnnee", int]:
        """Return the form and the year: what the address gives where it is offered, else the present one."""
        offertes = [str(courante - rang) for rang in range(ANNEES)]
        demandee = args.get("annee")
        annee = demandee if demandee in offertes else offertes[0]
        form = cls(formdata=None, data={"annee": annee})
        form.annee.choices = [(une, une) for une in offertes]
        return form, int(annee)


class FormPeriode(Formulaire):
    """The days between which figures are looked at, as the address gives them."""

    class Meta(Formulaire.Meta):
        csrf = False

    du = ChampDate(_l("Du"))
    au = ChampDate(_l("Au"))

    @classmethod
    def lue(cls, args: Any, defaut: tuple[date, date]) -> tuple["FormPeriode", tuple[date, date]]:
        """Return the form and the period: what the address gives where it is one, else the usual one."""
        asked = bool(args.get("du") or args.get("au"))
        form = cls(formdata=args if asked else None, data={"du": defaut[0], "au": defaut[1]})
        if not asked:
            return form, defaut
        form.validate()
        du, au = form.du.data or defaut[0], form.au.data or defaut[1]
        if du > au or au - du > timedelta(days=3660):
            form.au.errors = [_("Le dernier jour vient après le premier, dans les dix ans.")]
            return form, defaut
        return form, (du, au)
