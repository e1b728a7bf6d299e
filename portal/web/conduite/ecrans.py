"""The screens that several people read: the projector, and the household's at the table."""

from flask import Response
from flask_babel import gettext as _

from portal.commissions.enums import PresenceMenage
from portal.security.permissions import Permission
from portal.shared.errors import NotVisible
from portal.web.conduite import commun
from portal.web.conduite.blueprint import bp
from portal.web.conduite.pages import aux_textes
from portal.web.guards import requires
from portal.web.render import render_view


@bp.get("/<seance_ref>/conduite/projecteur")
@requires(Permission.DOSSIERS_SUIVRE)
def projecteur(seance_ref: str) -> Response:
    """The plain screen that everyone in the room reads: P1 at most, a code alone in the protected circuit."""
    return _ecran(seance_ref, "projecteur", _("Écran de la salle"))


@bp.get("/<seance_ref>/conduite/menage")
@requires(Permission.DOSSIERS_SUIVRE)
def menage(seance_ref: str) -> Response:
    """The screen on the table that the household reads: its own dossier, in plain words, nothing of P2 or P3
    (domaine.md § 7.6)."""
    return _ecran(seance_ref, "menage", _("Écran du ménage"))


def _ecran(seance_ref: str, vue: str, titre: str) -> Response:
    actor, suivie = commun.lire(seance_ref)
    if vue == "menage" and suivie.seance.commission.menage is PresenceMenage.NON:
        raise NotVisible(seance_ref)
    if not suivie.conduit and not commun.engagee(actor, suivie):
        return aux_textes(suivie)
    montre = commun.pour_tous(commun.du_tableau(suivie), vue)
    return render_view("conduite/ecran.html", titre_ecran=titre, vue=vue, **montre)
