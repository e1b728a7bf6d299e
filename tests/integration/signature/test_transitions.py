"""Every act that moves a convention × every profile × one's own line, a rival's, another département's.

One table says who may do what, from the opening to the renewal. Each act is tried by everyone on one line and
undone each time: nothing is allowed, nor refused, otherwise than the table says. What was done is then looked
for in the journal, with what was there before and after.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions import service as lignes
from portal.conventions.ecriture import valeurs
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.models import ModeleAdoption, ModeleVersion
from portal.conventions.parametres import LIBRE, ORDRE_SIGNATURES
from portal.conventions.redaction import ouverture
from portal.conventions.redaction import service as clauses
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClausePosition,
    ConventionClauseValeur,
)
from portal.conventions.signature import service as circuit
from portal.organisations import parametres
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Profil
from portal.security.policy import Actor
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.integration.signature.conftest import Signature

FAIT, INTERDIT, INVISIBLE = "fait", "interdit", "invisible"
DELEGATION = "signature.delegation_requise"

PILOTES = ETAT | SIAO
DIRECTIONS = frozenset({Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION})
PARTIES = PILOTES | {Profil.OPERATEUR_DIRECTION}
LECTEURS = PILOTES | OPERATEUR | {Profil.ADMIN_DEPARTEMENT}
MOTIF = "Motif de l’essai"

Acte = Callable[[Signature, Actor], Any]


@dataclass(frozen=True)
class Cas:
    """An act: from which state, by whom, which state follows; `sans`: those held back by a rule, its code."""

    nom: str
    depuis: str
    acte: Acte
    permis: frozenset[Profil]
    vers: Statut
    sans: Mapping[Profil, str] = field(default_factory=dict)

    def attendu(self, profil: Profil, cote: str) -> str:
        """Return what the table says for a profile, on its own line or a foreign one."""
        if profil not in LECTEURS or cote == "etranger" or (cote == "rival" and profil in SIAO | OPERATEUR):
            return INVISIBLE
        if cote == "rival" and DELEGATION in self.sans.values() and profil in self.permis:
            return DELEGATION  # another service of the State reads the line, and does not sign for the party
        return self.sans.get(profil, FAIT if profil in self.permis else INTERDIT)


def avancer(transition: str) -> Acte:
    def faire(s: Signature, qui: Actor) -> None:
        motif = MOTIF if transition == "rouvrir" else ""
        lignes.avancer(s.session, s.nego.clock, qui, s.ligne.ref, s.ligne.version, transition, motif=motif)

    return faire


def suivi(nom: str, **faits: Any) -> Acte:
    """Return an act of the follow-up, by its name."""

    def faire(s: Signature, qui: Actor) -> None:
        getattr(lignes, nom)(s.session, s.nego.clock, qui, s.ligne.ref, s.ligne.version, **faits)

    return faire


def ouvrir(s: Signature, qui: Actor) -> None:
    ouverture.ouvrir(s.session, s.nego.clock, qui, s.ligne.ref, s.ligne.version)


def dire(position: Position) -> Acte:
    def faire(s: Signature, qui: Actor) -> None:
        version = s.nego.clause("5.2").version
        clauses.prendre_position(
            s.session, s.nego.clock, qui, s.ligne.ref, "5.2", version, position=position, motif=MOTIF
        )

    return faire


def ecrire(s: Signature, qui: Actor) -> None:
    version, neuves = s.nego.clause("5.2").version, {"freq_eval_mois": "9"}
    clauses.modifier(s.session, s.nego.clock, qui, s.ligne.ref, "5.2", version, valeurs=neuves, motif=MOTIF)


def signer(s: Signature, qui: Actor) -> None:
    circuit.signer(s.session, s.nego.clock, qui, s.ligne.ref, s.fige().empreinte, qualite="Direction")


def deposer(s: Signature, qui: Actor) -> None:
    circuit.deposer(
        s.session,
        s.nego.clock,
        qui,
        s.ligne.ref,
        s.fige().empreinte,
        partie=Partie.OPERATEUR,
        signee_le=s.nego.clock.today(),
        nom="Dominique F.",
        qualite="Président",
        fichier_id=s.fichier(),
    )


def refuser(s: Signature, qui: Actor) -> None:
    circuit.refuser(s.session, s.nego.clock, qui, s.ligne.ref, s.fige().empreinte, motif=MOTIF)


def relancer(s: Signature, qui: Actor) -> None:
    circuit.relancer(s.session, s.nego.clock, qui, s.ligne.ref)


def renouveler(s: Signature, qui: Actor) -> None:
    lignes.renouveler(s.session, s.nego.clock, qui, s.ligne.ref)


REPRISE = {
    "date_signature": date(2026, 3, 1),
    "date_effet": date(2026, 3, 1),
    "date_fin": date(2030, 3, 1),
}
DATES = {"date_effet": date(2026, 3, 2), "date_fin": date(2029, 3, 2), "motif": MOTIF}
PREAVIS = {"motif": MOTIF, "notifiee_le": date(2026, 3, 2)}
ETAT_SEUL = frozenset(ETAT)
PROJET_OPERATEUR = {Profil.OPERATEUR_DIRECTION: "redaction.projet"}
NON_DIRECTIONS = dict.fromkeys(PARTIES - DIRECTIONS, DELEGATION)
DEJA = NON_DIRECTIONS | dict.fromkeys(
    (Profil.OPERATEUR_DIRECTION, Profil.SIAO_DIRECTION), "conventions.signature_deja"
)
# The chosen clause waits for everyone; the two that hold the pen may write it in a project.
S = Statut
TABLE = [
    Cas("engager", "a_engager", avancer("engager"), PILOTES, S.PROJET),
    Cas("ouvrir le texte", "a_engager", ouvrir, PILOTES, S.PROJET),
    Cas("reprendre une signée ailleurs", "a_engager", suivi("saisir_reprise", **REPRISE), PILOTES, S.SIGNEE),
    Cas("écrire dans le projet", "projet", ecrire, PILOTES, S.PROJET, PROJET_OPERATEUR),
    Cas("négocier", "projet", avancer("negocier"), PILOTES, S.EN_NEGOCIATION),
    Cas("écrire", "en_negociation", ecrire, PARTIES, S.EN_NEGOCIATION),
    Cas("accepter", "en_negociation", dire(Position.ACCEPTEE), PARTIES, S.EN_NEGOCIATION),
    Cas("réserver", "en_negociation", dire(Position.RESERVE), PARTIES, S.EN_NEGOCIATION),
    Cas("suspendre", "en_negociation", suivi("suspendre", motif=MOTIF), ETAT_SEUL, S.SUSPENDUE),
    Cas("reprendre", "suspendue", suivi("reprendre"), ETAT_SEUL, S.EN_NEGOCIATION),
    Cas("accorder", "accordable", avancer("accorder"), PILOTES, S.ACCORD_DE_PRINCIPE),
    Cas("rouvrir l’accord", "accord_de_principe", avancer("rouvrir"), PILOTES, S.EN_NEGOCIATION),
    Cas("figer", "accord_de_principe", avancer("mettre_en_signature"), PILOTES, S.EN_SIGNATURE),
    Cas("signer en ligne", "en_signature", signer, DIRECTIONS, S.EN_SIGNATURE, NON_DIRECTIONS),
    Cas("signer en dernier", "deux_signatures", signer, ETAT_SEUL, S.SIGNEE, DEJA),
    Cas("déposer le papier", "en_signature", deposer, PARTIES, S.EN_SIGNATURE),
    Cas("refuser de signer", "en_signature", refuser, DIRECTIONS, S.EN_NEGOCIATION, NON_DIRECTIONS),
    Cas("relancer", "en_signature", relancer, PILOTES, S.EN_SIGNATURE),
    Cas("rouvrir la signature", "deux_signatures", avancer("rouvrir"), PILOTES, S.EN_NEGOCIATION),
    Cas(
        "retirer une signature",
        "deux_signatures",
        suivi("retirer_signature", partie=Partie.OPERATEUR, motif=MOTIF),
        PARTIES,
        S.EN_NEGOCIATION,
    ),
    Cas("corriger les dates", "signee", suivi("corriger", **DATES), PILOTES, S.SIGNEE),
    Cas("résilier", "signee", suivi("resilier", **PREAVIS), PARTIES, S.SIGNEE),
    Cas(
        "annuler la résiliation",
        "resiliee",
        suivi("annuler_resiliation", motif=MOTIF),
        PILOTES,
        S.SIGNEE,
    ),
    Cas("renouveler", "signee", renouveler, PILOTES, S.SIGNEE),
    Cas("proposer sans objet", "a_engager", suivi("proposer_classement", motif=MOTIF), PILOTES, S.A_ENGAGER),
    Cas(
        "confirmer sans objet",
        "classement",
        suivi("confirmer_classement"),
        ETAT_SEUL,
        S.SANS_OBJET,
        dict.fromkeys(SIAO, "conventions.classement_autre_partie"),
    ),
    Cas("écarter sans objet", "classement", suivi("ecarter_classement", motif=MOTIF), PILOTES, S.A_ENGAGER),
]


@pytest.fixture
def scene(negociation: Any) -> Signature:
    """A line whose text is a project, in a département where parties sign in any order."""
    faite = Signature(negociation)
    parametres.set_value(
        faite.session, negociation.voix[Partie.ETAT], negociation.clock, ORDRE_SIGNATURES.key, "22", LIBRE
    )
    return faite


@pytest.fixture
def amener(scene: Signature, factories: SimpleNamespace) -> Callable[[str], Signature]:
    """Return a function that brings the line to a state of the table."""

    def vierge() -> None:
        scene.nego.ligne = factories.Convention(
            operateur=factories.Organisation(siret="98765432100011"),
            siao=scene.ligne.siao,
            etat=scene.ligne.etat,
            natures={"CHU": 12},
            statut=Statut.A_ENGAGER,
        )

    def faire(etat: str) -> Signature:
        if etat in ("a_engager", "classement"):
            vierge()
        if etat == "classement":
            suivi("proposer_classement", motif=MOTIF)(scene, scene.nego.voix[Partie.SIAO])
        if etat in ("a_engager", "classement", "projet"):
            return scene
        scene.nego.negocier()
        if etat == "suspendue":
            suivi("suspendre", motif=MOTIF)(scene, scene.nego.voix[Partie.ETAT])
        if etat in ("en_negociation", "suspendue"):
            return scene
        scene.nego.accorder_tout()
        etapes: list[Callable[[], Any]] = [
            lambda: scene.avancer("accorder"),
            lambda: scene.avancer("mettre_en_signature"),
            lambda: (scene.signer(Partie.OPERATEUR), scene.signer(Partie.SIAO)),
            lambda: scene.signer(Partie.ETAT),
            lambda: suivi("resilier", **PREAVIS)(scene, scene.nego.voix[Partie.SIAO]),
        ]
        rangs = ("accordable", "accord_de_principe", "en_signature", "deux_signatures", "signee", "resiliee")
        for etape in etapes[: rangs.index(etat)]:
            etape()
        return scene

    return faire


def adopter(scene: Signature, siao: Organisation) -> None:
    """Have another SIAO of the département adopt its models: it is one of those whose agreement is needed."""
    scene.session.add_all(
        ModeleAdoption(
            departement_code="22",
            modele_version_id=numero,
            partie=Partie.SIAO,
            organisation_id=siao.id,
            le=scene.nego.clock.now(),
            par="Personne",
        )
        for numero in scene.session.scalars(select(ModeleVersion.id))
    )
    scene.session.flush()


@pytest.fixture
def tout_le_monde(
    scene: Signature, amener: Any, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Callable[[], Iterator[tuple[Profil, str, Actor]]]:
    """Return a function giving each profile on its own side, and readers of lines elsewhere too."""

    def faire() -> Iterator[tuple[Profil, str, Actor]]:
        ligne = scene.ligne
        siennes: dict[TypeOrganisation, Organisation] = {
            TypeOrganisation.ETAT: ligne.etat,
            TypeOrganisation.SIAO: ligne.siao,
            TypeOrganisation.GESTIONNAIRE: ligne.operateur,
        }
        genres = {
            **dict.fromkeys(ETAT | {Profil.ADMIN_DEPARTEMENT}, TypeOrganisation.ETAT),
            **dict.fromkeys(SIAO, TypeOrganisation.SIAO),
        }
        for cote, code in (("sien", "22"), ("rival", "22"), ("etranger", "37")):
            autres = siennes
            if cote != "sien":
                autres = {
                    genre: factories.Organisation(type=genre, departement_code=code) for genre in siennes
                }
            if cote == "rival":
                adopter(scene, autres[TypeOrganisation.SIAO])
            for profil in Profil if cote == "sien" else sorted(LECTEURS, key=lambda un: un.value):
                chez = autres[genres.get(profil, TypeOrganisation.GESTIONNAIRE)]
                yield profil, cote, actor_for(profil, chez)

    return faire


def essayer(s: Signature, qui: Actor, acte: Acte) -> tuple[str, Statut]:
    """Return what happens to who tries, and the state of the line then; all is undone."""
    point = s.session.begin_nested()
    try:
        acte(s, qui)
        s.session.flush()
        fini = FAIT
    except Forbidden:
        fini = INTERDIT
    except NotVisible:
        fini = INVISIBLE
    except DomainError as refus:
        fini = refus.code
    statut = s.ligne.statut
    point.rollback()
    s.session.expire_all()
    return fini, statut


@pytest.mark.parametrize("cas", TABLE, ids=[cas.nom for cas in TABLE])
def test_who_may_do_what_and_nobody_else(
    cas: Cas,
    amener: Callable[[str], Signature],
    tout_le_monde: Callable[[], Iterator[tuple[Profil, str, Actor]]],
) -> None:
    s = amener(cas.depuis)
    depart = s.ligne.statut
    dits, attendus = {}, {}
    for profil, cote, qui in tout_le_monde():
        fini, statut = essayer(s, qui, cas.acte)
        dits[f"{profil.value}, {cote}"] = fini, statut
        voulu = cas.attendu(profil, cote)
        attendus[f"{profil.value}, {cote}"] = voulu, cas.vers if voulu == FAIT else depart
    assert {k: v for k, v in dits.items() if v != attendus[k]} == {}
    assert attendus.keys() == dits.keys()


def photo(s: Signature) -> dict[str, Any]:
    """Return all that the journal must follow: the line, its signatures, and each clause."""
    vue: dict[str, Any] = dict(valeurs(s.ligne))
    clauses_lues = s.session.scalars(
        select(ConventionClause)
        .where(ConventionClause.convention_id == s.ligne.id)
        .execution_options(populate_existing=True)
    )
    for clause in clauses_lues:
        vue[f"{clause.code} texte"] = clause.texte
        for dite in s.session.scalars(
            select(ConventionClausePosition).where(ConventionClausePosition.clause_id == clause.id)
        ):
            vue[f"{clause.code} position {dite.partie.value}"] = dite.position.value
        for valeur in s.session.scalars(
            select(ConventionClauseValeur).where(ConventionClauseValeur.clause_id == clause.id)
        ):
            vue[f"{clause.code} valeur {valeur.parametre_code}"] = valeur.valeur
    return vue


def racontes(entrees: list[EntreeJournal]) -> dict[str, list[Any]]:
    """Return each change that entries of the journal tell, as [before, after], under the same names."""
    dits: dict[str, list[Any]] = {}
    for entree in entrees:
        code = entree.changements.get("clause", "")
        for champ, dit in entree.changements.items():
            if champ == "positions":
                for cle, paire in dit.items():
                    clause, _, partie = cle.rpartition(" ")
                    dits[f"{clause or code} position {partie}"] = paire
            elif champ == "position":
                dits[f"{code} position {entree.changements['partie']}"] = dit
            elif code and champ == "texte":
                dits[f"{code} texte"] = dit
            elif code:
                dits[f"{code} valeur {champ}"] = dit
            else:
                dits[champ] = dit
    return dits


@pytest.mark.parametrize("cas", TABLE, ids=[cas.nom for cas in TABLE])
def test_every_change_is_in_the_journal_with_before_and_after(
    cas: Cas, amener: Callable[[str], Signature]
) -> None:
    s = amener(cas.depuis)
    dernier = max(s.session.scalars(select(EntreeJournal.id)), default=0)
    avant = photo(s)
    partie = Partie.ETAT if Profil.ETAT_PILOTE in cas.permis else Partie.SIAO
    cas.acte(s, s.nego.voix[partie])
    s.session.flush()
    apres = photo(s)
    entrees = list(
        s.session.scalars(select(EntreeJournal).where(EntreeJournal.id > dernier).order_by(EntreeJournal.id))
    )
    assert entrees
    assert {entree.personne_id for entree in entrees} == {s.nego.voix[partie].personne_id}
    dits = racontes(entrees)
    vide = Position.A_EXAMINER.value
    for champ in avant.keys() | apres.keys():
        absent = vide if " position " in champ else None
        etait, est = avant.get(champ, absent), apres.get(champ, absent)
        if etait != est:
            assert champ in dits, champ
            assert dits[champ][1] == est, champ
            assert dits[champ][0] == etait or etait is None, champ
