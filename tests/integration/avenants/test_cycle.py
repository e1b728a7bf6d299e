"""The life of an avenant: its clauses, its stages, its three signatures, and what the convention becomes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions.avenants import figer, queries, service, signature
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.avenants.enums import StatutAvenant as S
from portal.conventions.avenants.models import Avenant
from portal.conventions.avenants.workflow import WORKFLOW
from portal.conventions.enums import Partie, Statut
from portal.conventions.fiche import fiche
from portal.conventions.filtres import Filtres
from portal.conventions.models import TOUJOURS
from portal.conventions.natures import ajouter, natures_a_terme, natures_le, retirer
from portal.conventions.progression import progression
from portal.conventions.queries import lister
from portal.conventions.redaction.enums import Position
from portal.conventions.signature.canonique import empreinte
from portal.conventions.territoires import territoires
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.avenants.conftest import Avenue
from tests.textes import publier


def test_an_avenant_goes_from_project_to_three_signatures(avenue: Avenue) -> None:
    avenant = avenue.ouvrir("5.2")
    avenue.ecrire(Partie.SIAO, "5.2", freq_eval_mois="4")
    avenue.avancer("negocier")
    avenue.accorder()
    avenue.avancer("figer")
    assert avenant.statut.value == "en_signature"
    for partie in Partie:
        avenue.signer(partie)
    assert avenant.statut.value == "signe"
    assert avenant.date_signature == avenant.date_effet == avenue.jour
    assert avenue.consolide().valeurs["5.2", "freq_eval_mois"] == "4"
    assert avenue.ligne.statut is Statut.SIGNEE


def test_the_text_that_was_signed_first_does_not_move(avenue: Avenue) -> None:
    avant = avenue.signee.fige()
    contenu = dict(avant.contenu)
    avenue.signe(freq_eval_mois="4")
    apres = avenue.signee.session.get_one(type(avant), avant.id, populate_existing=True)
    assert apres.contenu == contenu
    assert apres.annule_le is None


def test_the_consolidated_text_is_that_of_the_day(avenue: Avenue) -> None:
    effet = avenue.jour + timedelta(days=30)
    avenue.signe(effet=effet, freq_eval_mois="4")
    veille = avenue.consolide(effet - timedelta(days=1))
    assert veille.valeurs.get(("5.2", "freq_eval_mois"), "6") == "6"
    assert avenue.consolide(effet).valeurs["5.2", "freq_eval_mois"] == "4"


def test_a_second_avenant_starts_from_the_first(avenue: Avenue) -> None:
    avenue.signe(freq_eval_mois="4")
    avenant = avenue.ouvrir("5.2")
    assert avenant.numero == 2
    lu = avenue.lire()
    assert "4 mois" in "".join(bloc.texte for bloc in lu.clause("5.2").modification.blocs_avant)


def test_a_signed_avenant_goes_on_showing_before_and_after(avenue: Avenue) -> None:
    premier = avenue.signe(freq_eval_mois="4")
    avenue.signe(freq_eval_mois="5")
    avenue.avenant = premier
    modification = avenue.lire().clause("5.2").modification
    assert modification.change
    assert "6 mois" in "".join(bloc.texte for bloc in modification.blocs_avant)
    assert "4 mois" in "".join(bloc.texte for bloc in modification.blocs_apres)


def test_an_avenant_takes_effect_with_its_convention_at_the_earliest(avenue: Avenue) -> None:
    avenue.ligne.date_effet = avenue.jour + timedelta(days=40)
    avenant = avenue.en_signature()
    fige = figer.courant_de(avenue.session, avenant.id)
    assert fige is not None
    dit = " ".join(bloc["passages"][0][0] for bloc in fige.contenu["clauses"][0]["blocs"])
    assert "au plus tôt avec la convention" in dit
    for partie in Partie:
        avenue.signer(partie)
    assert avenant.date_effet == avenue.ligne.date_effet
    assert avenant.date_signature == avenue.jour


def test_an_abandoned_one_leaves_its_number(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("abandonner", motif="Plus d’objet.")
    assert avenue.ouvrir("5.2").numero == 1


def test_one_open_avenant_at_a_time(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    with pytest.raises(DomainError, match=r"avenants.deja_ouvert"):
        avenue.ouvrir("6.3")


def test_the_same_form_sent_twice_opens_one(avenue: Avenue) -> None:
    assert avenue.ouvrir("5.2", cle="unique") is avenue.ouvrir("5.2", cle="unique")


@pytest.mark.parametrize("code", ["7.2", "1"])
def test_green_and_fixed_parts_are_not_an_avenant_s(avenue: Avenue, code: str) -> None:
    with pytest.raises(DomainError, match=r"avenants.clause_verte"):
        avenue.ouvrir(code)


def test_a_value_out_of_its_bounds_is_refused(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    with pytest.raises(Exception, match="modeles"):
        avenue.ecrire(Partie.SIAO, "5.2", freq_eval_mois="24")


def test_who_writes_proposes_and_the_others_read_again(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    avenue.dire(Partie.ETAT, "5.2", Position.ACCEPTEE)
    avenue.ecrire(Partie.OPERATEUR, "5.2", freq_eval_mois="8")
    positions = {p: lue.position for p, lue in avenue.lire().clause("5.2").positions.items()}
    assert positions == {
        Partie.OPERATEUR: Position.PROPOSEE,
        Partie.SIAO: Position.A_EXAMINER,
        Partie.ETAT: Position.A_EXAMINER,
    }


def test_a_starred_clause_asks_for_the_operator_s_explicit_agreement(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    avenue.ecrire(Partie.OPERATEUR, "5.2", freq_eval_mois="8")
    avenue.dire(Partie.SIAO, "5.2", Position.ACCEPTEE)
    avenue.dire(Partie.ETAT, "5.2", Position.ACCEPTEE)
    with pytest.raises(DomainError, match=r"avenants.clauses_ouvertes"):
        avenue.avancer("figer")
    avenue.dire(Partie.OPERATEUR, "5.2", Position.ACCEPTEE)
    avenue.avancer("figer")


def test_a_clause_left_as_it_is_does_not_go_to_signature(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    avenue.accorder()
    with pytest.raises(DomainError, match=r"avenants.sans_effet"):
        avenue.avancer("figer")


def test_a_reservation_says_why(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    with pytest.raises(DomainError, match=r"redaction.motif_obligatoire"):
        avenue.dire(Partie.OPERATEUR, "5.2", Position.RESERVE)


def test_a_stale_edit_is_refused(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    ancienne = avenue.lire().clause("5.2").version
    avenue.ecrire(Partie.ETAT, "5.2", freq_eval_mois="5")
    with pytest.raises(StaleVersion):
        avenue.ecrire(Partie.SIAO, "5.2", version=ancienne, freq_eval_mois="4")


def test_reopening_voids_the_signatures_and_tells_everyone(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    avenue.signer(Partie.OPERATEUR)
    avenue.signee.oublier()
    avenue.avancer("rouvrir", motif="Une erreur de chiffre.")
    assert avenant.statut is S.EN_NEGOCIATION
    assert figer.courant_de(avenue.session, avenant.id) is None
    assert {m.personne_id for m in avenue.signee.ecrits()} == {
        avenue.voix[Partie.OPERATEUR].personne_id,
        avenue.voix[Partie.ETAT].personne_id,
    }
    avenue.avancer("figer")
    assert avenue.lire().actes == {}


def test_refusing_to_sign_reopens(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    signature.refuser(
        avenue.session,
        avenue.clock,
        avenue.voix[Partie.OPERATEUR],
        avenue.ligne.ref,
        avenant.ref,
        avenue.empreinte(),
        motif="Le chiffre n’est pas celui que nous avons accepté.",
    )
    assert avenant.statut is S.EN_NEGOCIATION


@pytest.mark.parametrize(
    ("clauses", "attendues"), [((), {Partie.OPERATEUR}), (("5.2",), {Partie.SIAO, Partie.ETAT})]
)
def test_an_avenant_refused_is_not_frozen_again_as_it_is(
    avenue: Avenue, clauses: tuple[str, ...], attendues: set[Partie]
) -> None:
    avenant = avenue.en_signature()
    signature.refuser(
        avenue.session,
        avenue.clock,
        avenue.voix[Partie.OPERATEUR],
        avenue.ligne.ref,
        avenant.ref,
        avenue.empreinte(),
        motif="Intenable",
        clauses=clauses,
    )
    with pytest.raises(DomainError, match=r"avenants.clauses_ouvertes"):
        avenue.avancer("figer")
    assert set(avenue.lire().clause("5.2").attendues) == attendues
    avenue.ecrire(Partie.SIAO, "5.2", freq_eval_mois="9")
    avenue.accorder()
    avenue.avancer("figer")
    assert avenant.statut is S.EN_SIGNATURE


def test_another_fingerprint_is_refused(avenue: Avenue) -> None:
    avenue.en_signature()
    with pytest.raises(DomainError, match=r"signature.depasse"):
        avenue.signer(Partie.OPERATEUR, "0" * 64)


def test_a_content_tampered_with_cannot_be_signed(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    avenant.clauses[0].valeurs = {"freq_eval_mois": "12"}
    avenue.session.flush()
    with pytest.raises(DomainError, match=r"signature.texte_altere"):
        avenue.signer(Partie.OPERATEUR)


def test_the_fingerprint_is_that_of_the_content(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    fige = figer.courant_de(avenue.session, avenant.id)
    assert fige is not None
    assert empreinte(fige.contenu) == fige.empreinte
    assert fige.contenu["modifie"] == [avenue.signee.fige().empreinte]


def test_parties_sign_in_order_and_once(avenue: Avenue) -> None:
    avenue.en_signature()
    with pytest.raises(DomainError, match=r"conventions.signature_ordre"):
        avenue.signer(Partie.ETAT)
    assert avenue.signer(Partie.OPERATEUR) is avenue.signer(Partie.OPERATEUR)


def test_the_paper_of_a_party_counts_as_its_signature(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    signature.deposer(
        avenue.session,
        avenue.clock,
        avenue.voix[Partie.SIAO],
        avenue.ligne.ref,
        avenant.ref,
        avenue.empreinte(),
        partie=Partie.OPERATEUR,
        signee_le=avenue.jour,
        nom="Ada Exemple",
        qualite="Présidente",
        fichier_id=avenue.signee.fichier(),
    )
    assert list(avenue.lire().actes) == [Partie.OPERATEUR]


def test_an_operator_brings_its_own_paper_only(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    with pytest.raises(DomainError, match=r"conventions.signature_autre_partie"):
        signature.deposer(
            avenue.session,
            avenue.clock,
            avenue.voix[Partie.OPERATEUR],
            avenue.ligne.ref,
            avenant.ref,
            avenue.empreinte(),
            partie=Partie.SIAO,
            signee_le=avenue.jour,
            nom="Ada Exemple",
            qualite="Présidente",
            fichier_id=avenue.signee.fichier(),
        )


def test_the_same_paper_sent_twice_signs_once(avenue: Avenue) -> None:
    avenue.en_signature()
    fichier_id = avenue.signee.fichier()

    def deposer() -> int:
        return signature.deposer(
            avenue.session,
            avenue.clock,
            avenue.voix[Partie.SIAO],
            avenue.ligne.ref,
            avenue.courant.ref,
            avenue.empreinte(),
            partie=Partie.OPERATEUR,
            signee_le=avenue.jour,
            nom="Ada Exemple",
            qualite="Présidente",
            fichier_id=fichier_id,
        ).id

    assert deposer() == deposer()


def test_a_nature_brings_its_clauses(avenue: Avenue) -> None:
    avenue.ouvrir(natures_ajoutees=["RS"])
    clause = avenue.lire().clause("7.3-RS")
    assert clause.sort == "ajoutee"
    avenue.avancer("negocier")
    avenue.accorder()
    avenue.avancer("figer")
    for partie in Partie:
        avenue.signer(partie)
    assert "7.3-RS" in avenue.consolide().composition.codes
    assert {nature.nature_code for nature in avenue.ligne.natures} == {"CHU", "RS"}


def test_natures_count_from_the_day_of_effect(avenue: Avenue) -> None:
    """The follow-up, its filter and the figures say each day what the consolidated text says that day."""
    avenue.ouvrir(
        natures_ajoutees=["RS"], natures_retirees=["CHU"], date_effet=avenue.jour + timedelta(days=30)
    )
    avenue.avancer("negocier")
    avenue.accorder()
    avenue.avancer("figer")
    for partie in Partie:
        avenue.signer(partie)
    assert _suivi(avenue, avenue.jour + timedelta(days=29)) == ({"CHU"}, {"CHU"}, {"CHU"}, {"CHU", "RS"})
    assert _suivi(avenue, avenue.jour + timedelta(days=30)) == ({"RS"}, {"RS"}, {"RS"}, {"RS"})
    assert [n.nature_code for n in natures_a_terme(avenue.ligne)] == ["RS"]


def test_a_nature_that_comes_back_goes_on(avenue: Avenue) -> None:
    ligne, effet = avenue.ligne, avenue.jour
    retirer(ligne, "CHU", effet)
    assert natures_le(ligne, effet) == []
    ajouter(ligne, "CHU", effet)
    ajouter(ligne, "RS", effet)
    retirer(ligne, "RS", effet)
    avenue.session.flush()
    assert [(n.nature_code, n.depuis, n.jusqu_au) for n in ligne.natures] == [("CHU", TOUJOURS, None)]


def _suivi(avenue: Avenue, jour: date) -> tuple[set[str], ...]:
    """Return the natures of the line on a day: in the list, its filter, the figures, and on its page."""
    session, actor = avenue.session, avenue.voix[Partie.ETAT]
    clock = FixedClock(datetime.combine(jour, time(12), UTC))
    (montree,) = lister(session, clock, actor, Filtres()).lignes
    filtrees = {
        code
        for code in ("CHU", "RS")
        if lister(session, clock, actor, Filtres(natures=frozenset({code}))).lignes
    }
    (ici, *_autres) = territoires(session, actor)
    comptees = {
        compte.code
        for compte in progression(session, clock, actor, ici).par_nature
        if compte["en_vigueur"].valeur
    }
    lues = {nature.nature_code for nature in fiche(session, clock, actor, avenue.ligne.ref).natures}
    return set(montree.natures), filtrees, comptees, lues


def test_the_last_nature_stays(avenue: Avenue) -> None:
    with pytest.raises(DomainError, match=r"avenants.toutes_natures"):
        avenue.ouvrir(natures_retirees=["CHU"])


def test_a_later_green_version_comes_with_its_words(avenue: Avenue) -> None:
    neuve = publier(avenue.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    avenue.ouvrir(version_id=neuve.version.id)
    lu = avenue.lire()
    assert [clause.code for clause in lu.clauses] == ["7.2"]
    assert not lu.clause("7.2").modification.modifiable
    with pytest.raises(DomainError, match=r"avenants.clause_verte"):
        avenue.ecrire(Partie.SIAO, "7.2", delai_orientation_h="96")


def test_the_effect_stays_within_the_convention(avenue: Avenue) -> None:
    fin = avenue.ligne.fin_effective
    assert fin is not None
    with pytest.raises(DomainError, match=r"avenants.effet_hors"):
        avenue.ouvrir("5.2", date_effet=fin + timedelta(days=1))


def test_a_line_signed_elsewhere_has_no_avenant_by_clause(avenue: Avenue, factories: SimpleNamespace) -> None:
    ligne = avenue.ligne
    ailleurs = factories.Convention(
        operateur=factories.Organisation(),
        siao=ligne.siao,
        etat=ligne.etat,
        statut=Statut.SIGNEE,
        date_signature=date(2023, 1, 1),
        date_effet=date(2023, 1, 1),
        date_fin=date(2099, 12, 31),
        natures={"CHU": 3},
    )
    with pytest.raises(DomainError, match=r"avenants.texte_absent"):
        service.ouvrir(
            avenue.session, avenue.clock, avenue.voix[Partie.SIAO], ailleurs.ref, objet="Objet", codes=["5.2"]
        )


def test_the_journal_keeps_before_and_after(avenue: Avenue) -> None:
    avenant = avenue.ouvrir("5.2")
    avenue.ecrire(Partie.SIAO, "5.2", motif="Trop court.", freq_eval_mois="8")
    entree = avenue.session.scalars(
        select(EntreeJournal)
        .where(EntreeJournal.objet_type == "avenant", EntreeJournal.objet_id == avenant.id)
        .order_by(EntreeJournal.id.desc())
    ).first()
    assert entree is not None
    assert entree.changements["valeur_freq_eval_mois"] == ["6", "8"]
    assert entree.changements["motif"] == "Trop court."


# Every transition, for every profile, on one's own line and on another's.

PILOTES = {
    Profil.ETAT_PILOTE, Profil.ETAT_AGENT, Profil.SIAO_DIRECTION, Profil.SIAO_REGULATEUR,
    Profil.SIAO_MISSION_LOGEMENT,
}  # fmt: skip
PARTIES = PILOTES | {Profil.OPERATEUR_DIRECTION}
LECTEURS = PARTIES | {Profil.GESTIONNAIRE_STRUCTURE, Profil.ADMIN_DEPARTEMENT}
PERMIS = {
    "negocier": PILOTES,
    "figer": PILOTES,
    "rouvrir": PILOTES,
    "abandonner": PILOTES,
    "refuser": PARTIES,
    "signer": {Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION},
    "refuser_signature": {Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION},
}
TYPES = {
    Profil.ETAT_PILOTE: "etat", Profil.ETAT_AGENT: "etat", Profil.SIAO_DIRECTION: "siao",
    Profil.SIAO_REGULATEUR: "siao", Profil.SIAO_MISSION_LOGEMENT: "siao", Profil.ADMIN_DEPARTEMENT: "etat",
}  # fmt: skip


def test_the_table_below_is_that_of_the_workflow() -> None:
    assert set(PERMIS) == {transition.name for transition in WORKFLOW}


# Where each is tried from: everywhere it starts, or where its rights differ.
ESSAIS = {"abandonner": [S.PROJET, S.EN_NEGOCIATION], "negocier": [S.PROJET]}
DEPARTS = [
    (transition.name, depart)
    for transition in WORKFLOW
    for depart in ESSAIS.get(transition.name, sorted(transition.sources, key=lambda s: s.value))
]


@pytest.mark.parametrize(("transition", "depart"), DEPARTS)
def test_who_may_do_what(
    avenue: Avenue, factories: SimpleNamespace, actor_for: Callable[..., Actor], transition: str, depart: S
) -> None:
    ligne = avenue.ligne
    siennes = {"etat": ligne.etat, "siao": ligne.siao, "operateur": ligne.operateur}
    kinds = {"etat": TypeOrganisation.ETAT, "siao": TypeOrganisation.SIAO, "operateur": None}
    voisines = {
        role: factories.Organisation(departement_code="37", **({"type": kind} if kind else {}))
        for role, kind in kinds.items()
    }
    avenant = avenue.ouvrir("5.2")
    avenue.ecrire(Partie.SIAO, "5.2", freq_eval_mois="4")
    avenue.amener(avenant, depart)
    for profil in Profil:
        role = TYPES.get(profil, "operateur")
        for ailleurs, organisation in ((False, siennes[role]), (True, voisines[role])):
            actor = actor_for(profil, organisation)
            permis = profil in PERMIS[transition] and not ailleurs
            lisible = profil in LECTEURS and not ailleurs
            with avenue.session.begin_nested() as etape:
                fait = _essayer(avenue, actor, avenant, transition)
                etape.rollback()
            avenue.session.expire_all()
            assert fait == ("fait" if permis else "interdit" if lisible else "invisible"), (profil, ailleurs)


def _essayer(avenue: Avenue, actor: Actor, avenant: Avenant, transition: str) -> str:
    debut = (avenue.session, avenue.clock, actor, avenue.ligne.ref, avenant.ref)
    try:
        if transition == "signer":
            signature.signer(*debut, avenue.empreinte(), qualite="Qualité")
        elif transition == "refuser_signature":
            signature.refuser(*debut, avenue.empreinte(), motif="Motif")
        else:
            service.avancer(*debut, avenant.version, transition, motif="Motif")
    except NotVisible:
        return "invisible"
    except Forbidden:
        return "interdit"
    except DomainError as error:
        if error.code == "signature.delegation_requise":
            return "interdit"
        if error.code == "conventions.signature_ordre":
            return "fait"  # its turn has not come, but it is its right
        raise
    return "fait"


@pytest.mark.parametrize("statut", [S.SIGNE, S.REFUSE, S.ABANDONNE])
@pytest.mark.parametrize("transition", ["negocier", "figer", "rouvrir", "refuser", "abandonner"])
def test_what_is_over_does_not_move(avenue: Avenue, statut: S, transition: str) -> None:
    avenant = avenue.ouvrir("5.2")
    avenant.statut = statut
    avenue.session.flush()
    with pytest.raises(DomainError, match=r"etat.transition_impossible"):
        avenue.avancer(transition, motif="Motif")


def test_someone_of_another_operator_sees_no_avenant(avenue: Avenue, session: Session) -> None:
    avenant = avenue.ouvrir("5.2")
    with pytest.raises(NotVisible):
        queries.lire(session, avenue.clock, avenue.signee.nego.ailleurs, avenue.ligne.ref, avenant.ref)


def test_the_operator_waits_for_the_negotiation(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    with pytest.raises(DomainError, match=r"avenants.projet"):
        avenue.ecrire(Partie.OPERATEUR, "5.2", freq_eval_mois="8")


def test_consolide_reads_a_line_without_avenant_as_its_text(avenue: Avenue) -> None:
    assert consolide(avenue.session, avenue.ligne).avenants == ()
