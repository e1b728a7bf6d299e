"""Forms of the directory: their shape. Rules are checked by the services."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectField, StringField, TextAreaField

from portal.annuaire import queries_choix
from portal.annuaire.enums import LIBELLES_PREFERENCE, LIBELLES_ROLE, Preference, Role
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire, communes_ecrites, noms_des_communes
from portal.annuaire.service import fonctions_de
from portal.organisations.referentiel import Lieu, Maille, territoires_de
from portal.web.annuaire import commun
from portal.web.context import db
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, saisie_obligatoire
from portal.web.organisations import nomenclatures
from portal.web.organisations.forms import ChampCases

TEXTES = ("mention", "horaires", "telephone", "email")
PERSONNE = ("prenom", "nom", "telephone", "email")


class FormReferent(Formulaire):
    """A function: what it is, what it covers, how to reach it. `personne_*`: its first holder, on opening."""

    fonction_code = SelectField(_l("Fonction"), validators=[obligatoire()])
    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    structure = SelectField(
        _l("Structure"), description=_l("Aucune : la fonction vaut pour toute l’organisation.")
    )
    mention = StringField(_l("Précision"), description=_l("Par exemple : agence de Lannion, pôle familles."))
    communes = TextAreaField(
        _l("Communes couvertes"),
        description=_l("Une par ligne. Rien de coché ni d’écrit : tout le département."),
    )
    territoires = ChampCases(_l("Intercommunalités et arrondissements couverts"))
    natures = ChampCases(_l("Natures de dispositif"), description=_l("Rien de coché : toutes."))
    publics = ChampCases(_l("Publics"), description=_l("Rien de coché : tous."))
    preference = SelectField(_l("Comment joindre"), validators=[obligatoire()])
    horaires = StringField(_l("Horaires"), description=_l("Par exemple : du lundi au jeudi, 9 h – 12 h."))
    telephone = StringField(
        _l("Téléphone de la fonction"), description=_l("Une ligne commune, qui reste quand la personne part.")
    )
    email = StringField(
        _l("Courriel de la fonction"), description=_l("Une boîte commune, qui reste quand la personne part.")
    )

    @classmethod
    def of(
        cls, organisation: Any, codes: tuple[str, ...], referent: Any = None, **options: Any
    ) -> "FormReferent":
        """Return the form of an entry of an organisation, in one of these départements."""
        form = cls(data=_stored(referent) if referent else _fresh(codes), **options)
        works_in = {row.departement_code for row in organisation.departements}
        form.departement_code.choices = nomenclatures.options(
            nomenclatures.departement_choices(tuple(code for code in codes if code in works_in))
        )
        known = {
            one.code: one for one in fonctions_de(db(), *codes).values() if one.convient(organisation.type)
        }
        form.fonction_code.choices = nomenclatures.options(
            ((code, one.libelle.en_langue(commun.langue())) for code, one in known.items()),
            _("Choisir une fonction"),
        )
        own = queries_choix.structures_ouvertes(db(), organisation.id, codes)
        form.structure.choices = nomenclatures.options(own, _("Toute l’organisation"))
        places = territoires_de(db(), codes)
        form.territoires.choices = nomenclatures.options(
            [
                *places[Maille.EPCI],
                *(
                    (code, _("Arrondissement : %(nom)s", nom=nom))
                    for code, nom in places[Maille.ARRONDISSEMENT]
                ),
            ]
        )
        form.natures.choices = nomenclatures.options(nomenclatures.natures().items())
        form.publics.choices = nomenclatures.options(commun.publics_choisis())
        form.preference.choices = nomenclatures.options(
            (one.value, _(label)) for one, label in LIBELLES_PREFERENCE.items()
        )
        return form

    def saisie(self) -> SaisieReferent:
        """Return what was typed; raises DomainErrors for a commune that is none."""
        departement = self.departement_code.data or ""
        lieux = [Lieu.lire(code) for code in self.territoires.data or ()]
        communes = communes_ecrites(db(), self.communes.data or "", departement)
        return SaisieReferent(
            fonction_code=self.fonction_code.data or "",
            departement_code=departement,
            structure_id=queries_choix.structure_id(db(), self.structure.data or ""),
            preference=Preference(self.preference.data),
            territoires=(*filter(None, lieux), *communes),
            natures=tuple(self.natures.data or ()),
            publics=tuple(self.publics.data or ()),
            **{name: getattr(self, name).data or "" for name in TEXTES},
        )


def _fresh(codes: tuple[str, ...]) -> dict[str, Any]:
    return {"departement_code": codes[0] if codes else "", "preference": Preference.INDIFFERENT.value}


def _stored(referent: Any) -> dict[str, Any]:
    lieux = [Lieu(row.maille, row.code) for row in referent.territoires]
    return {name: getattr(referent, name) for name in TEXTES} | {
        "fonction_code": referent.fonction_code,
        "departement_code": referent.departement_code,
        "structure": referent.structure.ref if referent.structure else "",
        "communes": noms_des_communes(db(), [one.code for one in lieux if one.maille is Maille.COMMUNE]),
        "territoires": [str(one) for one in lieux if one.maille is not Maille.COMMUNE],
        "natures": [row.nature_code for row in referent.natures],
        "publics": referent.publics,
        "preference": referent.preference.value,
        "version": str(referent.version),
    }


class FormTitulaire(Formulaire):
    """Someone who holds a function, from a day."""

    role = SelectField(_l("Rôle"), validators=[obligatoire()])
    prenom = StringField(_l("Prénom"))
    nom = StringField(_l("Nom"), validators=[obligatoire()])
    telephone = StringField(_l("Téléphone professionnel"))
    email = StringField(_l("Courriel professionnel"))
    du = ChampDate(_l("À partir du"), validators=[saisie_obligatoire()])
    au = ChampDate(_l("Jusqu’au"), description=_l("Ce jour compris. Rien : sans fin connue."))

    @classmethod
    def of(
        cls, referent: Any, jour: date, role: Role, titulaire: Any = None, **options: Any
    ) -> "FormTitulaire":
        """Return the form of someone to be named, or of someone to be corrected."""
        data: dict[str, Any] = {"du": jour, "role": role.value}
        if titulaire is not None:
            data = {name: getattr(titulaire, name) for name in (*PERSONNE, "du", "au")}
            data["role"] = titulaire.role.value
        form = cls(data=data | {"version": str(referent.version)}, **options)
        roles = LIBELLES_ROLE if titulaire is None else {titulaire.role: LIBELLES_ROLE[titulaire.role]}
        form.role.choices = nomenclatures.options((one.value, _(label)) for one, label in roles.items())
        return form

    @classmethod
    def first(cls, jour: date) -> "FormTitulaire":
        """Return the part of the form of a new entry that names its holder, who may be left out."""
        form = cls(data={"du": jour, "role": Role.TITULAIRE.value}, prefix="titulaire-", meta={"csrf": False})
        form.role.choices = nomenclatures.options([(Role.TITULAIRE.value, _(LIBELLES_ROLE[Role.TITULAIRE]))])
        form.role.data = Role.TITULAIRE.value
        form.role.raw_data = [Role.TITULAIRE.value]
        form.nom.flags.required = form.du.flags.required = False
        return form

    def saisie(self) -> SaisieTitulaire:
        """Return what was typed in a valid form."""
        assert self.du.data is not None
        return SaisieTitulaire(
            role=Role(self.role.data),
            du=self.du.data,
            au=self.au.data,
            **{name: getattr(self, name).data or "" for name in PERSONNE},
        )


class FormAbsence(Formulaire):
    """Days when the holder is away."""

    du = ChampDate(_l("Du"), validators=[saisie_obligatoire()])
    au = ChampDate(_l("Au"), description=_l("Ce jour compris. Rien : jusqu’à nouvel ordre."))

    @property
    def debut(self) -> date:
        """The first day, of a valid form."""
        assert self.du.data is not None
        return self.du.data


class FormFermerFonction(Formulaire):
    """The day when a function leaves the directory."""

    ferme_le = ChampDate(_l("Fermée le"), validators=[saisie_obligatoire()])

    @property
    def jour(self) -> date:
        """The day typed, of a valid form."""
        assert self.ferme_le.data is not None
        return self.ferme_le.data


class FormFonction(Formulaire):
    """A function that a département adds to the list."""

    departement_code = SelectField(_l("Département"), validators=[obligatoire()])
    libelle = StringField(_l("Nom de la fonction"), validators=[obligatoire()])
    unicite = SelectField(
        _l("Combien de fiches par organisation"),
        description=_l("Une seule : l’annuaire refuse une deuxième fiche pour la même organisation."),
    )

    @classmethod
    def of(cls, codes: tuple[str, ...]) -> "FormFonction":
        """Return the form for some départements."""
        form = cls(data={"departement_code": codes[0]})
        form.departement_code.choices = nomenclatures.options(nomenclatures.departement_choices(codes))
        form.unicite.choices = nomenclatures.options([("", _("Plusieurs possibles")), ("1", _("Une seule"))])
        return form
