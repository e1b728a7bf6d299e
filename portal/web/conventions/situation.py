"""Where a line stands, in words: what the state means, what comes next, who must act, by when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.enums import LIBELLES_PARTIE, Etat, Partie, Statut
from portal.conventions.fiche import Fiche
from portal.conventions.regles import ECHEANCE_NATIONALE, jours_de_blocage, lendemain, trou
from portal.web.conventions import tableau
from portal.web.filters import show_date


@dataclass(frozen=True)
class Situation:
    """What the block at the top of a line says; empty texts are not shown."""

    ton: str
    libelle: str
    phrase: str
    suite: str = ""
    acteur: str = ""
    echeance: str = ""


Suite = tuple[str, str, str]  # sentence, what comes next, who must act


def de(fiche: Fiche) -> Situation:
    """Return where a line stands on its day."""
    phrase, suite, acteur = (_a_classer if fiche.convention.classement else _PHRASES[fiche.etat])(fiche)
    return Situation(
        ton=tableau.TONS[fiche.etat],
        libelle=tableau.mots().etats[fiche.etat],
        phrase=phrase,
        suite=suite,
        acteur=acteur,
        echeance=_echeance(fiche),
    )


def organisation(fiche: Fiche, partie: Partie) -> Any:
    """Return the organisation that stands as a party."""
    ligne = fiche.convention
    return {Partie.OPERATEUR: ligne.operateur, Partie.SIAO: ligne.siao, Partie.ETAT: ligne.etat}[partie]


def _en_signature(fiche: Fiche) -> Suite:
    parties = fiche.attendues
    if not parties:
        return _("Les trois parties ont signé."), "", ""
    noms = ", ".join(_(LIBELLES_PARTIE[partie]) for partie in parties)
    acteurs = ", ".join(organisation(fiche, partie).nom for partie in parties)
    seule = len(parties) == 1
    if seule:
        phrase = _("En attente de la signature : %(partie)s.", partie=noms)
    else:
        phrase = _("En attente des signatures, dans l’ordre qui convient : %(parties)s.", parties=noms)
    if fiche.fige:
        return phrase, _("Signer le texte, en ligne ou sur papier"), acteurs
    return phrase, _("Enregistrer cette signature") if seule else _("Enregistrer ces signatures"), acteurs


def _a_classer(fiche: Fiche) -> Suite:
    """Return what to say of an open line that State or SIAO proposes to close."""
    proposition = fiche.convention.classement
    assert proposition is not None
    attendue = fiche.doit_classer
    assert attendue is not None
    phrase = _(
        "Classement sans objet proposé le %(le)s (%(qui)s) : %(motif)s",
        qui=organisation(fiche, proposition.partie).nom,
        le=show_date(_local(fiche, proposition.le)),
        motif=proposition.motif,
    )
    suite = _("Confirmer le classement, ou écarter la proposition")
    if attendue is proposition.partie:
        suite = _(
            "Confirmer le classement seul, l’autre partie n’ayant aucun compte, ou retirer la proposition"
        )
    return phrase, suite, organisation(fiche, attendue).nom


def _suspendue(fiche: Fiche) -> Suite:
    jours = jours_de_blocage(_local(fiche, fiche.convention.statut_depuis), fiche.jour)
    phrase = ngettext(
        "Négociation bloquée depuis %(num)s jour", "Négociation bloquée depuis %(num)s jours", jours
    )
    return (
        _("%(phrase)s : %(motif)s", phrase=phrase, motif=fiche.convention.motif),
        _("Reprendre la négociation, ou proposer de classer sans objet"),
        fiche.convention.etat.nom,
    )


def _en_vigueur(fiche: Fiche) -> Suite:
    ligne = fiche.convention
    if ligne.resiliation_effet is not None:
        return (
            _("En vigueur, mais résiliée : dernier jour le %(fin)s.", fin=show_date(ligne.fin_effective)),
            "",
            "",
        )
    phrase = _("En vigueur jusqu’au %(fin)s compris.", fin=show_date(ligne.fin_effective))
    if fiche.suivante is not None and fiche.suivante.statut is not Statut.SIGNEE:
        return phrase, _("Faire signer le renouvellement ouvert"), _("Les trois parties")
    if fiche.ligne.a_renouveler:
        return phrase, *_a_renouveler(fiche)
    return phrase, "", ""


def _a_renouveler(fiche: Fiche) -> tuple[str, str]:
    """Return what comes next and who must act, unless nobody is left to renew with."""
    return (_("Ouvrir le renouvellement"), fiche.convention.siao.nom) if fiche.renouvelable else ("", "")


def _echue(fiche: Fiche) -> Suite:
    dernier = fiche.convention.fin_effective
    assert dernier is not None
    fin = show_date(lendemain(dernier))
    if fiche.suivante is None:
        return (
            _("Échue depuis le %(fin)s, sans convention pour lui succéder.", fin=fin),
            *_a_renouveler(fiche),
        )
    return (
        _("Échue depuis le %(fin)s ; son renouvellement n’a pas encore pris effet.", fin=fin),
        _("Faire signer le renouvellement"),
        _("Les trois parties"),
    )


def _remplacee(fiche: Fiche) -> Suite:
    suivante = fiche.suivante
    if suivante is None or suivante.date_effet is None or fiche.convention.fin_effective is None:
        return _("Une nouvelle convention l’a remplacée."), "", ""
    phrase = _("Remplacée depuis le %(effet)s.", effet=show_date(suivante.date_effet))
    jours = trou(fiche.convention.fin_effective, suivante.date_effet)
    if jours:
        phrase += " " + ngettext(
            "Il y a eu %(num)s jour sans convention entre les deux.",
            "Il y a eu %(num)s jours sans convention entre les deux.",
            jours,
        )
    return phrase, "", ""


_PHRASES: dict[Etat, Callable[[Fiche], Suite]] = {
    Etat.A_ENGAGER: lambda f: (
        _("Rien n’est encore engagé avec cet opérateur."),
        _("Ouvrir le projet de convention"),
        f.convention.siao.nom,
    ),
    Etat.PROJET: lambda f: (
        _("Le projet de convention se prépare."),
        _("Ouvrir la négociation avec l’opérateur"),
        f.convention.siao.nom,
    ),
    Etat.EN_NEGOCIATION: lambda f: (
        _("Les trois parties négocient le texte."),
        _("Constater l’accord de principe"),
        _("Les trois parties"),
    ),
    Etat.ACCORD_DE_PRINCIPE: lambda f: (
        _("Les trois parties sont d’accord sur le texte."),
        _("Mettre en signature"),
        f.convention.siao.nom,
    ),
    Etat.EN_SIGNATURE: _en_signature,
    Etat.SUSPENDUE: _suspendue,
    Etat.A_VENIR: lambda f: (
        _("Signée ; elle prendra effet le %(effet)s.", effet=show_date(f.convention.date_effet)),
        "",
        "",
    ),
    Etat.EN_VIGUEUR: _en_vigueur,
    Etat.REMPLACEE: _remplacee,
    Etat.RESILIEE: lambda f: (
        _(
            "Résiliée depuis le %(effet)s : %(motif)s",
            effet=show_date(f.convention.resiliation_effet),
            motif=f.convention.motif,
        ),
        "",
        "",
    ),
    Etat.ECHUE: _echue,
    Etat.SANS_OBJET: lambda f: (_("Classée sans objet : %(motif)s", motif=f.convention.motif), "", ""),
}


def _echeance(fiche: Fiche) -> str:
    """Return the next deadline, and how late the line is."""
    if not fiche.ligne.ouverte:
        return ""
    cible = fiche.convention.date_cible
    retard = tableau.retard(fiche.ligne)
    texte = show_date(cible)
    if retard:
        return f"{texte} ({retard})"
    if cible > ECHEANCE_NATIONALE and not fiche.ligne.renouvellement:
        return _("%(cible)s (après l’échéance nationale du 31/12/2026)", cible=texte)
    jours = (cible - fiche.jour).days
    delai = ngettext("dans %(num)s jour", "dans %(num)s jours", jours)
    return f"{texte} ({delai})"


def _local(fiche: Fiche, instant: Any) -> Any:
    return instant.astimezone(ZoneInfo(fiche.fuseau)).date()


ETAPES = (
    Statut.A_ENGAGER,
    Statut.PROJET,
    Statut.EN_NEGOCIATION,
    Statut.ACCORD_DE_PRINCIPE,
    Statut.EN_SIGNATURE,
    Statut.SIGNEE,
)


def etapes(fiche: Fiche) -> list[tuple[str, str, str | None]]:
    """Return the stages of a CTP as (label, « fait », « courant » or « a_venir », detail).

    One signed elsewhere shows those it went through here, which its history tells, then the signature.
    """
    ligne, mots = fiche.convention, tableau.mots()
    ici = ligne.statut_avant_suspension if ligne.statut is Statut.SUSPENDUE else ligne.statut
    rang = ETAPES.index(ici) if ici in ETAPES else -1
    libelles = [mots.etats[Etat(statut.value)] for statut in ETAPES[:-1]] + [_("Signée")]
    vues = _traversees(fiche) if ligne.reprise else set(ETAPES)
    return [
        (libelle, _position(numero, rang), _detail(fiche, numero, rang))
        for numero, (statut, libelle) in enumerate(zip(ETAPES, libelles, strict=True))
        if statut in vues
    ]


def _traversees(fiche: Fiche) -> set[Statut]:
    """Return the states where the history says that a line has stood, the present one included."""
    lues = {fiche.convention.statut.value}
    for entree in fiche.historique:
        statut = entree.changements.get("statut", ())
        lues.update(statut if isinstance(statut, list) else [statut])
    return {statut for statut in Statut if statut.value in lues}


def _position(numero: int, rang: int) -> str:
    if numero < rang or numero == rang == len(ETAPES) - 1:
        return "fait"
    return "courant" if numero == rang else "a_venir"


def _detail(fiche: Fiche, numero: int, rang: int) -> str | None:
    ligne = fiche.convention
    if numero == len(ETAPES) - 1 and ligne.date_signature is not None:
        signature = show_date(ligne.date_signature)
        return _("%(le)s, reprise", le=signature) if ligne.reprise else signature
    if numero != rang:
        return None
    if ligne.statut is Statut.SUSPENDUE:
        return _("suspendue")
    return _("depuis le %(le)s", le=show_date(_local(fiche, ligne.statut_depuis)))
