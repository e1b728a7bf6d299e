"""What the pages of a round share: the round being read, its breadcrumb, the page of the table or column."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from portal.conventions.policies import partie_de
from portal.conventions.tours import queries
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.lu import PILOTES, ClauseDuTour, Participant, TourLu
from portal.conventions.tours.workflow import WORKFLOW
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import Forbidden
from portal.web.context import clock, current_actor, db
from portal.web.redaction.rendu import blocs
from portal.web.render import render_view
from portal.web.tours import rendu, tableau
from portal.web.tours.forms import FormTour


def lire(tour_ref: str, permission: Permission | None = None) -> tuple[Actor, TourLu]:
    """Return who reads and the round, which they may see; raises NotVisible before Forbidden."""
    actor = current_actor()
    lu = queries.tour(db(), actor, tour_ref)
    if permission is not None and not can(actor, permission, lu.vise):
        raise Forbidden(permission.value)
    return actor, lu


def relire(tour_ref: str) -> tuple[Actor, TourLu]:
    """Return the round as it now is, after a write was refused."""
    db().rollback()
    db().expire_all()
    return lire(tour_ref)


def fil(lu: TourLu, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of a page."""
    return [
        (_("Tours collectifs"), url_for("tours.liste")),
        (rendu.titre(lu), url_for("tours.tour", tour_ref=lu.ref) if suite else ""),
        *suite,
    ]


def pilote(actor: Actor, lu: TourLu) -> bool:
    """Tell whether the actor leads the round."""
    return can(actor, Permission.TOURS_PILOTER, lu.vise)


def vue() -> str:
    """Return the filter of the clauses that the address names."""
    demandee = request.args.get("vue", "")
    return demandee if demandee in rendu.VUES else "toutes"


def du_tour(actor: Actor, lu: TourLu, coches: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return what the home of a round shows, to each reader its own."""
    mene, choix = pilote(actor, lu), vue() if lu.ouvert else "toutes"
    jour = clock().today(lu.fuseau)
    a_venir, tenues = queries.jours_des_reunions(lu, jour)
    contexte: dict[str, Any] = {
        "lu": lu,
        "titre": rendu.titre(lu),
        "nature": rendu.nature(lu.nature_code),
        "situation": rendu.situation(lu, actor),
        "pilote": mene,
        "repond": can(actor, Permission.TOURS_REPONDRE, lu.vise),
        "vue": choix,
        "vues": rendu.vues(lu, actor, choix),
        "a_venir": a_venir,
        "tenues": tenues,
        "bilans": rendu.bilans(lu) if lu.clos_le else [],
        "etapes": [
            (t.name, _(t.label))
            for t in WORKFLOW.available(lu, lambda permission: can(actor, Permission(permission), lu.vise))
        ]
        if mene
        else [],
    }
    if mene:
        partie = partie_de(actor)
        assert partie in PILOTES
        contexte["rangs"] = tableau.table(lu, actor, choix, coches)
        contexte["operateurs"] = [
            (
                participant,
                lu.comptes[participant.id][Reponse.ADOPTEE],
                lu.comptes[participant.id][Reponse.ECART],
                lu.a_repondre(participant),
                url_for("tours.operateur", tour_ref=lu.ref, participant_ref=participant.ref),
            )
            for participant in lu.participants
        ]
    else:
        contexte["reponses"] = [
            rendu.reponse(lu, clause, lu.participants[0]) for clause in rendu.choisies(lu, actor, choix)
        ]
        contexte["coches"] = coches
    return contexte


def page_tour(
    actor: Actor,
    lu: TourLu,
    *,
    form: FormTour | None = None,
    status: int = 200,
    coches: frozenset[str] = frozenset(),
    perimees: Sequence[rendu.Perimee] = (),
) -> Response:
    """Return the home of a round, with what a refusal says and the boxes that were ticked."""
    return render_view(
        "tours/tour.html",
        status=status,
        fil=fil(lu),
        form=form or FormTour(formdata=None),
        perimees=perimees,
        **du_tour(actor, lu, coches),
    )


def de_la_clause(
    actor: Actor, lu: TourLu, clause: ClauseDuTour, coches: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return what the page of a clause shows."""
    codes = [autre.code for autre in lu.clauses]
    rang = codes.index(clause.code)

    def voisine(autre: int) -> str:
        if not 0 <= autre < len(codes):
            return ""
        return url_for("tours.clause", tour_ref=lu.ref, code=codes[autre])

    partie = partie_de(actor)
    mene = pilote(actor, lu)
    sienne = None if mene else lu.cellule(clause, lu.participants[0])
    socle = rendu.socle(lu, clause)
    return {
        "lu": lu,
        "titre": rendu.titre(lu),
        "clause": clause,
        "blocs": blocs(lu.blocs(clause)),
        "socle": socle,
        "positions": [rendu.position(clause.positions[p], lu.fuseau, p) for p in PILOTES],
        "adoptee": bool(partie in PILOTES and clause.positions[partie].position.value == "acceptee"),
        "reponses": [rendu.reponse(lu, clause, participant, coches) for participant in lu.participants],
        "pilote": mene,
        "repond": can(actor, Permission.TOURS_REPONDRE, lu.vise),
        "sienne": sienne,
        "vu": rendu.vu(clause, sienne) if sienne else "",
        "entiere": "jaune" if clause.commune.redigeable else "",
        "dites": {valeur["valeur"] for valeur in socle},
        "histoire": rendu.histoire(lu, clause, queries.histoire(db(), clause.id)),
        "precedente": voisine(rang - 1),
        "suivante": voisine(rang + 1),
    }


def page_clause(
    actor: Actor,
    lu: TourLu,
    code: str,
    *,
    form: FormTour | None = None,
    status: int = 200,
    coches: frozenset[str] = frozenset(),
    perimees: Sequence[rendu.Perimee] = (),
) -> Response:
    """Return the page of a clause."""
    clause = lu.clause(code)
    return render_view(
        "tours/clause.html",
        status=status,
        fil=fil(lu, (clause.titre, "")),
        form=form or FormTour(formdata=None),
        perimees=perimees,
        **de_la_clause(actor, lu, clause, coches),
    )


def de_l_operateur(
    lu: TourLu, participant: Participant, coches: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return what the column of one operator shows."""
    return {
        "lu": lu,
        "titre": rendu.titre(lu),
        "participant": participant,
        "reponses": [rendu.reponse(lu, clause, participant, coches) for clause in lu.clauses],
        "pilote": True,
    }


def page_operateur(
    lu: TourLu,
    participant: Participant,
    *,
    form: FormTour | None = None,
    status: int = 200,
    coches: frozenset[str] = frozenset(),
    perimees: Sequence[rendu.Perimee] = (),
) -> Response:
    """Return the column of one operator, for State and SIAO."""
    return render_view(
        "tours/operateur.html",
        status=status,
        fil=fil(lu, (participant.nom, "")),
        form=form or FormTour(formdata=None),
        perimees=perimees,
        **de_l_operateur(lu, participant, coches),
    )


def coches() -> frozenset[str]:
    """Return the boxes ticked in the form received."""
    return frozenset(request.form.getlist("cellule") + request.form.getlist("clause"))
