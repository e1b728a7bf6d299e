"""Forms of the import of a Word model."""

from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.conventions.modeles.conditions import LIBELLES_FAIT
from portal.conventions.modeles.contenu import Clause, Condition, Gabarit, Parametre, TypeParametre
from portal.conventions.modeles.places import LIBELLES_FAMILLE, places
from portal.conventions.modeles.valeurs import LONGUEUR_LIGNE, LONGUEUR_TEXTE
from portal.documents.texte import Couleur
from portal.shared.errors import DomainError
from portal.shared.messages import N_, register
from portal.web.forms import OBLIGATOIRE, Formulaire, _l, obligatoire
from portal.web.organisations import nomenclatures

register({"modeles.choix_illisible": N_("Écrivez une valeur par ligne : son code, un « = », son libellé.")})

GABARITS = {
    Gabarit.GENERAL.value: N_("Modèle général"),
    Gabarit.SIMPLIFIE.value: N_("Modèle simplifié des résidences sociales"),
}
NIVEAUX = {
    Couleur.FIXE.value: N_("Fixe : personne ne le change"),
    Couleur.VERTE.value: N_("Vert : adapté une fois par le département"),
    Couleur.JAUNE.value: N_("Jaune : adapté avec chaque signataire"),
}
TYPES = {
    TypeParametre.TEXTE.value: N_("Texte d’une ligne"),
    TypeParametre.TEXTE_LONG.value: N_("Texte de plusieurs paragraphes"),
    TypeParametre.NOMBRE.value: N_("Nombre entier"),
    TypeParametre.DATE.value: N_("Date"),
    TypeParametre.CHOIX.value: N_("Choix dans une liste"),
    TypeParametre.OUI_NON.value: N_("Oui ou non"),
}
EXTRAIT = 70  # characters of a paragraph told in a list


class _Cases(SelectMultipleField):
    """Several choices as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FormDepot(Formulaire):
    """The Word file, and which model it is."""

    gabarit = RadioField(_l("Quel modèle ce document contient-il ?"), default=Gabarit.GENERAL.value)
    libelle = StringField(
        _l("Nom de cette version"),
        validators=[obligatoire(), Length(max=200)],
        description=_l("Par exemple « Modèle national, novembre 2026 ». Il sera montré partout."),
    )
    fichier = FileField(
        _l("Le document Word"),
        validators=[FileRequired(message=OBLIGATOIRE)],
        description=_l(
            "Un fichier DOCX. Les passages surlignés ou ombrés en vert et en jaune deviennent des champs."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gabarit.choices = [(code, _(texte)) for code, texte in GABARITS.items()]


class FormReglages(Formulaire):
    """What a clause is: its code, heading, level, condition, mark."""

    titre = StringField(_l("Titre"), validators=[obligatoire(), Length(max=300)], render_kw={"lang": "fr"})
    code = StringField(
        _l("Code"),
        validators=[obligatoire(), Length(max=40)],
        description=_l(
            "Le repère stable de la clause. Gardez celui du modèle en cours quand la clause est la même : "
            "les valeurs vertes et les comparaisons la suivront."
        ),
    )
    couleur = SelectField(_l("Niveau du texte"))
    consigne = StringField(
        _l("Point d’attention ★"),
        validators=[Length(max=300)],
        description=_l(
            "Une phrase qui dit à quoi faire attention : la clause demandera alors l’accord exprès de "
            "l’opérateur. Vide : pas d’étoile."
        ),
        render_kw={"lang": "fr"},
    )
    natures = _Cases(_l("Seulement pour ces natures de dispositif"))
    familles = _Cases(_l("Seulement pour ces familles"))
    cumul = BooleanField(
        _l("Un département peut demander toutes ces familles à la fois"),
        description=_l(
            "Il le dit dans ses paramètres, sous « Clause 5.3 ». Case vide : une seule famille suffit."
        ),
    )
    faits = _Cases(_l("Seulement si"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        noms = nomenclatures.natures()
        self.couleur.choices = [(code, _(texte)) for code, texte in NIVEAUX.items()]
        self.natures.choices = [(code, noms.get(code, code)) for code in places()]
        self.familles.choices = [(c, _(texte)) for c, texte in LIBELLES_FAMILLE.items()]
        self.faits.choices = [(code, _(texte)) for code, texte in LIBELLES_FAIT.items()]

    @classmethod
    def de(cls, clause: Clause, **plus: Any) -> "FormReglages":
        """Return the form of a clause."""
        return cls(
            data={
                "titre": clause.titre,
                "code": clause.code,
                "couleur": clause.couleur.value,
                "consigne": clause.consigne,
                "natures": list(clause.condition.natures),
                "familles": list(clause.condition.familles),
                "cumul": clause.condition.cumul,
                "faits": list(clause.condition.faits),
            },
            **plus,
        )

    @property
    def condition(self) -> Condition:
        """The condition chosen."""
        return Condition(
            natures=tuple(self.natures.data or ()),
            familles=tuple(self.familles.data or ()),
            faits=tuple(self.faits.data or ()),
            cumul=bool(self.cumul.data),
        )


class FormCoupe(Formulaire):
    """Where a clause is split, and the heading of what follows."""

    paragraphe = SelectField(_l("La nouvelle clause commence à"), coerce=int)
    titre_coupe = StringField(
        _l("Titre de la nouvelle clause"),
        validators=[Length(max=300)],
        description=_l("Vide : ce paragraphe devient lui-même le titre."),
        render_kw={"lang": "fr"},
    )

    @classmethod
    def de(cls, clause: Clause, titres: list[int], **plus: Any) -> "FormCoupe":
        """Return the form of a clause; `titres`: the paragraphs that look like headings."""
        form = cls(**plus)
        parties, titre = clause.texte.split("\n\n"), _("ressemble à un titre")
        form.paragraphe.choices = [
            (
                rang,
                f"{rang + 1}. {_debut(partie)}" + (f" ({titre})" if rang in titres else ""),
            )
            for rang, partie in enumerate(parties)
            if rang
        ]
        if form.paragraphe.data is None and titres:
            form.paragraphe.data = titres[0]
        return form


class FormPassage(Formulaire):
    """A passage of the text that becomes a field."""

    extrait = StringField(
        _l("Le passage"),
        validators=[obligatoire(), Length(max=2000)],
        description=_l("Recopiez-le du texte compris, mot pour mot et dans un seul paragraphe."),
        render_kw={"lang": "fr"},
    )
    couleur_champ = SelectField(_l("Qui le remplit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.couleur_champ.choices = [
            (code, _(NIVEAUX[code])) for code in (Couleur.VERTE.value, Couleur.JAUNE.value)
        ]


class FormArticle(Formulaire):
    """The heading of an article, or the code of the one that begins at a clause."""

    titre_article = StringField(
        _l("Titre de l’article"), validators=[obligatoire(), Length(max=300)], render_kw={"lang": "fr"}
    )


class FormDetacher(Formulaire):
    """The code of the article that begins at a clause."""

    code_article = StringField(
        _l("Code du nouvel article"),
        validators=[obligatoire(), Length(max=40)],
        description=_l("Un nombre pour un article numéroté ; des lettres pour un article sans numéro."),
    )


class FormChamp(Formulaire):
    """The definition of a field."""

    libelle = StringField(
        _l("Nom du champ"), validators=[obligatoire(), Length(max=120)], render_kw={"lang": "fr"}
    )
    code = StringField(
        _l("Code"),
        validators=[obligatoire(), Length(max=60)],
        description=_l("En minuscules, sans accent ni espace : par exemple delai_orientation_h."),
    )
    couleur = SelectField(_l("Qui le remplit"))
    type = SelectField(_l("Ce qu’il contient"))
    defaut = TextAreaField(
        _l("Valeur par défaut"),
        validators=[Length(max=LONGUEUR_TEXTE)],
        description=_l("Vide : à compléter par ceux qui le remplissent."),
        render_kw={"rows": 3, "lang": "fr"},
    )
    unite = StringField(
        _l("Unité"),
        validators=[Length(max=40)],
        description=_l("D’un nombre : mois, jours, %…"),
        render_kw={"lang": "fr"},
    )
    minimum = IntegerField(_l("Au moins"), validators=[Optional(), NumberRange(min=0, max=999_999)])
    maximum = IntegerField(_l("Au plus"), validators=[Optional(), NumberRange(min=0, max=999_999)])
    origine = StringField(
        _l("D’où viennent ces bornes"),
        validators=[Length(max=LONGUEUR_LIGNE)],
        description=_l("Cité quand une valeur est refusée, par exemple « accord-cadre national »."),
        render_kw={"lang": "fr"},
    )
    choix = TextAreaField(
        _l("Valeurs proposées"),
        description=_l("D’un choix, une par ligne : son code, un « = », son libellé."),
        render_kw={"rows": 4, "lang": "fr"},
    )
    obligatoire = BooleanField(_l("Il doit être rempli avant la signature"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.couleur.choices = [
            (code, _(NIVEAUX[code])) for code in (Couleur.VERTE.value, Couleur.JAUNE.value)
        ]
        self.type.choices = [(code, _(texte)) for code, texte in TYPES.items()]

    @classmethod
    def de(cls, parametre: Parametre) -> "FormChamp":
        """Return the form of a field."""
        return cls(data=cls.donnees(parametre))

    @staticmethod
    def donnees(parametre: Parametre) -> dict[str, Any]:
        """Return what the form of a field is filled with."""
        return {
            "libelle": parametre.libelle,
            "code": parametre.code,
            "couleur": parametre.couleur.value,
            "type": parametre.type.value,
            "defaut": parametre.defaut,
            "unite": parametre.unite,
            "minimum": parametre.minimum,
            "maximum": parametre.maximum,
            "origine": parametre.origine,
            "choix": "\n".join(f"{code} = {texte}" for code, texte in parametre.choix),
            "obligatoire": parametre.obligatoire,
        }

    def parametre(self) -> Parametre:
        """Return the field as defined; what its type has no use for is left out. Raises DomainError."""
        genre = TypeParametre(self.type.data)
        nombre = genre is TypeParametre.NOMBRE
        return Parametre(
            code=(self.code.data or "").strip().lower(),
            libelle=" ".join((self.libelle.data or "").split()),
            couleur=Couleur(self.couleur.data),
            type=genre,
            defaut=(self.defaut.data or "").replace("\r\n", "\n").strip(),
            unite=" ".join((self.unite.data or "").split()) if nombre else "",
            minimum=self.minimum.data if nombre else None,
            maximum=self.maximum.data if nombre else None,
            choix=_choix(self.choix.data or "") if genre is TypeParametre.CHOIX else (),
            origine=" ".join((self.origine.data or "").split()),
            obligatoire=bool(self.obligatoire.data),
        )


class FormMotif(Formulaire):
    """Why an import goes back to its rereading."""

    motif = StringField(
        _l("Ce qui est à revoir"),
        validators=[obligatoire(), Length(max=500)],
        description=_l("Les autres parties le liront ; il est gardé au journal."),
    )


def _choix(texte: str) -> tuple[tuple[str, str], ...]:
    paires = []
    for ligne in texte.splitlines():
        if ligne.strip():
            code, egal, libelle = (morceau.strip() for morceau in ligne.partition("="))
            if not (egal and code and libelle):
                raise DomainError("modeles.choix_illisible", "choix")
            paires.append((code, libelle))
    return tuple(paires)


def _debut(texte: str) -> str:
    ligne = " ".join(texte.split())
    return ligne if len(ligne) <= EXTRAIT else f"{ligne[:EXTRAIT].rstrip()}…"
