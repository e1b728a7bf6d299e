"""Forms of structures: their shape, and the lines of places, of which there can be any number."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField, StringField
from wtforms.validators import ValidationError

from portal.organisations import referentiel
from portal.organisations.saisie import MAX_PLACES, LignePlaces, SaisieStructure
from portal.shared.text import normalise
from portal.web.context import db
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire
from portal.web.organisations import nomenclatures

TEXTS = ("nom", "finess", "siret", "adresse", "telephone", "email")
MAX_LINES = 60
MANY = 50  # communes looked at to find the one that was meant


@dataclass
class Ligne:
    """A line of places as typed."""

    nature: str = ""
    type_place: str = ""
    nombre: str = ""
    erreur: str = ""

    @property
    def vide(self) -> bool:
        """Whether nothing was typed: such a line is left."""
        return not (self.nature or self.type_place or self.nombre)


class ChampPlaces(Field):
    """Lines « nature, type of place, number », sent as three lists of inputs of one name each."""

    data: list[Ligne]

    def process_formdata(self, _valuelist: list[Any]) -> None:
        """Nothing here: the lists are read by `process`, this field having no input of its own name."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the lines received, else those given."""
        super().process(None, data or [], extra_filters)
        if formdata is not None and f"{self.name}-nature" in formdata:
            columns = (formdata.getlist(f"{self.name}-{name}") for name in ("nature", "type", "nombre"))
            self.data = [Ligne(*(value.strip() for value in line)) for line in zip(*columns, strict=False)]
            self.data = self.data[:MAX_LINES]

    def pre_validate(self, form: Any) -> None:
        """Refuse a line without nature, and a number that is none."""
        for line in self.data:
            if not line.vide:
                line.erreur = _line_error(line)
        if any(line.erreur for line in self.data):
            raise ValidationError(_("Une ligne est à corriger."))

    def texte(self) -> str:
        """Return the lines in words, to compare two versions."""
        natures, types = nomenclatures.natures(), dict(nomenclatures.type_place_choices())
        shown = []
        for line in self.data:
            words = [natures.get(line.nature, line.nature), types.get(line.type_place, ""), line.nombre]
            shown.append(" ".join(filter(None, words)))
        return " · ".join(filter(None, shown))

    def lines(self) -> list[LignePlaces]:
        """Return the lines of a valid form."""
        return [
            LignePlaces(line.nature, line.type_place, int(line.nombre) if line.nombre else None)
            for line in self.data
            if not line.vide
        ]


def _line_error(line: Ligne) -> str:
    if not line.nature:
        return str(_("Choisissez une nature."))
    if line.nombre and not (line.nombre.isascii() and line.nombre.isdecimal()):
        return str(_("Écrivez un nombre entier."))
    if len(line.nombre) > 9 or int(line.nombre or "0") > MAX_PLACES:
        return str(_("Le nombre de places ne dépasse pas %(maximum)s.", maximum=MAX_PLACES))
    return ""


class FormStructure(Formulaire):
    """A structure with its natures and places."""

    nom = StringField(_l("Nom de la structure"), validators=[obligatoire()])
    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    commune_code = StringField(_l("Commune"), description=_l("Son nom ou son code postal."))
    adresse = StringField(_l("Adresse"))
    finess = StringField(_l("FINESS de l’établissement"), description=_l("Neuf chiffres."))
    siret = StringField(_l("SIRET"), description=_l("Quatorze chiffres."))
    telephone = StringField(_l("Téléphone"))
    email = StringField(_l("Adresse électronique"))
    ouverte_le = ChampDate(_l("Ouverte le"))
    places = ChampPlaces(_l("Natures et places"))

    code_commune: str = ""  # found by `find_commune`

    @classmethod
    def opening(cls, departements: tuple[str, ...]) -> "FormStructure":
        """Return the form of a new structure, in one of these départements."""
        form = cls(data={"departement_code": departements[0] if departements else ""})
        form.departement_code.choices = nomenclatures.options(nomenclatures.departement_choices(departements))
        return form

    @classmethod
    def editing(cls, structure: Any, departements: tuple[str, ...], **options: Any) -> "FormStructure":
        """Return the form of an existing structure, filled with what is stored."""
        codes = tuple(sorted({*departements, structure.departement_code}))
        form = cls(
            data={name: getattr(structure, name) or "" for name in TEXTS}
            | {
                "departement_code": structure.departement_code,
                "commune_code": commune_name(structure.commune_code),
                "ouverte_le": structure.ouverte_le,
                "places": typed_places(structure),
                "version": str(structure.version),
            },
            **options,
        )
        form.departement_code.choices = nomenclatures.options(nomenclatures.departement_choices(codes))
        return form

    def find_commune(self) -> bool:
        """Find the commune meant by what was typed; tell whether there is exactly one (or none is said)."""
        typed = normalise(self.commune_code.data or "")
        self.code_commune = ""
        if not typed:
            return True
        found = referentiel.communes(db(), typed, self.departement_code.data or "", MANY)
        exact = [row for row in found if typed in (normalise(row.nom), row.code.lower())]
        chosen = exact or found
        if len(chosen) == 1:
            self.code_commune = chosen[0].code
            return True
        if chosen:
            names = ", ".join(row.nom for row in chosen[:6])
            message = _("Plusieurs communes répondent : %(noms)s. Écrivez le nom entier.", noms=names)
        else:
            message = _("Aucune commune de ce département ne répond à ce nom.")
        self.commune_code.errors = [*self.commune_code.errors, message]
        return False

    def saisie(self) -> SaisieStructure:
        """Return what was typed, once the commune was found."""
        return SaisieStructure(
            departement_code=self.departement_code.data or "",
            commune_code=self.code_commune,
            ouverte_le=self.ouverte_le.data,
            **{name: getattr(self, name).data or "" for name in TEXTS},
        )


def stored(structure: Any) -> SaisieStructure:
    """Return a structure's own values, for an act that changes something else."""
    return SaisieStructure(
        departement_code=structure.departement_code,
        commune_code=structure.commune_code or "",
        ouverte_le=structure.ouverte_le,
        **{name: getattr(structure, name) or "" for name in TEXTS},
    )


def typed_places(structure: Any) -> list[Ligne]:
    """Return the stored lines of places, as the form shows them."""
    order = {code: rank for rank, code in enumerate(nomenclatures.natures())}
    rows = sorted(structure.places, key=lambda row: (order.get(row.nature_code, 99), row.type_place))
    return [
        Ligne(row.nature_code, row.type_place, "" if row.nombre is None else str(row.nombre)) for row in rows
    ]


def commune_name(code: str | None) -> str:
    """Return the name of a commune."""
    if not code:
        return ""
    found = referentiel.situation(db(), code)
    return str(found.commune) if found else code
