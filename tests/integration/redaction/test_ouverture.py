"""Opening a text, the clauses that come and go with natures and facts, and comparing it."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import crochets
from portal.conventions import service as lignes
from portal.conventions.a_faire import taches
from portal.conventions.enums import Mode, Partie, Statut
from portal.conventions.modeles.contenu import Article, Clause, Condition, Gabarit
from portal.conventions.models import Convention
from portal.conventions.parametres import CUMUL, FAMILLE, LECTURE_VEILLE
from portal.conventions.redaction import cadre, comparaison, fil, ouverture, queries, version
from portal.conventions.redaction.enums import Acte, GenreFait, Position
from portal.conventions.redaction.expressions import attend, nombre_attendues
from portal.conventions.redaction.models import ConventionClause, ConventionTexte
from portal.documents.texte import Couleur
from portal.organisations import parametres
from portal.shared.errors import DomainError, StaleVersion
from tests.integration.redaction.conftest import Negociation
from tests.textes import modele, publier

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT


def natures(negociation: Negociation, codes: dict[str, int]) -> None:
    ligne = negociation.ligne
    lignes.modifier(
        negociation.session,
        negociation.clock,
        negociation.voix[S],
        ligne.ref,
        ligne.version,
        natures=codes,
        mode=None,
        notes="",
    )


def test_without_a_published_version_one_is_told_what_to_do(
    negociation: Negociation, factories: SimpleNamespace
) -> None:
    siao = factories.Organisation(type=negociation.ligne.siao.type, departement_code="37")
    ligne = factories.Convention(siao=siao, natures={"CHU": 3})
    acteur = negociation.voix[S].__class__(
        **{**negociation.voix[S].__dict__, "organisation_id": siao.id, "departement_code": "37"}
    )
    with pytest.raises(DomainError) as refus:
        ouverture.ouvrir(negociation.session, negociation.clock, acteur, ligne.ref, ligne.version)
    assert refus.value.code == "redaction.version_absente"
    sans = factories.Convention(siao=siao, operateur=factories.Organisation())
    with pytest.raises(DomainError) as refus:
        ouverture.ouvrir(negociation.session, negociation.clock, acteur, sans.ref, sans.version)
    assert refus.value.code == "redaction.natures_absentes"


def test_a_text_is_opened_once(negociation: Negociation) -> None:
    ligne = negociation.ligne
    with pytest.raises(DomainError) as refus:
        ouverture.ouvrir(
            negociation.session, negociation.clock, negociation.voix[E], ligne.ref, ligne.version
        )
    assert refus.value.code == "redaction.deja_ouvert"


def test_what_was_written_in_a_clause_that_leaves_comes_back_with_it(negociation: Negociation) -> None:
    natures(negociation, {"CHU": 12, "CHRS_INS": 20})
    negociation.ecrire(S, "7.3-CHRS", texte="Le refus est motivé et notifié.")
    natures(negociation, {"CHU": 12})
    lu = negociation.lire()
    assert "7.3-CHRS" not in lu.composition.codes
    [(retrait, ecrite)] = [(r, e) for r, e in queries.retraits(lu) if r.code == "7.3-CHRS"]
    assert ecrite
    assert "CHRS" in retrait.motif.en_langue()
    natures(negociation, {"CHU": 12, "CHRS_INS": 20})
    lu = negociation.lire()
    assert lu.clause("7.3-CHRS").ecrit.texte == "Le refus est motivé et notifié."
    genres = [f.genre for f in fil.faits(negociation.session, lu.clause("7.3-CHRS").ecrit.id)]
    assert genres[:2] == [GenreFait.RETOUR, GenreFait.RETRAIT]


def test_residences_alone_take_the_simplified_model_and_numbers_close_up(negociation: Negociation) -> None:
    natures(negociation, {"RS": 40})
    lu = negociation.lire()
    assert lu.gabarit is Gabarit.SIMPLIFIE
    assert "5.3" not in lu.composition.codes
    assert "7.3-CHRS" not in lu.composition.codes
    assert lu.clause("7.3-RS").retenue.numero == "4.2.1"  # 7.3 nationally


def test_natures_do_not_change_under_an_agreement(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.accorder_tout()
    ligne = negociation.ligne
    lignes.avancer(
        negociation.session, negociation.clock, negociation.voix[S], ligne.ref, ligne.version, "accorder"
    )
    with pytest.raises(DomainError) as refus:
        natures(negociation, {"CHU": 12, "CHRS_INS": 20})
    assert refus.value.code == "redaction.natures_figees"


def regler(negociation: Negociation, version: int | None = None, **valeurs: object) -> Convention:
    donnees: dict[str, object] = {"faits": (), "differees": (), "motif": ""} | valeurs
    return ouverture.regler(
        negociation.session,
        negociation.clock,
        negociation.voix[E],
        negociation.ref,
        negociation.lire().version if version is None else version,
        **donnees,  # type: ignore[arg-type]
    )


def test_a_deferred_nature_leaves_the_text_and_an_avenant_is_planned(negociation: Negociation) -> None:
    natures(negociation, {"CHU": 12, "CHRS_INS": 20})
    with pytest.raises(DomainError) as refus:
        regler(negociation, differees=["CHRS_INS"])
    assert refus.value.code == "redaction.avenant_motif"
    with pytest.raises(DomainError) as refus:
        regler(negociation, differees=["CHRS_INS", "CHU"], motif="Tout")
    assert refus.value.code == "redaction.toutes_differees"
    regler(negociation, differees=["CHRS_INS"], motif="Projet non finalisé", prevu_le=date(2026, 9, 30))
    lu = negociation.lire()
    assert "7.3-CHRS" not in lu.composition.codes
    assert (lu.avenant_motif, lu.avenant_prevu_le) == ("Projet non finalisé", date(2026, 9, 30))
    with pytest.raises(StaleVersion):
        regler(negociation, version=1)


def test_a_departement_may_read_the_condition_of_5_3_as_both_families_together(
    negociation: Negociation,
) -> None:
    """D4: `lecture cumulative stricte`. A text keeps the reading it was computed on until it is again."""
    petit = modele()
    stricte = Condition(familles=("veille_sociale", "hebergement"), cumul=True)
    general = replace(
        petit,
        articles=tuple(
            replace(
                article,
                clauses=tuple(
                    replace(clause, condition=stricte) if clause.code == "5.3" else clause
                    for clause in article.clauses
                ),
            )
            for article in petit.articles
        ),
    )
    session, clock = negociation.session, negociation.clock
    publier(session, numero=2, general=general)
    version.suivre(session, clock, negociation.voix[S], negociation.ref, negociation.lire().version, numero=2)
    parametres.set_value(session, negociation.voix[E], clock, LECTURE_VEILLE.key, "22", CUMUL)
    assert "5.3" in negociation.lire().composition.codes
    regler(negociation)
    lu = negociation.lire()
    [retrait] = [r for r in lu.composition.retraits if r.code == "5.3"]
    assert "veille sociale" in retrait.motif.en_langue()
    parametres.set_value(session, negociation.voix[E], clock, LECTURE_VEILLE.key, "22", FAMILLE)
    regler(negociation)
    assert "5.3" in negociation.lire().composition.codes


def test_the_frame_of_a_one_to_one_negotiation(negociation: Negociation) -> None:
    cadre.encadrer(
        negociation.session,
        negociation.clock,
        negociation.voix[S],
        negociation.ref,
        negociation.lire().version,
        mode=None,
        dialogue_le=date(2026, 4, 2),
        participants="Camille Exemple, direction",
        preparation="Revoir la fréquence",
    )
    lu = negociation.lire()
    assert (lu.entete.dialogue_gestion_le, lu.participants) == (
        date(2026, 4, 2),
        "Camille Exemple, direction",
    )
    assert negociation.ligne.mode is Mode.GRE_A_GRE


def test_a_collective_negotiation_has_no_dialogue_de_gestion(negociation: Negociation) -> None:
    def encadrer(mode: Mode, jour: date | None) -> None:
        cadre.encadrer(
            negociation.session,
            negociation.clock,
            negociation.voix[S],
            negociation.ref,
            negociation.lire().version,
            mode=mode,
            dialogue_le=jour,
            participants="",
            preparation="",
        )

    with pytest.raises(DomainError) as refus:
        encadrer(Mode.COLLECTIF, date(2026, 4, 2))
    assert (refus.value.code, refus.value.field) == ("redaction.cadre_collectif", "dialogue_le")
    encadrer(Mode.COLLECTIF, None)
    assert negociation.lire().entete.mode is Mode.COLLECTIF


def test_only_what_commits_someone_is_looked_for_in_other_acts(negociation: Negociation) -> None:
    clauses = (
        ("PAR", Clause("PAR", "Parties", Couleur.JAUNE, "Entre les soussignés.")),
        ("10", Clause("10.1", "Durée", Couleur.JAUNE, "Quatre ans.")),
        ("10", Clause("10.4", "Cohérence", Couleur.JAUNE, "Les actes sont cités.")),
        ("ANN", Clause("ANN-A", "Places", Couleur.JAUNE, "Le tableau.")),
    )
    plus = tuple(Article(article, clause.titre, (clause,)) for article, clause in clauses)
    publier(negociation.session, numero=2, general=modele(plus=plus))
    session, siao = negociation.session, negociation.voix[S]
    version.suivre(session, negociation.clock, siao, negociation.ref, negociation.lire().version, numero=2)
    lu = negociation.lire()
    assert {clause.code for _article, clause in clauses} < {lue.code for lue in lu.negociees}
    _liens, restent = cadre.engagements(session, lu)
    assert [lue.code for lue in restent] == ["5.1", "5.2", "5.3", "6.3", "7.3"]
    for code in ("PAR", "ANN-A", "inconnue"):
        with pytest.raises(DomainError) as refus:
            cadre.engager(
                session,
                negociation.clock,
                siao,
                negociation.ref,
                clause_code=code,
                nature=Acte.CPOM,
                reference="CPOM",
            )
        assert refus.value.code == "redaction.clause_inconnue"


def test_commitments_are_linked_to_the_act_that_transcribes_them(negociation: Negociation) -> None:
    depose = (negociation.session, negociation.clock, negociation.voix[E], negociation.ref)
    lien = cadre.engager(
        *depose, clause_code="5.2", nature=Acte.CPOM, reference="CPOM 2025, action 3", cle="clic"
    )
    assert (
        cadre.engager(
            *depose, clause_code="5.2", nature=Acte.CPOM, reference="CPOM 2025, action 3", cle="clic"
        ).ref
        == lien.ref
    )
    liens, restent = cadre.engagements(negociation.session, negociation.lire())
    assert [row.reference for row in liens] == ["CPOM 2025, action 3"]
    assert [lue.code for lue in restent] == ["5.1", "5.3", "6.3", "7.3"]
    cadre.desengager(*depose, lien.ref)
    assert cadre.engagements(negociation.session, negociation.lire())[0] == []


def test_comparing_shows_what_each_level_changed(negociation: Negociation) -> None:
    session, moi = negociation.session, negociation.voix[S]
    negociation.ecrire(S, "5.2", freq_eval_mois="4")
    negociation.ecrire(S, "5.2", freq_eval_mois="5")
    lu = negociation.lire()

    def ecarts(de: str, a: str) -> dict[str, str]:
        faite = comparaison.comparer(
            comparaison.cote(session, moi, lu, de), comparaison.cote(session, moi, lu, a)
        )
        return {
            ecart.code: "|".join(
                f"{s.sort.value[0]}{s.texte}" for s in ecart.segments if s.sort.value != "egal"
            )
            for ecart in faite.ecarts
        }

    assert ecarts("national", "departement") == {"7.2": "r192|a168"}
    assert ecarts("departement", "convention") == {"5.2": "r6|a5"}
    dernier, premier = comparaison.moments(session, lu)
    assert ecarts(f"moment-{dernier.numero}", "convention") == {"5.2": "r4|a5"}
    assert ecarts(f"moment-{premier.numero}", "convention") == {"5.2": "r6|a5"}


@pytest.mark.parametrize("partie", list(Partie))
def test_lists_know_whose_turn_it_is_as_the_clauses_do(negociation: Negociation, partie: Partie) -> None:
    negociation.negocier()
    negociation.ecrire(S, "5.1", referent="un travailleur social")
    negociation.ecrire(O, "5.2", freq_eval_mois="4")
    negociation.dire(S, "5.2", Position.ACCEPTEE)
    negociation.dire(E, "5.2", Position.ACCEPTEE)
    for qui in Partie:
        negociation.dire(qui, "6.3", Position.REFUSEE, "Non")
    negociation.dire(O, "7.3", Position.RESERVE, "À revoir")
    negociation.dire(E, "7.3", Position.ACCEPTEE)
    for qui in Partie:
        negociation.dire(qui, "5.3", Position.ACCEPTEE)
    attendues = {lue.code for lue in negociation.lire().negociees if partie in lue.attendues}
    en_base = negociation.session.scalars(
        select(ConventionClause.code).where(
            ConventionClause.convention_id == negociation.ligne.id,
            ConventionClause.retenue,
            attend(partie),
        )
    )
    assert set(en_base) == attendues
    nombre = negociation.session.scalar(
        select(nombre_attendues(partie)).where(Convention.id == negociation.ligne.id)
    )
    assert nombre == len(attendues)


def test_reopening_thaws_the_text(negociation: Negociation, session: Session) -> None:
    negociation.negocier()
    negociation.accorder_tout()
    ligne, siao = negociation.ligne, negociation.voix[S]
    lignes.avancer(session, negociation.clock, siao, ligne.ref, ligne.version, "accorder")
    texte = session.get_one(ConventionTexte, ligne.id)
    texte.fige_le, texte.empreinte = negociation.clock.now(), "0" * 64
    session.flush()
    lignes.avancer(
        session, negociation.clock, siao, ligne.ref, ligne.version, "rouvrir", motif="Une clause à revoir"
    )
    assert (ligne.statut, texte.fige_le, texte.empreinte) == (Statut.EN_NEGOCIATION, None, "")
    negociation.ecrire(O, "6.3", texte="Une revue par semestre.")


def test_what_waits_is_among_the_things_to_do(negociation: Negociation, session: Session) -> None:
    def rubriques(partie: Partie) -> dict[str, list[int]]:
        lues = taches(session, negociation.clock, negociation.voix[partie])
        return {r.code: [t.clauses for t in r.taches] for r in lues if r.page}

    assert rubriques(O) == {}
    negociation.negocier()
    assert rubriques(O) == {"mes_clauses": [5]}
    assert rubriques(S) == {"mes_clauses": [1]}
    negociation.accorder_tout()
    assert rubriques(O) == {}
    assert rubriques(S) == rubriques(E) == {"accord_a_constater": [0]}


@pytest.mark.parametrize("suspendue", [False, True])
def test_who_takes_the_operators_place_has_accepted_nothing(
    negociation: Negociation, session: Session, factories: SimpleNamespace, suspendue: bool
) -> None:
    negociation.negocier()
    for partie in (O, E):
        negociation.dire(partie, "6.3", Position.ACCEPTEE)
    assert negociation.lire().clause("6.3").accordee
    ligne = negociation.ligne
    if suspendue:
        lignes.suspendre(
            session, negociation.clock, negociation.voix[E], ligne.ref, ligne.version, motif="Fusion en vue"
        )
    ligne.operateur = factories.Organisation(nom="Association absorbante")
    crochets.suivre(session, negociation.clock, negociation.voix[E], ligne, crochets.NOUVEL_OPERATEUR)
    lue = negociation.lire().clause("6.3")
    assert (lue.positions[O], lue.attendues) == (Position.A_EXAMINER, (O,))
