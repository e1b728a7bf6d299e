"""What the pages of a round show, prepared for the templates: sentences, answers, what changed."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.policies import partie_de
from portal.conventions.redaction.ecrits import PositionLue
from portal.conventions.redaction.enums import LIBELLES_POSITION, Position
from portal.conventions.tours.cloture import RAISONS
from portal.conventions.tours.enums import EN_ATTENTE, LIBELLES_REPONSE, Reponse, StatutTour
from portal.conventions.tours.lu import PILOTES, Cellule, ClauseDuTour, Marque, Participant, TourLu, dire
from portal.security.policy import Actor
from portal.shared.differences import mots
from portal.shared.messages import N_
from portal.web.conventions import tableau
from portal.web.filters import show_datetime
from portal.web.redaction.rendu import LETTRES, MARQUES, Vue

TONS: dict[StatutTour, str] = {
    StatutTour.OUVERT: "attente",
    StatutTour.CLOS: "succes",
    StatutTour.ABANDONNE: "neutre",
}
REPONSES: dict[Reponse, tuple[str, str]] = {  # sign, tone
    Reponse.A_EXAMINER: ("–", "neutre"),
    Reponse.A_REVOIR: ("↻", "attente"),
    Reponse.ADOPTEE: ("✓", "succes"),
    Reponse.ECART: ("≠", "alerte"),
}
VUES = {"toutes": N_("Toutes les clauses"), "moi": N_("Celles qui m’attendent")}

ETAPES: dict[str, tuple[str, str, str]] = {  # title, what it does, tone of the button
    "clore": (
        N_("Clore le tour"),
        N_(
            "La clôture écrit chaque clause dans la convention de chaque opérateur, avec les positions que "
            "chacun a prises. Rien n’est accepté à la place de personne : ce qui n’a pas reçu de réponse "
            "reste à examiner, et ce qui a déjà été négocié autrement dans une convention y reste."
        ),
        "principal",
    ),
    "abandonner": (
        N_("Abandonner le tour"),
        N_("Rien n’est écrit dans les conventions. Les réponses sont gardées : le tour peut être rouvert."),
        "danger",
    ),
    "rouvrir": (
        N_("Rouvrir le tour"),
        N_(
            "Les réponses reprennent où elles en étaient. Ce qui a été écrit dans les conventions y reste, "
            "jusqu’à la prochaine clôture."
        ),
        "principal",
    ),
}


def nature(code: str) -> str:
    """Return the name of a nature in the reader's language."""
    return tableau.mots().natures.get(code, code)


def titre(lu: Any) -> str:
    """Return what a round is called: its own title, else its nature."""
    return str(lu.intitule or nature(lu.nature_code))


@dataclass(frozen=True)
class Perimee:
    """What changed while a page was read. `detail`: how it now stands."""

    titre: str
    href: str
    detail: str


@dataclass(frozen=True)
class Situation:
    """Where a round stands, who must act."""

    ton: str
    libelle: str
    phrase: str
    acteur: str
    suite: str


def situation(lu: TourLu, actor: Actor) -> Situation:
    """Return what the top of the page says."""
    if lu.statut is StatutTour.CLOS:
        quand = show_datetime(lu.clos_le, lu.fuseau)
        phrase = _("Clos le %(quand)s par %(qui)s.", quand=quand, qui=lu.clos_par)
        suite = _("La négociation se poursuit dans chaque convention.")
        return Situation("succes", _("Clos"), phrase, "", suite)
    if lu.statut is StatutTour.ABANDONNE:
        phrase = _("Abandonné : %(motif)s", motif=lu.motif)
        return Situation("neutre", _("Abandonné"), phrase, "", "")
    partie = partie_de(actor)
    if partie in PILOTES:
        return _des_pilotes(lu, partie)
    return _de_l_operateur(lu, actor)


def _de_l_operateur(lu: TourLu, actor: Actor) -> Situation:
    reste = lu.a_repondre(lu.participants[0])
    if reste:
        phrase = ngettext(
            "%(num)s clause attend votre réponse : adoptez le socle, ou proposez un écart.",
            "%(num)s clauses attendent votre réponse : adoptez le socle, ou proposez un écart.",
            reste,
        )
        acteur = _("Vous") if partie_de(actor) else _("La direction de l’opérateur")
        return Situation("attente", _("Ouvert"), phrase, acteur, "")
    phrase = _("Vous avez répondu à toutes les clauses.")
    return Situation("info", _("Ouvert"), phrase, _("État et SIAO"), _("Clôture du tour"))


def _des_pilotes(lu: TourLu, partie: Partie) -> Situation:
    morceaux = []
    ecarts, socle = lu.ecarts_a_examiner(partie), lu.socle_a_adopter(partie)
    if ecarts:
        morceaux.append(ngettext("%(num)s écart à examiner", "%(num)s écarts à examiner", ecarts))
    if socle:
        morceaux.append(
            ngettext("socle à adopter sur %(num)s clause", "socle à adopter sur %(num)s clauses", socle)
        )
    attendus = sum(lu.a_repondre(participant) > 0 for participant in lu.participants)
    if morceaux:
        phrase = _("Vous attendent : %(liste)s.", liste=", ".join(morceaux))
        return Situation("attente", _("Ouvert"), phrase, _("Vous"), "")
    if attendus:
        phrase = ngettext(
            "En attente des réponses de %(num)s opérateur.",
            "En attente des réponses de %(num)s opérateurs.",
            attendus,
        )
        return Situation("info", _("Ouvert"), phrase, _("Opérateurs"), _("Clôture du tour"))
    phrase = _("Tous les opérateurs ont répondu.")
    return Situation("succes", _("Ouvert"), phrase, _("État et SIAO"), _("Clore le tour"))


def position(dite: PositionLue, fuseau: str, partie: Partie) -> dict[str, str]:
    """Return a position for its card: party, mark, words, who said it and when."""
    signe, ton = MARQUES[dite.position]
    return {
        "partie": _(LIBELLES_PARTIE[partie]),
        "lettre": LETTRES[partie],
        "signe": signe,
        "ton": ton,
        "libelle": _(LIBELLES_POSITION[dite.position]),
        "motif": dite.motif,
        "par": dite.par,
        "quand": show_datetime(dite.le, fuseau) if dite.le else "",
    }


def choisies(lu: TourLu, actor: Actor, vue: str) -> list[ClauseDuTour]:
    """Return the clauses that a filter shows, in order."""
    if vue != "moi":
        return list(lu.clauses)
    partie = partie_de(actor)
    if partie in PILOTES:
        return [clause for clause in lu.clauses if _attend_un_pilote(lu, clause, partie)]
    sien = lu.participants[0]
    return [clause for clause in lu.clauses if lu.cellule(clause, sien).reponse in EN_ATTENTE]


def _attend_un_pilote(lu: TourLu, clause: ClauseDuTour, partie: Partie) -> bool:
    """Tell whether State or SIAO has to say something of a base, or of a departure from it."""
    if clause.positions[partie].position is Position.A_EXAMINER:
        return True
    cellules = (lu.cellule(clause, participant) for participant in lu.participants)
    return any(
        c.reponse is Reponse.ECART and c.position(partie).position is Position.A_EXAMINER for c in cellules
    )


def vues(lu: TourLu, actor: Actor, active: str) -> list[Vue]:
    """Return the filters of a round; none once it is not open: nothing waits any more."""
    if not lu.ouvert:
        return []
    return [
        Vue(
            code,
            _(libelle),
            len(choisies(lu, actor, code)),
            url_for("tours.tour", tour_ref=lu.ref, vue=code if code != "toutes" else None),
            code == active,
        )
        for code, libelle in VUES.items()
    ]


def en_mots(lu: TourLu, clause: ClauseDuTour, texte: str) -> str:
    """Return words of a clause as they read, with the base's values and the numbers shown."""
    return "\n".join(bloc.texte for bloc in lu.blocs(clause, texte=texte) if bloc.texte)


def bref(clause: ClauseDuTour) -> str:
    """Return the base of a clause in the few words of a line: its values."""
    return " ; ".join(dire(p, clause.valeurs[p.code]) for p in clause.commune.parametres if not _long(p))


def socle(lu: TourLu, clause: ClauseDuTour) -> list[dict[str, str]]:
    """Return the base's values of a clause: label, value, the model's default when it differs, origin."""
    return [
        {
            "libelle": parametre.libelle,
            "valeur": dire(parametre, clause.valeurs[parametre.code]),
            "defaut": dire(parametre, parametre.defaut)
            if clause.valeurs[parametre.code] != parametre.defaut
            else "",
            "origine": parametre.origine,
        }
        for parametre in clause.commune.parametres
    ]


def ecarts(lu: TourLu, clause: ClauseDuTour, cellule: Cellule) -> list[dict[str, Any]]:
    """Return what a departure proposes beside what the base says; words, with what changes in them."""
    return [
        {
            "libelle": parametre.libelle,
            "socle": dire(parametre, clause.valeurs[parametre.code]),
            "propose": dire(parametre, valeur),
            "segments": (),
        }
        if parametre
        else {
            "libelle": _("Rédaction"),
            "socle": "",
            "propose": "",
            "segments": mots(en_mots(lu, clause, clause.redaction), en_mots(lu, clause, valeur)),
        }
        for parametre, valeur in clause.ecarts(cellule)
    ]


def _long(parametre: Any) -> bool:
    return bool(parametre.type.value == "texte_long")


@dataclass(frozen=True)
class Reponses:
    """The answer of one operator on one clause, as cards show it. `socle`: the base in a few words."""

    participant: Participant
    clause: ClauseDuTour
    cellule: Cellule
    socle: str
    ton: str
    libelle: str
    ecarts: Sequence[dict[str, Any]]
    positions: Sequence[dict[str, str]]
    quand: str
    valeur: str
    cochee: bool
    href: str


def reponse(
    lu: TourLu, clause: ClauseDuTour, participant: Participant, coches: frozenset[str] = frozenset()
) -> Reponses:
    """Return what one operator says of one clause."""
    cellule = lu.cellule(clause, participant)
    ecart = cellule.reponse is Reponse.ECART
    valeur = f"{participant.ref}:{clause.code}:{cellule.version}" if ecart and lu.ouvert else ""
    return Reponses(
        participant,
        clause,
        cellule,
        bref(clause),
        REPONSES[cellule.reponse][1],
        _(LIBELLES_REPONSE[cellule.reponse]),
        ecarts(lu, clause, cellule),
        [position(cellule.position(p), lu.fuseau, p) for p in (Partie.SIAO, Partie.ETAT)] if ecart else [],
        show_datetime(cellule.le, lu.fuseau) if cellule.le else "",
        valeur,
        valeur in coches,
        url_for("tours.clause", tour_ref=lu.ref, code=clause.code),
    )


def perimee_socle(lu: TourLu, code: str) -> Perimee:
    """Return a clause whose base changed, or the answer that was being given to it."""
    clause = lu.clause(code)
    href = url_for("tours.clause", tour_ref=lu.ref, code=code)
    valeurs = bref(clause)
    return Perimee(
        clause.titre, href, _("le socle dit maintenant : %(valeurs)s", valeurs=valeurs) if valeurs else ""
    )


def perimee_cellule(lu: TourLu, participant_ref: str, code: str) -> Perimee:
    """Return an answer that changed while State or SIAO was reading it; one who left the table is told so."""
    clause = next((clause for clause in lu.clauses if clause.code == code), None)
    participant = next((p for p in lu.participants if p.ref == participant_ref), None)
    if clause is None or participant is None:
        return Perimee(clause.titre if clause else code, "", _("cette réponse n’est plus autour de la table"))
    lue = reponse(lu, clause, participant)
    dit = " ; ".join(f"{ecart['libelle']} : {ecart['propose']}" for ecart in lue.ecarts if ecart["propose"])
    titre = f"{participant.nom}, {clause.titre}"
    return Perimee(titre, f"{lue.href}#operateur-{participant.ref}", f"{lue.libelle}. {dit}".strip())


def vu(clause: ClauseDuTour, cellule: Cellule) -> str:
    """Return what a form says it was opened on: versions of the base and of the answer."""
    return f"{clause.version}.{cellule.version}"


def cloture_prevue(lu: TourLu, avec_ligne: Container[int]) -> list[tuple[str, bool, int, int, int]]:
    """Return what closing would write: operator, whether it has a line, adopted, departures, unanswered."""
    return [
        (
            participant.nom,
            participant.operateur_id in avec_ligne,
            lu.comptes[participant.id][Reponse.ADOPTEE],
            lu.comptes[participant.id][Reponse.ECART],
            lu.a_repondre(participant),
        )
        for participant in lu.participants
    ]


def bilans(lu: TourLu) -> list[dict[str, Any]]:
    """Return what the closing did to each convention that the reader sees."""
    titres = {clause.code: clause.titre for clause in lu.clauses}
    faits = []
    for participant in lu.participants:
        bilan = participant.bilan
        if bilan is None:
            continue
        raison = bilan.get("raison", "")
        faits.append(
            {
                "nom": participant.nom,
                "convention": bilan.get("convention", ""),
                "raison": _(RAISONS[raison]) if raison else "",
                "remplies": len(bilan.get("remplies", ())),
                "gardees": [titres.get(code, code) for code in bilan.get("gardees", ())],
                "absentes": [titres.get(code, code) for code in bilan.get("absentes", ())],
            }
        )
    return faits


def histoire(lu: TourLu, clause: ClauseDuTour, entrees: Any) -> list[dict[str, Any]]:
    """Return the changes of the base of a clause: who, when, why; values before and after, words changed."""
    parametres = {p.code: p for p in clause.commune.parametres}
    lues = []
    for entree in entrees:
        changements = entree.changements
        lues.append(
            {
                "auteur": entree.auteur,
                "quand": show_datetime(entree.le, lu.fuseau),
                "motif": changements.get("motif", ""),
                "faits": [
                    (parametres[code].libelle, *(dire(parametres[code], valeur) for valeur in valeurs))
                    for code, valeurs in changements.items()
                    if code in parametres
                ],
                "segments": mots(*(en_mots(lu, clause, texte) for texte in changements["texte"]))
                if "texte" in changements
                else (),
            }
        )
    return lues


def nouvelles(lu: TourLu, avant: Marque | None, pilote: bool) -> str:
    """Return what changed since an open page was read, in a sentence that a screen reader speaks."""
    phrases = []
    if avant is not None and avant.socle != lu.marque.socle:
        phrases.append(_("Le socle, ou ce que l’État et le SIAO en disent, vient de changer."))
    if avant is not None and avant.reunions != lu.marque.reunions:
        phrases.append(_("Les réunions viennent de changer."))
    noms = _qui_a_repondu(lu, avant)
    if noms and pilote:
        phrases.append(_("Réponses ou positions nouvelles : %(noms)s.", noms=", ".join(noms)))
    elif noms:
        phrases.append(_("Vos réponses, ou ce que l’État et le SIAO en disent, viennent de changer."))
    return " ".join(phrases) or _("Le tour vient de changer : la page est à jour.")


def _qui_a_repondu(lu: TourLu, avant: Marque | None) -> list[str]:
    """Return those whose column moved, as far as the reader sees them."""
    if avant is None or len(avant.reponses) != len(lu.marque.reponses):
        return []
    par_cle = sorted(lu.participants, key=lambda participant: participant.id)
    paires = zip(par_cle, avant.reponses, lu.marque.reponses, strict=True)
    return [participant.nom for participant, ancienne, neuve in paires if ancienne != neuve]
