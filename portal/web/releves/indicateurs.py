"""The indicators of a commission: each figure opens its lines, for those inside; masked for the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.commissions import queries
from portal.commissions.enums_dossiers import LIBELLES_ISSUE
from portal.commissions.suites_seance import indicateurs as service
from portal.commissions.suites_seance.regles import SEUIL, Mesure
from portal.documents.exports import Value, to_csv, to_xlsx
from portal.security.permissions import SIAO, Permission
from portal.security.policy import can
from portal.shared.errors import Forbidden, NotVisible
from portal.shared.messages import N_
from portal.shared.pagination import LAST_PAGE, Cursor, Page
from portal.web.commissions import commun as commissions
from portal.web.commissions.blueprint import bp
from portal.web.context import clock, note_access
from portal.web.context import db as session
from portal.web.filters import show_date
from portal.web.guards import requires
from portal.web.releves import commun
from portal.web.releves.forms import FormAnnee, FormPeriode
from portal.web.render import attachment, render_view

LIGNES = 100
"""Lines of a figure on one page."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

UNITES = {
    service.TAUX: "%",
    service.MOYENNE: N_("dossiers par séance"),
    service.JOURS: N_("jours"),
}


def _lire(commission_ref: str) -> tuple[Any, bool]:
    """Return a commission and whether the reader is inside: its secretariat, the SIAO, those who sit."""
    actor, commission = commissions.lire(commission_ref)
    vise = queries.vise(commission)
    inside = (
        can(actor, Permission.COMMISSIONS_REUNIR, vise)
        or actor.profil in SIAO
        or actor.organisation_id in vise.siegent
    )
    return commission, inside


@dataclass(frozen=True)
class Lecture:
    """What a reader looks at: the figures of a commission over a period. `diffusion`: as they leave it."""

    commission: Any
    inside: bool
    diffusion: bool
    form: Any
    du: date
    au: date

    def calculer(self, *codes: str) -> list[service.Indicateur]:
        """Return some figures, all when none is named."""
        return service.calculer(
            session(),
            clock(),
            self.commission,
            self.du,
            self.au,
            diffusion=self.diffusion,
            codes=codes or tuple(service.DEFINITIONS),
        )


def _lecture(commission_ref: str) -> Lecture:
    """Return what the address asks for; whoever is outside gets what leaves the commission, year by year."""
    commission, inside = _lire(commission_ref)
    diffusion = not inside or request.args.get("diffusion") == "1"
    usuelle = service.periode(clock(), commission.departement_code)
    if diffusion:
        annee, quelle = FormAnnee.lue(request.args, usuelle[1].year)
        return Lecture(commission, inside, True, annee, *service.annee(quelle))
    periode, bornes = FormPeriode.lue(request.args, usuelle)
    return Lecture(commission, inside, False, periode, *bornes)


@bp.get("/<commission_ref>/indicateurs")
@requires(Permission.COMMISSIONS_LIRE)
def indicateurs(commission_ref: str) -> Response:
    """K1 to K7 over a period; `?diffusion=1`: as they may be passed on, over a year."""
    lue = _lecture(commission_ref)
    return render_view(
        "releves/indicateurs.html",
        status=422 if lue.form.errors else 200,
        fil=commissions.fil_de(lue.commission, (_("Indicateurs"), "")),
        commission=lue.commission,
        indicateurs=[
            {
                "lu": one,
                "valeur": _dire(one),
                "detail": _detail(one),
                "parts": [(nom, _taux(part)) for nom, part in one.parts],
            }
            for one in lue.calculer()
        ],
        diffusion=lue.diffusion,
        inside=lue.inside,
        form=lue.form,
        du=lue.du,
        au=lue.au,
        photographie=clock().now(),
        fuseau=commun.fuseau(lue.commission),
        seuil=SEUIL,
    )


@bp.get("/<commission_ref>/indicateurs.csv")
@requires(Permission.COMMISSIONS_LIRE)
def indicateurs_csv(commission_ref: str) -> Response:
    """The figures that the page shows, as CSV."""
    lue = _lecture(commission_ref)
    return attachment(b"".join(to_csv(_entetes(), _valeurs(lue))), _nom(lue, "csv"), "text/csv")


@bp.get("/<commission_ref>/indicateurs.xlsx")
@requires(Permission.COMMISSIONS_LIRE)
def indicateurs_xlsx(commission_ref: str) -> Response:
    """The same as an Excel workbook."""
    lue = _lecture(commission_ref)
    classeur = to_xlsx(_entetes(), _valeurs(lue), title=_("Indicateurs"), created=clock().now())
    return attachment(classeur, _nom(lue, "xlsx"), XLSX)


def _nom(lue: Lecture, extension: str) -> str:
    note_access(
        "commissions:indicateurs:exporter",
        commission=lue.commission.ref,
        format=extension,
        diffusion=lue.diffusion,
    )
    version = "-diffusion" if lue.diffusion else ""
    return f"indicateurs-{lue.du}-{lue.au}{version}.{extension}"


def _entetes() -> list[str]:
    return [
        _("Code"),
        _("Indicateur"),
        _("Détail"),
        _("Valeur"),
        _("Unité"),
        _("Numérateur"),
        _("Dénominateur"),
        _("Du"),
        _("Au"),
        _("Photographie"),
        _("Ce que chacun compte"),
    ]


def _valeurs(lue: Lecture) -> Iterator[list[Value]]:
    """Yield a row a figure, then its colleges or outcomes; what is masked stays so."""
    zone = ZoneInfo(commun.fuseau(lue.commission))
    photographie = clock().now().astimezone(zone)

    def ligne(
        one: service.Indicateur, detail: str, valeur: Value, unite: str, *comptes: Value
    ) -> list[Value]:
        numerateur, denominateur = comptes or (None, None)
        return [
            one.code, _(one.libelle), detail, valeur, unite, numerateur, denominateur,
            lue.du, lue.au, photographie, _(one.definition),
        ]  # fmt: skip

    for one in lue.calculer():
        mesure = one.mesure
        vide = one.masque or mesure.sans_objet
        comptes = (
            (mesure.numerateur, mesure.denominateur) if one.compte and one.sorte != service.JOURS else ()
        )
        yield ligne(one, "", _dire(one) if vide else _nombre(one), _(UNITES[one.sorte]), *comptes)
        for nom, part in one.parts:
            valeur = _pour_cent(part) if part.taux is not None else _("Sans objet")
            college = nom or _("Présidence et secrétariat")
            yield ligne(one, college, valeur, "%", part.numerateur, part.denominateur)
        for issue, nombre in one.issues.items():
            yield ligne(one, _(LIBELLES_ISSUE[issue]), nombre, _("recours"))


def _nombre(one: service.Indicateur) -> Value:
    """Return a figure that there is, as a number."""
    mesure = one.mesure
    if one.sorte == service.TAUX:
        return _pour_cent(mesure)
    if one.sorte == service.JOURS or not mesure.denominateur:
        return mesure.numerateur
    return round((mesure.numerateur or 0) / mesure.denominateur, 1)


def _pour_cent(mesure: Mesure) -> int:
    return round((mesure.taux or 0) * 100)


def _taux(mesure: Mesure) -> str:
    if mesure.taux is None:
        return _("Sans objet")
    return f"{format_decimal(_pour_cent(mesure), locale=commissions.langue())} %"


def _dire(one: service.Indicateur) -> str:
    """Say a figure; what cannot be measured is « sans objet »."""
    mesure = one.mesure
    if one.masque:
        return _("Masqué")
    if mesure.sans_objet or mesure.numerateur is None:
        return _("Sans objet")
    if one.sorte == service.JOURS:
        return ngettext("%(num)s jour", "%(num)s jours", mesure.numerateur)
    if one.sorte == service.MOYENNE:
        assert mesure.denominateur  # else « sans objet »
        mean = round(mesure.numerateur / mesure.denominateur, 1)
        return format_decimal(mean, locale=commissions.langue())
    return _taux(mesure)


def _detail(one: service.Indicateur) -> str:
    mesure = one.mesure
    if one.masque:
        return _("Trop peu de ménages, comptés ou restants.")
    if not one.compte:
        return ""
    if mesure.sans_objet or one.sorte == service.JOURS:
        return (
            ngettext("%(num)s dossier décidé", "%(num)s dossiers décidés", mesure.denominateur or 0)
            if one.sorte == service.JOURS
            else ""
        )
    if one.sorte == service.MOYENNE:
        return _(
            "%(dossiers)s dossiers, %(seances)s séances",
            dossiers=mesure.numerateur,
            seances=mesure.denominateur,
        )
    return _("%(n)s sur %(total)s", n=mesure.numerateur, total=mesure.denominateur)


@bp.get("/<commission_ref>/indicateurs/<chiffre>")
@requires(Permission.COMMISSIONS_LIRE)
def indicateur(commission_ref: str, chiffre: str) -> Response:
    """The lines behind a figure, by dossier code, for those inside of the commission."""
    lue = _lecture(commission_ref)
    commission = lue.commission
    if chiffre not in service.DEFINITIONS:
        raise NotVisible(chiffre)
    if lue.diffusion:
        raise Forbidden(Permission.COMMISSIONS_SUIVRE.value)
    [one] = lue.calculer(chiffre)
    note_access(
        "commissions:indicateurs:lire", commission=commission.ref, code=chiffre, lignes=len(one.lignes)
    )
    return commun.prive(
        render_view(
            "releves/lignes.html",
            fil=commissions.fil_de(
                commission,
                (_("Indicateurs"), commissions.adresse(commission, "/indicateurs")),
                (_(one.libelle), ""),
            ),
            commission=commission,
            lu=one,
            page=_tranche(one.lignes),
            valeur=_dire(one),
            periode=_("Du %(du)s au %(au)s", du=show_date(lue.du), au=show_date(lue.au)),
            fuseau=commun.fuseau(commission),
        )
    )


def _tranche(lignes: Sequence[service.Ligne]) -> Page:
    """Return the page that the address asks for of the lines of a figure, all at hand."""
    demande, total = Cursor.decode(request.args.get("curseur")), len(lignes)
    debut = 0
    if demande == LAST_PAGE:
        debut = max(total - LIGNES, 0)
    elif demande is not None and demande.keys and isinstance(demande.keys[0], int):
        debut = min(max(demande.keys[0], 0), max(total - 1, 0))
    apres = debut + LIGNES
    return Page(
        rows=lignes[debut:apres],  # type: ignore[arg-type]  # lines, not rows of a table
        previous=Cursor((max(debut - LIGNES, 0),)).encode() if debut else None,
        next=Cursor((apres,)).encode() if apres < total else None,
        total=total,
        total_exact=True,
    )
