"""The form of a decision: its shape, made of what the commission decides and prescribes, and of who votes."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from portal.commissions.conduite.exigences import proposees
from portal.commissions.conduite.queries import DecisionLue
from portal.commissions.conduite.regles import AJOURNE
from portal.commissions.conduite.saisie import SaisieDecision, SaisiePrescription
from portal.commissions.conduite.votes import LIBELLES_VOTE, Votant, Vote
from portal.commissions.enums import PresenceMenage, RegleDecision
from portal.commissions.nomenclatures import decisions, prescriptions
from portal.shared.errors import DomainError, DomainErrors
from portal.web.commissions.commun import langue
from portal.web.forms import ChampDate, Formulaire, _l, domain_message
from portal.web.organisations.nomenclatures import options


class FormDecision(Formulaire):
    """A decision being worded. `voix`, `prescrites`: names of the fields added for this commission."""

    prescrites: Sequence[str] = ()
    voix: Sequence[Votant] = ()

    code = RadioField(_l("Décision"), validate_choice=False)
    motif = TextAreaField(
        _l("Motif"),
        description=_l(
            "Lu par tous les présents, à l’écran. Rien de la santé, des convictions ni de la nature des "
            "ressources."
        ),
        render_kw={"rows": 3},
    )
    conditions = TextAreaField(_l("Conditions"), description=_l("Facultatif."), render_kw={"rows": 2})

    def saisie(self) -> SaisieDecision:
        """Return what was typed."""
        data = self.data
        return SaisieDecision(
            code=data["code"] or "",
            motif=data["motif"] or "",
            conditions=data["conditions"] or "",
            expression=data.get("expression") or "",
            consensus=bool(data.get("consensus")),
            prescriptions=tuple(
                SaisiePrescription(
                    code,
                    data[f"porteur_{code}"] or "",
                    data[f"echeance_{code}"],
                    data[f"precision_{code}"] or "",
                )
                for code in self.prescrites
                if data[f"p_{code}"]
            ),
            voix={cle: Vote(votes[0]) for cle, votes in _voix_recues().items()},
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether the shape is right: each voice is given once, and is one of those that exist."""
        juste: bool = super().validate(extra_validators)
        for votes in _voix_recues().values():
            if len(votes) > 1:
                self.refuse(DomainError("conduite.voix_double"))
            elif votes[0] not in _VOTES:
                self.refuse(DomainError("conduite.voix_choix"))
        return juste and not self.form_errors


_VOTES = {one.value for one in Vote}


def _voix_recues() -> dict[str, list[str]]:
    """Return every voice sent, offered or not, by who casts it: the domain refuses those that it does not
    count."""
    return {name[2:]: votes for name, votes in request.form.lists() if name.startswith("v_") and any(votes)}


def form_decision(
    seance: Any,
    dossier: Any,
    votants: Sequence[Votant],
    porteurs: Sequence[tuple[str, str]],
    lue: DecisionLue | None,
    *,
    vide: bool = False,
    ecrite: bool = False,
) -> FormDecision:
    """Return the form of a decision, over what is kept of it. `vide`: not bound to what was posted; `ecrite`:
    taken in writing, without consensus, vote, nor postponing."""
    commission = seance.commission
    langue_ = langue()
    champs: dict[str, Any] = {"prescrites": tuple(commission.prescriptions), "voix": ()}
    data: dict[str, Any] = {"version": str(lue.version if lue else 0)}
    if lue is not None:
        data |= {"code": lue.code, "motif": lue.motif, "conditions": lue.conditions}
        data |= {"expression": lue.expression, "consensus": lue.consensus}
    if commission.menage is not PresenceMenage.NON and dossier.menage_present:
        champs["expression"] = TextAreaField(
            _("Ce que dit le ménage"),
            description=_("Avec ses mots, relus avec lui. Inscrit au relevé."),
            render_kw={"rows": 3},
        )
    if not ecrite:
        _adopter(champs, data, commission.regle, votants, lue)
    _prescrire(champs, data, commission.prescriptions, porteurs, lue, langue_)
    cls = type("FormDecisionDe", (FormDecision,), champs)
    form: FormDecision = cls(data=data, **({"formdata": None} if vide else {}))
    codes = [code for code in proposees(seance) if not (ecrite and code == AJOURNE)]
    form.code.choices = options((code, decisions()[code].en_langue(langue_)) for code in codes)
    return form


def _adopter(
    champs: dict[str, Any],
    data: dict[str, Any],
    regle: RegleDecision,
    votants: Sequence[Votant],
    lue: DecisionLue | None,
) -> None:
    if regle is RegleDecision.CONSENSUS:
        champs["consensus"] = BooleanField(_("La présidence constate le consensus"))
        return
    champs["voix"] = tuple(votants)
    for one in votants:
        if one.deport:
            continue
        champs[f"v_{one.cle}"] = RadioField(
            _(one.nom),
            choices=options((vote.value, _(LIBELLES_VOTE[vote])) for vote in Vote),
            validate_choice=False,
        )
        data[f"v_{one.cle}"] = lue.voix[one.cle].value if lue and one.cle in lue.voix else None


def _prescrire(
    champs: dict[str, Any],
    data: dict[str, Any],
    codes: Sequence[str],
    porteurs: Sequence[tuple[str, str]],
    lue: DecisionLue | None,
    langue_: str,
) -> None:
    connues = {one.code: one for one in lue.prescriptions} if lue else {}
    for code in codes:
        champs[f"p_{code}"] = BooleanField(prescriptions()[code].en_langue(langue_))
        champs[f"porteur_{code}"] = SelectField(
            _("Qui la porte"), choices=options([("", "—"), *porteurs]), validate_choice=False
        )
        champs[f"echeance_{code}"] = ChampDate(_("Avant le"), validators=[])
        champs[f"precision_{code}"] = StringField(_("Précision"))
        one = connues.get(code)
        data |= {
            f"p_{code}": one is not None,
            f"porteur_{code}": one.porteur_ref if one else "",
            f"echeance_{code}": one.echeance if one else None,
            f"precision_{code}": one.precision if one else "",
        }


class FormPoints(Formulaire):
    """General points of the minutes."""

    points = TextAreaField(
        _l("Points généraux"),
        description=_l("Ce qui sera au relevé en dehors des dossiers. Jamais le nom d’un ménage."),
        render_kw={"rows": 6},
    )


def dire(error: DomainError | DomainErrors) -> str:
    """Return what the domain refused, in one text."""
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    return " ".join(domain_message(one) for one in errors)
