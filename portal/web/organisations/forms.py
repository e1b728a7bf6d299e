"""Forms of organisations: their shape. Rules are checked by the services."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.comptes.invitations import SaisieInvitation
from portal.organisations.enums import TypeOrganisation
from portal.organisations.queries import FicheOrganisation
from portal.organisations.saisie import SaisieOrganisation
from portal.security.permissions import Profil
from portal.shared.errors import DomainError
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, read_version, saisie_obligatoire
from portal.web.organisations import nomenclatures

TEXTS = ("sigle", "siren", "siret", "finess_ej", "adresse", "telephone", "email", "site")
ADMIN_FIELDS = ("admin_prenom", "admin_nom", "admin_email")
SEPARATORS = re.compile(r"[\s,;/]+")


class ChampCases(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FormOrganisation(Formulaire):
    """An organisation. Out of the form when it already exists: `type`, which does not change, and `admin_*`,
    its first administrator, invited with the opening.
    """

    type = SelectField(_l("Type d’organisation"), validators=[obligatoire()])
    nom = StringField(_l("Nom de l’organisation"), validators=[obligatoire()])
    sigle = StringField(_l("Sigle"))
    siren = StringField(_l("SIREN"), description=_l("Neuf chiffres."))
    siret = StringField(_l("SIRET du siège"), description=_l("Quatorze chiffres ; il donne le SIREN."))
    finess_ej = StringField(
        _l("FINESS de l’entité juridique"), description=_l("Neuf chiffres, si l’organisation en a un.")
    )
    departement_code = SelectField(_l("Département du siège"), validators=[obligatoire()])
    departements = StringField(
        _l("Autres départements d’intervention"),
        description=_l("Leurs numéros, séparés par des virgules : 37, 92, 974."),
    )
    categories = ChampCases(_l("Catégories de l’article L. 345-2-6 du CASF"), coerce=int)
    adresse = StringField(_l("Adresse"))
    telephone = StringField(_l("Téléphone"))
    email = StringField(_l("Adresse électronique"))
    site = StringField(_l("Site internet"))
    admin_prenom = StringField(_l("Prénom"))
    admin_nom = StringField(_l("Nom de la personne"))
    admin_email = StringField(
        _l("Adresse électronique de la personne"),
        description=_l("Elle reçoit un lien pour choisir son mot de passe."),
    )

    @classmethod
    def opening(cls, types: list[TypeOrganisation], codes: tuple[str, ...] | None) -> "FormOrganisation":
        """Return the form that opens an organisation of one of these types and départements."""
        form = cls()
        form.type.choices = nomenclatures.type_options(types)
        form._offer_departements(codes)
        return form

    @classmethod
    def editing(cls, fiche: FicheOrganisation, **options: Any) -> "FormOrganisation":
        """Return the form of an existing organisation, filled with what is stored."""
        organisation = fiche.organisation
        others = [d.code for d in fiche.departements if d.code != organisation.departement_code]
        stored = {name: getattr(organisation, name) or "" for name in ("nom", "departement_code", *TEXTS)}
        form = cls(
            data=stored
            | {
                "departements": ", ".join(others),
                "categories": list(fiche.categories),
                "version": str(organisation.version),
            },
            **options,
        )
        for name in ("type", *ADMIN_FIELDS):
            del form[name]
        form._offer_departements(None)
        return form

    def _offer_departements(self, codes: tuple[str, ...] | None) -> None:
        self.departement_code.choices = nomenclatures.options(nomenclatures.departement_choices(codes))
        self.categories.choices = nomenclatures.options(nomenclatures.categorie_choices())

    def validate_departements(self, field: StringField) -> None:
        """Refuse a number that is no département's."""
        unknown = [code for code in self.other_departements if code not in nomenclatures.departements()]
        if unknown:
            raise ValidationError(_("Département inconnu : %(codes)s.", codes=", ".join(unknown)))

    @property
    def other_departements(self) -> list[str]:
        """The codes typed, as INSEE writes them (« 1 » reads 01, « 2a » reads 2A)."""
        parts = filter(None, SEPARATORS.split(self.departements.data or ""))
        return [part.upper().rjust(2, "0") for part in parts]

    @property
    def invites(self) -> bool:
        """Whether a first administrator is named."""
        return any((self[name].data or "").strip() for name in ADMIN_FIELDS)

    def invitation(self, profil: Profil) -> SaisieInvitation:
        """Return the first administrator as typed."""
        return SaisieInvitation(
            email=self.admin_email.data or "",
            prenom=self.admin_prenom.data or "",
            nom=self.admin_nom.data or "",
            profil=profil,
            departement_code=self.departement_code.data or "",
        )

    def refuse_invitation(self, error: DomainError) -> None:
        """Put what the invitation was refused for next to its own fields."""
        field = error.field if error.field in ("prenom", "nom") else "email"
        self.refuse(DomainError(error.code, f"admin_{field}", **error.params))

    def saisie(self, kind: TypeOrganisation | None = None) -> SaisieOrganisation:
        """Return what was typed; `kind`: the type of the organisation being edited."""
        return SaisieOrganisation(
            nom=self.nom.data or "",
            type=kind or TypeOrganisation(self.type.data),
            departement_code=self.departement_code.data or "",
            departements=tuple(self.other_departements),
            categories=tuple(self.categories.data or ()),
            **{name: getattr(self, name).data or "" for name in TEXTS},
        )


class FormRattacher(Formulaire):
    """Letting an organisation opened elsewhere work in one's own département."""

    type = SelectField(_l("Type d’organisation"), validators=[obligatoire()])
    siren = StringField(_l("SIREN"), validators=[obligatoire()], description=_l("Neuf chiffres."))
    departement_code = SelectField(_l("Votre département"), validators=[obligatoire()])


class FormFermer(Formulaire):
    """Closing an organisation or a structure on a day."""

    fermee_le = ChampDate(_l("Date de fermeture"), validators=[saisie_obligatoire()])

    @classmethod
    def of(cls, version: int, today: date) -> "FormFermer":
        """Return the form, today proposed."""
        return cls(data={"fermee_le": today, "version": version})

    @property
    def day(self) -> date:
        """The closing day of a valid form."""
        assert self.fermee_le.data is not None
        return self.fermee_le.data


class FormFusionner(Formulaire):
    """Confirming a merger: its day, and the version of the absorbing organisation."""

    fusionnee_le = ChampDate(_l("Date de la fusion"), validators=[saisie_obligatoire()])
    absorbante = HiddenField()
    version_absorbante = HiddenField()

    @property
    def day(self) -> date:
        """The day of a valid form."""
        assert self.fusionnee_le.data is not None
        return self.fusionnee_le.data

    @property
    def versions(self) -> tuple[int, int]:
        """The versions of both organisations as they were read, absorbed then absorbing."""
        return self.version_number, read_version(self.version_absorbante.data)
