"""Forms of the households: their shape. Rules are checked by the services."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange

from portal.grilles.menages.identites import Composition, Identite
from portal.grilles.menages.recherche import Criteres
from portal.grilles.menages.saisie import ENFANTS_MAXIMUM, SaisieAdulte, SaisieMenage
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, saisie_obligatoire
from portal.web.organisations import nomenclatures

ADULTES = (1, 2)
"""Adults of the form that opens a household; the others join from its page."""

NAISSANCES = (date(1890, 1, 1), date(2100, 1, 1))


class ChampNaissance(ChampDate):
    """A date of birth, which may be long past."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data, self.raw_data = None, []
            return
        DateField.process_formdata(self, [valuelist[0].strip()])
        if self.data is not None and not NAISSANCES[0] <= self.data <= NAISSANCES[1]:
            self.data = None
            raise ValueError(_("Cette date de naissance est hors du possible."))


class ChampEnfants(IntegerField):
    """How many children; nothing typed is none."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        message = _l("Écrivez un nombre entre 0 et 20.")
        super().__init__(
            label, [NumberRange(0, ENFANTS_MAXIMUM, message=message)], default=0, filters=[lambda n: n or 0],
            **kwargs,
        )  # fmt: skip

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)
        else:
            self.data = 0


class _Enfants(Formulaire):
    a_charge = ChampEnfants(_l("Enfants à charge"))
    en_visite = ChampEnfants(_l("Enfants en visite ou hébergés"))


def _reference(*, requise: bool = False) -> StringField:
    return StringField(
        _l("Référence du dossier SI SIAO"),
        validators=[obligatoire()] if requise else [],
        description=_l("Telle qu’elle est dans le SI SIAO."),
    )


class FormAdulte(Formulaire):
    """Who an adult is."""

    nom = StringField(_l("Nom"), validators=[obligatoire()])
    prenom = StringField(_l("Prénom"), validators=[obligatoire()])
    naissance = ChampNaissance(_l("Date de naissance"), validators=[saisie_obligatoire()])
    representant = StringField(
        _l("Représentant"),
        description=_l("Qui signe pour cette personne, si une mesure de protection le prévoit. Sinon, rien."),
    )

    @classmethod
    def de(cls, menage: Any, identite: Identite | None, **kwargs: Any) -> "FormAdulte":
        """Return the form of an adult as it is stored."""
        data: dict[str, Any] = {"version": str(menage.version)}
        if identite:
            data |= vars(identite)
        return cls(data=data, **kwargs)

    def saisie(self) -> SaisieAdulte:
        """Return what was typed."""
        return SaisieAdulte(
            nom=self.nom.data or "",
            prenom=self.prenom.data or "",
            naissance=self.naissance.data,
            representant=self.representant.data or "",
        )


class FormMenage(_Enfants):
    """A household to open, with one or two adults."""

    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    adulte_1_nom = StringField(_l("Nom"), validators=[obligatoire()])
    adulte_1_prenom = StringField(_l("Prénom"), validators=[obligatoire()])
    adulte_1_naissance = ChampNaissance(_l("Date de naissance"), validators=[saisie_obligatoire()])
    adulte_1_representant = StringField(_l("Représentant, si une mesure de protection le prévoit"))
    adulte_2_nom = StringField(_l("Nom du second adulte"))
    adulte_2_prenom = StringField(_l("Prénom du second adulte"))
    adulte_2_naissance = ChampNaissance(_l("Date de naissance du second adulte"))
    adulte_2_representant = StringField(_l("Représentant du second adulte, s’il y en a un"))
    si_siao = _reference()
    numero_unique = StringField(
        _l("Numéro unique de la demande de logement social"),
        description=_l("18 caractères, s’il y a une demande."),
    )
    quand_meme = HiddenField()

    @classmethod
    def neuf(cls, departements: list[str]) -> "FormMenage":
        """Return the form to open a household in one of some départements."""
        form = cls(data={"departement_code": departements[0] if departements else ""})
        form.departement_code.choices = nomenclatures.departement_choices(tuple(departements))
        return form

    def saisie(self) -> SaisieMenage:
        """Return what was typed."""
        return SaisieMenage(
            departement_code=self.departement_code.data,
            adultes=tuple(
                SaisieAdulte(
                    nom=self[f"adulte_{n}_nom"].data or "",
                    prenom=self[f"adulte_{n}_prenom"].data or "",
                    naissance=self[f"adulte_{n}_naissance"].data,
                    representant=self[f"adulte_{n}_representant"].data or "",
                )
                for n in ADULTES
            ),
            si_siao=self.si_siao.data or "",
            numero_unique=self.numero_unique.data or "",
            a_charge=self.a_charge.data or 0,
            en_visite=self.en_visite.data or 0,
        )


class FormProtege(_Enfants):
    """A household to open in the protected circuit: no name."""

    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    si_siao = _reference(requise=True)
    nombre_adultes = IntegerField(_l("Nombre d’adultes"), validators=[saisie_obligatoire()], default=1)
    quand_meme = HiddenField()

    @classmethod
    def neuf(cls, departements: list[str]) -> "FormProtege":
        """Return the form to open a household in one of some départements."""
        form = cls(data={"departement_code": departements[0] if departements else "", "nombre_adultes": 1})
        form.departement_code.choices = nomenclatures.departement_choices(tuple(departements))
        return form

    def saisie(self) -> SaisieMenage:
        """Return what was typed."""
        return SaisieMenage(
            departement_code=self.departement_code.data,
            si_siao=self.si_siao.data or "",
            a_charge=self.a_charge.data or 0,
            en_visite=self.en_visite.data or 0,
            protege=True,
            nombre_adultes=self.nombre_adultes.data or 0,
        )


class FormReperes(_Enfants):
    """What of a household may change without changing who it is."""

    si_siao = _reference()
    numero_unique = StringField(
        _l("Numéro unique de la demande de logement social"), description=_l("18 caractères.")
    )

    @classmethod
    def de(cls, menage: Any, si_siao: str, numero: str, enfants: Composition, **kwargs: Any) -> "FormReperes":
        """Return the form of a household as it is stored; the protected circuit has no demand number."""
        data = {"version": str(menage.version), "si_siao": si_siao, "numero_unique": numero}
        form = cls(data=data | vars(enfants), **kwargs)
        if menage.protege:
            del form.numero_unique
        return form

    def composition(self) -> Composition:
        """Return the children typed."""
        return Composition(self.a_charge.data or 0, self.en_visite.data or 0)


class FormProteger(Formulaire):
    """Putting a household in the protected circuit."""

    si_siao = _reference(requise=True)


class FormContact(Formulaire):
    """The last contact."""

    jour = ChampDate(_l("Jour du dernier contact"), validators=[saisie_obligatoire()])


class FormRecherche(Formulaire):
    """Looking for a household; sent in the body, never in the address."""

    nom = StringField(_l("Nom"))
    prenom = StringField(_l("Prénom"))
    naissance = ChampNaissance(_l("Date de naissance"))
    repere = StringField(_l("Numéro unique, référence SI SIAO ou code"))

    def criteres(self) -> Criteres:
        """Return what is looked for."""
        return Criteres(
            nom=(self.nom.data or "")[:100],
            prenom=(self.prenom.data or "")[:100],
            naissance=self.naissance.data,
            repere=(self.repere.data or "")[:60],
        )


class FormDemande(Formulaire):
    """Asking to read a colleague's household."""

    motif = TextAreaField(
        _l("Pourquoi avez-vous besoin de voir ce ménage ?"),
        validators=[obligatoire()],
        description=_l("Lu par la personne qui l’accompagne et par le SIAO. 500 caractères au plus."),
    )
    jours = IntegerField(
        _l("Pendant combien de jours"),
        validators=[saisie_obligatoire()],
        description=_l("L’accès se ferme de lui-même à la fin."),
    )


class FormRelais(Formulaire):
    """Having someone stand in for an absent worker."""

    absent = SelectField(_l("Pendant l’absence de"), validators=[obligatoire()])
    relais = SelectField(_l("Relais assuré par"), validators=[obligatoire()])
    du = ChampDate(_l("Du"), validators=[saisie_obligatoire()])
    au = ChampDate(_l("Au, ce jour compris"), validators=[saisie_obligatoire()])
