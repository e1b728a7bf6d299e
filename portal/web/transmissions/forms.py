"""Forms of the transmissions: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import HiddenField, RadioField, StringField

from portal.grilles.transmissions.enums import DEFAVORABLES, Issue, StatutTransmission
from portal.grilles.transmissions.nomenclatures import motifs_de
from portal.grilles.transmissions.saisie import MONTANTS, SaisieSuite
from portal.organisations.enums import TypeOrganisation
from portal.web.autorisations.rendu import francais
from portal.web.commissions.forms import ChampEntier
from portal.web.forms import ChampDate, Formulaire, _l
from portal.web.organisations import nomenclatures
from portal.web.transmissions.mots import Mots

Statut = StatutTransmission


class FormEnvoi(Formulaire):
    """Sending: to which function, and what was read before."""

    empreinte = HiddenField()
    fonction = RadioField(_l("Qui prévenir chez le destinataire"), validate_choice=False)

    @property
    def choisie(self) -> str:
        """The reference of the function chosen; empty where there is none to choose."""
        return self.fonction.data or "" if "fonction" in self else ""


class FormSuite(Formulaire):
    """One step of an answer: the fields that it takes alone."""

    issue = HiddenField()
    jour = ChampDate(_l("Date"))
    rang = ChampEntier(_l("Rang"), requis=False)
    motif = RadioField(_l("Motif"), validate_choice=False)
    precision = StringField(
        _l("Les faits, en une phrase"),
        description=_l("Le ménage et la personne qui l’accompagne le liront. Des faits, jamais un jugement."),
    )
    loyer = StringField(_l("Loyer et charges par mois, en euros"))
    aides = StringField(_l("Aides au logement attendues par mois, en euros"))
    ressources = StringField(_l("Ressources du ménage par mois, en euros"))

    @classmethod
    def pour(
        cls,
        statut: Statut,
        issue: Issue | None,
        kind: TypeOrganisation,
        mots: Mots,
        version: int,
        *,
        neuf: bool = False,
    ) -> "FormSuite":
        """Return the form of a step for a kind of recipient. `issue`: what its commission decided; `neuf`: to
        be filled, whatever was sent."""
        data = {"version": str(version), "issue": issue.value if issue else ""}
        form = cls(formdata=None, data=data) if neuf else cls(data=data)
        refuse = statut is Statut.NON_RETENUE or issue in DEFAVORABLES
        retires = set() if issue else {"issue"}
        if statut not in mots.dates:
            retires.add("jour")
        else:
            form.jour.label.text = _(mots.dates[statut])
        if issue is not Issue.ATTRIBUTION_RANG:
            retires.add("rang")
        if not refuse:
            retires |= {"motif", *MONTANTS}
        else:
            langue, motifs = str(get_locale()), motifs_de(kind, issue)
            form.motif.choices = nomenclatures.options(
                (one.code, Markup("{} – {}").format(one.libelle.en_langue(langue), francais(one.fondement)))
                for one in motifs
            )
            if not any(one.calcul for one in motifs):
                retires |= set(MONTANTS)
        if issue is Issue.ATTRIBUTION_SOUS_CONDITION:
            form.precision.label.text = _("La pièce attendue")
            form.precision.description = ""
        elif not refuse:
            retires.add("precision")
        for name in retires:
            del form[name]
        for name in {"jour", "rang", "motif"} - retires:
            form[name].flags.required = True
        return form

    def saisie(self, statut: Statut, issue: Issue | None) -> SaisieSuite:
        """Return what was typed."""
        lus: dict[str, Any] = {name: self[name].data for name in ("jour", "rang") if name in self}
        textes: dict[str, Any] = {
            name: self[name].data or "" for name in ("motif", "precision", *MONTANTS) if name in self
        }
        return SaisieSuite(statut=statut, issue=issue, **lus, **textes)
