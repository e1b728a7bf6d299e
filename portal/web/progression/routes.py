"""The page of figures: tiles, curve, by SIAO, nature and département, what is blocked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel.dates import format_date
from flask import Blueprint, Response, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.conventions.filtres import SANS_NATURE, Ensemble
from portal.conventions.progression import Chiffre, Compte, Progression, progression
from portal.conventions.regles import ECHEANCE_NATIONALE
from portal.conventions.territoires import LIBELLES_MAILLE, Maille, Territoire, choisi, territoires
from portal.conventions.trajectoire import Point, Trajectoire
from portal.security.permissions import Permission
from portal.shared.dates import plus_mois
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_date, show_number, show_percent
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.render import render_view

bp = Blueprint("progression", __name__, url_prefix="/progression")

GRADUATIONS = 4
MOIS_PAR_ETIQUETTE = 6
PARTS = ("en_vigueur", "hors_vigueur", "non_signees")


@dataclass(frozen=True)
class Tuile:
    """A figure of the page; `href`: the lines behind it, for those who may open them."""

    valeur: str
    libelle: str
    href: str | None = None
    detail: str | None = None
    ton: str | None = None
    unite: str | None = None


@bp.get("")
@requires(Permission.CONVENTIONS_PROGRESSION)
def index() -> Response:
    """Where a territory stands; `ou` in the address names it, « departement-22 »."""
    actor = current_actor()
    possibles = territoires(db(), actor)
    maille, _tiret, code = request.args.get("ou", "")[:20].partition("-")
    ici = choisi(possibles, maille, code)
    etat = progression(db(), clock(), actor, ici)
    return render_view(
        "progression/index.html",
        "progression/_index.html",
        choix=[(adresse_de(t), nom_de(t), t == ici) for t in possibles],
        nom=nom_de(ici),
        p=etat,
        tuiles=tuiles(etat),
        phrase=phrase(etat.trajectoire),
        courbe=courbe(etat),
        a_signer=lien(etat.total["non_signees"]) if etat.trajectoire.reste else None,
        parts=[_("En vigueur"), _("Signées, hors vigueur"), _("Non signées")],
        siaos=_barres(etat.par_siao),
        natures=_barres([_nommee(compte) for compte in etat.par_nature]),
        departements=_barres(etat.par_departement) if len(etat.par_departement) > 1 else [],
    )


def adresse_de(territoire: Territoire) -> str:
    """Return how an address names a territory."""
    return f"{territoire.maille.value}-{territoire.code}"


def nom_de(territoire: Territoire) -> str:
    """Return the name of a territory: « Côtes-d’Armor (22) », « Région Bretagne »."""
    if territoire.maille is Maille.DEPARTEMENT:
        return f"{territoire.nom} ({territoire.code})"
    if territoire.maille is Maille.REGION:
        return _("Région %(nom)s", nom=territoire.nom)
    return _(LIBELLES_MAILLE[territoire.maille])


def lien(chiffre: Chiffre) -> str | None:
    """Return the address of the lines behind a figure, None when it opens nothing or there are none."""
    return adresse(chiffre.args) if chiffre.valeur else None


def adresse(args: dict[str, Any] | None) -> str | None:
    """Return the address of some lines of the list, None when they stay closed."""
    return None if args is None else url_for("conventions.liste", **args)


def tuiles(p: Progression) -> list[Tuile]:
    """Return the figures shown first."""
    total = p.total
    taux = total.taux

    def compte(mesure: str, libelle: str, detail: str | None = None, ton: str | None = None) -> Tuile:
        chiffre = total[mesure]
        return Tuile(
            show_number(chiffre.valeur), libelle, lien(chiffre), detail, ton if chiffre.valeur else None
        )

    return [
        compte("prevues", _("Conventions prévues")),
        Tuile(
            show_percent(taux.valeur),
            _("Signées"),
            lien(total["signees"]),
            _(
                "%(signees)s sur %(prevues)s",
                signees=show_number(taux.numerateur),
                prevues=show_number(taux.denominateur),
            ),
            "succes" if taux.numerateur else None,
        ),
        compte("en_vigueur", _("En vigueur")),
        compte("echues", _("Finies sans suite"), ton="danger"),
        compte("en_retard", _("En retard sur leur date cible"), ton="danger"),
        *(
            [compte("en_retard_national", _("En retard sur l’échéance nationale"), ton="danger")]
            if p.echeance_passee
            else []
        ),
        compte("suspendues", _("Bloquées"), _depuis(p), "alerte"),
        compte("fin_12_mois", _("Fin dans les 12 mois")),
        Tuile(
            show_number(round(p.delai_median)) if p.delai_median is not None else "–",
            _("Délai de négociation"),
            lien(total["delai_mesure"]),
            _("Médiane, de l’ouverture à la signature"),
            unite=_("jours") if p.delai_median is not None else None,
        ),
        Tuile(
            show_percent(p.places.valeur),
            _("Places couvertes"),
            adresse(total.vers({"ensemble": Ensemble.AVEC_PLACES.value})) if p.places.numerateur else None,
            _(
                "%(couvertes)s sur %(recensees)s places recensées",
                couvertes=show_number(p.places.numerateur),
                recensees=show_number(p.places.denominateur),
            ),
        ),
    ]


def _depuis(p: Progression) -> str | None:
    if p.bloquee_depuis is None:
        return None
    jours = (clock().now() - p.bloquee_depuis).days
    return ngettext("La plus ancienne depuis %(num)s jour", "La plus ancienne depuis %(num)s jours", jours)


def phrase(t: Trajectoire) -> str:
    """Return the trajectory in words."""
    if not t.prevues:
        return _("Aucune convention n’est prévue ici pour l’instant.")
    if t.reste == 0:
        return _("Toutes les conventions prévues sont signées.")
    if t.rythme_necessaire is None or t.projection is None:
        return ngettext(
            "L’échéance nationale est passée : il reste %(num)s convention à signer.",
            "L’échéance nationale est passée : il reste %(num)s conventions à signer.",
            t.reste,
        )
    texte = ngettext(
        "Il reste %(reste)s convention à signer avant le %(echeance)s : il en faudrait %(necessaire)s par "
        "mois. Au rythme observé depuis le %(depuis)s (%(actuel)s par mois), %(projection)s seraient signées "
        "sur %(prevues)s.",
        "Il reste %(reste)s conventions à signer avant le %(echeance)s : il en faudrait %(necessaire)s par "
        "mois. Au rythme observé depuis le %(depuis)s (%(actuel)s par mois), %(projection)s seraient signées "
        "sur %(prevues)s.",
        t.reste,
        reste=show_number(t.reste),
        echeance=show_date(ECHEANCE_NATIONALE),
        necessaire=show_number(round(t.rythme_necessaire, 1)),
        actuel=show_number(round(t.rythme_actuel, 1)),
        depuis=show_date(t.observe_depuis),
        projection=show_number(round(t.projection)),
        prevues=show_number(t.prevues),
    )
    if t.achevement is not None and not t.tenue:
        mois = format_date(t.achevement, "MMMM yyyy", locale=get_locale())
        texte += " " + _("Tout serait signé en %(mois)s.", mois=mois)
    return texte


def courbe(p: Progression) -> dict[str, Any]:
    """Return the arguments of the component `courbe`: one point a month since 2022."""
    points, t = p.trajectoire.points, p.trajectoire
    haut = max([t.prevues, t.signees, 1])
    pas = max(1, -(-haut // GRADUATIONS))
    courant = p.jour.replace(day=1)
    rang = next((i for i, point in enumerate(points) if point.mois == courant), None)
    return {
        "titre": _("Conventions signées, en cumul"),
        "description": phrase(t),
        "etiquettes": [format_date(point.mois, "MMM yyyy", locale=get_locale()) for point in points],
        "series": [
            {
                "libelle": _("Signées"),
                "valeurs": [point.realise for point in points],
                "liens": [_signees_au(p.total, point) for point in points],
            },
            {"libelle": _("Rythme nécessaire"), "valeurs": [_arrondi(point.necessaire) for point in points]},
            {
                "libelle": _("Projection au rythme actuel"),
                "valeurs": [_arrondi(point.projete) for point in points],
            },
        ],
        "maximum": pas * GRADUATIONS,
        "graduations": [pas * n for n in range(GRADUATIONS + 1)],
        "reperes": [(rang, _("Aujourd’hui"))] if rang is not None else [],
        "pas": MOIS_PAR_ETIQUETTE,
    }


def _signees_au(total: Compte, point: Point) -> str | None:
    """Return the address of the lines signed at the end of a month of the curve."""
    fin = plus_mois(point.mois, 1) - timedelta(days=1)
    return adresse(total.vers({"signee_au": fin.isoformat()})) if point.realise else None


def _arrondi(valeur: float | None) -> float | None:
    return None if valeur is None else round(valeur, 1)


def _nommee(compte: Compte) -> Compte:
    """Return the figures of a nature under its name."""
    nom = nomenclatures.natures().get(compte.code, compte.code)
    if compte.code == SANS_NATURE:
        nom = _("Sans nature indiquée")
    return Compte(compte.code, nom, compte.args, compte.nombres)


def _barres(comptes: list[Compte]) -> list[dict[str, Any]]:
    """Return the rows of the component `barres`: in force, signed otherwise, not signed."""
    haut = max((sum(compte.nombres[part] for part in PARTS) for compte in comptes), default=0)
    return [
        {
            "libelle": compte.libelle,
            "parts": [(compte.nombres[part], lien(compte[part])) for part in PARTS],
            "total": (compte.nombres["prevues"], lien(compte["prevues"])),
            "maximum": haut,
        }
        for compte in comptes
        if compte.nombres["prevues"]
    ]
