"""Forms of the commissions: their shape. Rules are checked by the services."""

from enum import Enum
from typing import Any

from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Optional

from portal.commissions import queries
from portal.commissions.composition import SaisieCollege
from portal.commissions.enums import Voix
from portal.commissions.nomenclatures import decisions, prescriptions
from portal.commissions.saisie import CHOIX, NOMBRES, TEXTES, SaisieCommission
from portal.organisations.enums import LIBELLES_TYPE, TypeOrganisation
from portal.web.commissions import commun
from portal.web.context import db
from portal.web.forms import Formulaire, _l, obligatoire, saisie_obligatoire
from portal.web.libelles import LIBELLES
from portal.web.organisations import nomenclatures
from portal.web.organisations.forms import ChampCases

CASES = ("voix_preponderante", "recours", "avis_apres_le_sien")


class ChampEntier(IntegerField):
    """A number, which may have to be typed; an empty one is none."""

    def __init__(self, label: Any, *, requis: bool = True, **kwargs: Any) -> None:
        super().__init__(label, [saisie_obligatoire() if requis else Optional()], **kwargs)


class FormCommission(Formulaire):
    """A commission: everything of domaine.md § 7.1 but who sits."""

    nom = StringField(_l("Nom de la commission"), validators=[obligatoire()])
    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    secretariat = SelectField(
        _l("Secrétariat"),
        validators=[obligatoire()],
        description=_l("L’organisation qui prévoit les séances, invite et rédige le relevé."),
    )
    finalite = TextAreaField(_l("À quoi elle sert"))
    fondement = StringField(
        _l("Ce qui la fonde"), description=_l("Charte, règlement, protocole, plan départemental.")
    )
    territoire = StringField(_l("Territoire"), description=_l("Rien : tout le département."))
    rythme = SelectField(_l("Rythme"), validators=[obligatoire()])
    rythme_nombre = ChampEntier(
        _l("Nombre de semaines ou de mois"), description=_l("Par exemple 3, pour toutes les trois semaines.")
    )
    duree_minutes = ChampEntier(_l("Durée d’une séance, en minutes"))
    heure = TimeField(_l("Heure habituelle"), validators=[Optional()], format=["%H:%M", "%Hh%M", "%H h %M"])
    lieu = StringField(_l("Lieu habituel"))
    visio = StringField(_l("Lien de visioconférence habituel"))
    capacite = ChampEntier(
        _l("Dossiers par séance, au plus"), requis=False, description=_l("Rien : sans limite.")
    )
    convocation_jours = ChampEntier(_l("Convocation, en jours ouvrés avant la séance"))
    ordre_du_jour_jours = ChampEntier(_l("Ordre du jour arrêté, en jours avant la séance"))
    rappel_jours = ChampEntier(_l("Rappel, en jours avant la séance"), description=_l("0 : aucun rappel."))
    urgence_heures = ChampEntier(_l("Délai d’une consultation d’urgence, en heures"))
    complement_jours = ChampEntier(_l("Délai pour compléter un dossier, en jours"))
    regle = SelectField(_l("Comment elle décide"), validators=[obligatoire()])
    voix_par = SelectField(_l("Qui a une voix, si l’on vote"), validators=[obligatoire()])
    voix_preponderante = BooleanField(_l("En cas d’égalité, la voix de la présidence l’emporte"))
    quorum = SelectField(_l("Quorum"), validators=[obligatoire()])
    decisions = ChampCases(_l("Décisions possibles"))
    prescriptions = ChampCases(_l("Prescriptions possibles"))
    recours = BooleanField(_l("Le prescripteur peut former un recours"))
    recours_jours = ChampEntier(_l("Délai de recours, en jours"))
    dossiers = SelectField(_l("Ce qu’elle examine"), validators=[obligatoire()])
    autorisation = SelectField(_l("Autorisation requise"), validators=[obligatoire()])
    portee = SelectField(
        _l("Ce que les membres lisent"),
        validators=[obligatoire()],
        description=_l("Chacun lit au plus ce que son propre profil permet."),
    )
    prescripteur = SelectField(_l("Présence du prescripteur"), validators=[obligatoire()])
    menage = SelectField(_l("Présence du ménage"), validators=[obligatoire()])
    pieces = TextAreaField(
        _l("Pièces demandées"),
        description=_l("Une par ligne. Le portail note si elles existent ; il ne les reçoit pas."),
    )
    avis_apres_le_sien = BooleanField(
        _l("Les avis écrits se lisent seulement après avoir donné le sien"),
        description=_l("Sinon, chaque membre lit ceux des autres à mesure qu’ils arrivent."),
    )
    releve = SelectField(_l("Relevé de décisions"), validators=[obligatoire()])
    prereglage = HiddenField()

    @classmethod
    def neuve(cls, prereglage: Any, codes: tuple[str, ...], departement: str, sien: str) -> "FormCommission":
        """Return the form of a new commission, filled with what its preset says; `sien`: the actor's own
        organisation, proposed as the secretariat."""
        data = dict(prereglage.valeurs) | {
            "departement_code": departement,
            "secretariat": sien,
            "prereglage": prereglage.code,
            "nom": prereglage.libelle.en_langue("fr"),
            "pieces": "\n".join(prereglage.valeurs["pieces"]),
        }
        form = cls(data=data)
        form._offrir(codes, departement)
        return form

    @classmethod
    def de(cls, commission: Any, **options: Any) -> "FormCommission":
        """Return the form of a commission, filled with what is stored."""
        names = (*TEXTES, *NOMBRES, *CASES, "capacite", "heure", "decisions", "prescriptions")
        data = {name: getattr(commission, name) for name in names}
        data |= {name: getattr(commission, name).value for name in CHOIX}
        data |= {
            "departement_code": commission.departement_code,
            "secretariat": commission.secretariat.ref,
            "pieces": "\n".join(commission.pieces),
            "version": str(commission.version),
        }
        form = cls(data=data, **options)
        form._offrir((commission.departement_code,), commission.departement_code)
        del form.prereglage
        return form

    def _offrir(self, codes: tuple[str, ...], departement: str) -> None:
        self.departement_code.choices = nomenclatures.options(nomenclatures.departement_choices(codes))
        self.secretariat.choices = nomenclatures.options(queries.secretariats(db(), departement))
        for name, enum in CHOIX.items():
            getattr(self, name).choices = choix(enum)
        for name, known in (("decisions", decisions()), ("prescriptions", prescriptions())):
            getattr(self, name).choices = nomenclatures.options(
                (code, label.en_langue(commun.langue())) for code, label in known.items()
            )

    def saisie(self) -> SaisieCommission:
        """Return what was typed in a valid form."""
        lines = (self.pieces.data or "").splitlines()
        values: dict[str, Any] = {name: self[name].data or "" for name in TEXTES}
        values |= {name: self[name].data for name in (*NOMBRES, "capacite", "heure")}
        values |= {name: bool(self[name].data) for name in CASES}
        values |= {name: enum(self[name].data) for name, enum in CHOIX.items()}
        return SaisieCommission(
            **values,
            decisions=tuple(self.decisions.data or ()),
            prescriptions=tuple(self.prescriptions.data or ()),
            pieces=tuple(line.strip() for line in lines if line.strip()),
        )


class FormCollege(Formulaire):
    """A college."""

    nom = StringField(_l("Nom du collège"), validators=[obligatoire()])
    voix = SelectField(_l("Voix"), validators=[obligatoire()])
    poids = ChampEntier(
        _l("Poids"), description=_l("Compte seulement quand la commission vote en pondérant.")
    )
    sieges = ChampEntier(
        _l("Nombre de sièges"), requis=False, description=_l("Rien : autant que nécessaire.")
    )
    suppleants = BooleanField(_l("Un membre absent peut envoyer son suppléant"))
    types = ChampCases(
        _l("Organisations attendues"),
        description=_l("Pour proposer d’abord leurs fonctions quand on donne un siège."),
    )

    @classmethod
    def de(cls, commission: Any, college: Any = None, **options: Any) -> "FormCollege":
        """Return the form of a college, or of a new one."""
        data: dict[str, Any] = {"voix": Voix.DELIBERATIVE.value, "poids": 1, "suppleants": True, "types": []}
        if college is not None:
            data = {
                name: getattr(college, name) for name in ("nom", "poids", "sieges", "suppleants", "types")
            }
            data["voix"] = college.voix.value
        form = cls(data=data | {"version": str(commission.version)}, **options)
        form.voix.choices = choix(Voix)
        form.types.choices = nomenclatures.options(
            (kind.value, _(label)) for kind, label in LIBELLES_TYPE.items()
        )
        return form

    def saisie(self) -> SaisieCollege:
        """Return what was typed in a valid form."""
        return SaisieCollege(
            nom=self.nom.data or "",
            voix=Voix(self.voix.data),
            poids=self.poids.data if self.poids.data is not None else 1,
            sieges=self.sieges.data,
            suppleants=bool(self.suppleants.data),
            types=tuple(TypeOrganisation(value) for value in self.types.data or ()),
        )


class FormSiege(Formulaire):
    """A function that is given a seat."""

    fonction = HiddenField()


class FormTexte(Formulaire):
    """A new version of a text."""

    texte = TextAreaField(_l("Texte"), validators=[obligatoire()])


def choix(enum: type[Enum]) -> Any:
    """Return the values of an enumeration as a select takes them."""
    return nomenclatures.options((one.value, _(LIBELLES[enum][one])) for one in enum)
