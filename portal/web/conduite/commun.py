"""What the screens of a session share: the session followed, what its parts show, words."""

from typing import Any

from flask_babel import gettext as _

from portal.commissions import direct
from portal.commissions.conduite import presents, queries
from portal.commissions.conduite.parametres import AJOURNEMENTS
from portal.commissions.conduite.queries import DecisionLue, Suivie
from portal.commissions.conduite.regles import peut_ouvrir
from portal.commissions.dossiers.lecture import textes_acceptes
from portal.commissions.enums_dossiers import StatutDecision
from portal.commissions.nomenclatures import (
    decisions,
    decisions_simples,
    defavorables,
    prescriptions,
    prescriptions_simples,
)
from portal.organisations import parametres
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import Forbidden
from portal.web.commissions import commun as commissions
from portal.web.commissions.seances import fil_de, fuseau
from portal.web.conduite.forms import FormDecision, form_decision
from portal.web.context import clock, current_actor, db

VALENT = (StatutDecision.A_CONFIRMER, StatutDecision.CONFIRMEE)
"""A decision taken in writing that stands: nothing else is decided meanwhile."""


def lire(seance_ref: str, permission: Permission | None = None) -> tuple[Actor, Suivie]:
    """Return who reads and a session that they follow; raises NotVisible before Forbidden."""
    actor = current_actor()
    suivie = queries.suivie(db(), clock(), actor, seance_ref)
    if permission is not None and not can(actor, permission, suivie.seance.commission):
        raise Forbidden(permission.value)
    return actor, suivie


def adresse(seance: Any, suite: str = "") -> str:
    """Return the address of a session while it is held, or of one below it."""
    return f"/seances/{seance.ref}/conduite{suite}"


def fil(seance: Any, *suite: tuple[str, str]) -> commissions.Fil:
    """Return the breadcrumb of a session while it is held, and of what is done to it."""
    return fil_de(seance, (_("Conduite de la séance"), adresse(seance) if suite else ""), *suite)


def libelles() -> dict[str, dict[str, str]]:
    """Return the words of decisions and prescriptions, by code; plain ones too, as a household reads them."""
    langue = commissions.langue()
    return {
        "decisions_simples": decisions_simples(),
        "prescriptions_simples": prescriptions_simples(),
        "decisions": {code: one.en_langue(langue) for code, one in decisions().items()},
        "prescriptions": {code: one.en_langue(langue) for code, one in prescriptions().items()},
    }


def du_tableau(suivie: Suivie, *, form: FormDecision | None = None, saisie: str = "") -> dict[str, Any]:
    """Return what the parts of a session's page show: agenda, table, decision, attendance.

    `form`: the decision as it was typed, when it was refused; `saisie`: of which dossier, that another person
    may have taken off the table meanwhile.
    """
    seance, conduite = suivie.seance, suivie.conduite
    rows = queries.lignes(db(), clock(), seance)
    courant_id = conduite.dossier_id if conduite else None
    ligne = next((row for row in rows if (row.ref == saisie if saisie else row.id == courant_id)), None)
    table = de_la_table(suivie, ligne, form=form)
    return {
        "suivie": suivie,
        "seance": seance,
        "commission": seance.commission,
        "fuseau": fuseau(seance),
        "racine": adresse(seance),
        "lignes": rows,
        "courant_id": courant_id,
        "suivante": _suivante(rows, ligne),
        "faits": sum(row.regle for row in rows),
        "colleges": presents.par_college(seance),
        "notees": presents.notees(seance),
        "quorum": presents.quorum(seance),
        "libelles": libelles(),
        "defavorables": defavorables(),
        "ouvrable": peut_ouvrir(clock().now(), seance.debut),
        **table,
    }


def _suivante(rows: list[queries.Ligne], ligne: queries.Ligne | None) -> queries.Ligne | None:
    """Return the dossier that comes next: the first one not settled, after the one on the table."""
    restent = [row for row in rows if row.ici and not row.regle and row is not ligne]
    apres = [row for row in restent if ligne is not None and row.rang > ligne.rang]
    return next(iter(apres or restent), None)


def de_la_table(
    suivie: Suivie, ligne: queries.Ligne | None, *, form: FormDecision | None = None
) -> dict[str, Any]:
    """Return what is on the table, and what is being decided of it; nothing of the protected circuit for
    those who may not read it."""
    cache = ligne is not None and ligne.protege and not suivie.protege
    if ligne is None or cache:
        return {"ligne": ligne, "cache": cache, "lue": None, "ecrite": None, "deports": (), "form": None}
    dossier, trouvees = queries.examine(db(), suivie, ligne.ref)
    lues = {key: queries.lire(db(), one) for key, one in trouvees.items()}
    lue, ecrite = lues.get(False), lues.get(True)
    prise = (lue is not None and lue.prise_le) or (ecrite is not None and ecrite.statut in VALENT)
    if form is None and suivie.conduit and suivie.ouverte and not prise:
        form = formulaire(suivie, dossier, lue)
    return {
        "ligne": ligne,
        "cache": False,
        "lue": lue,
        "ecrite": ecrite,
        "deports": presents.deports(suivie.seance, dossier),
        "form": form,
        "blocage": bloquees(suivie, ligne),
    }


def formulaire(
    suivie: Suivie, dossier: Any, lue: DecisionLue | None, *, vide: bool = True, ecrite: bool = False
) -> FormDecision:
    """Return the form of a decision. `vide`: not bound to what was posted; `ecrite`: taken in writing."""
    votants = [] if ecrite else presents.votants_de(suivie.seance, dossier)
    porteurs = queries.porteurs(suivie, dossier)
    return form_decision(suivie.seance, dossier, votants, porteurs, lue, vide=vide, ecrite=ecrite)


def bloquees(suivie: Suivie, ligne: queries.Ligne) -> list[tuple[str, str]] | None:
    """Return the commissions of blocked cases that a dossier postponed too often is proposed to; None when it
    was not (domaine.md § 7.4)."""
    if not (suivie.conduit and ligne.ajournements):
        return None
    departement = suivie.seance.departement_code
    if ligne.ajournements < parametres.value(db(), AJOURNEMENTS, departement):
        return None
    return list(queries.situations_bloquees(db(), departement))


def pour_tous(montre: dict[str, Any], vue: str) -> dict[str, Any]:
    """Return what a page shows, for a screen that several people read: nothing of the protected circuit but
    the code; on the household's, its own dossier alone, and only while it is there."""
    ligne = montre["ligne"]
    if ligne is None or vue == "seance":
        return montre
    absent = vue == "menage" and not ligne.menage_present
    if ligne.protege or absent:
        montre = montre | {"cache": True, "lue": None, "ecrite": None, "deports": ()}
    return montre | {"ligne": None} if absent else montre


def engagee(actor: Actor, suivie: Suivie) -> bool:
    """Tell whether the reader accepted the commission's texts: nothing nominative is shown before."""
    return textes_acceptes(db(), actor, suivie.seance.commission_id)


def parties(suivie: Suivie, connu: int) -> frozenset[str]:
    """Return the parts of the page that changed since a number."""
    return direct.depuis(suivie.conduite, connu) if suivie.conduite else frozenset({direct.TOUT})
