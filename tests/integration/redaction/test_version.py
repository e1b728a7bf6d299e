"""A newer version of the département: drafts follow it with a difference to accept, the others never move."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.conventions import service as lignes
from portal.conventions.a_faire import taches
from portal.conventions.enums import Partie
from portal.conventions.filtres import Filtres
from portal.conventions.modeles.contenu import Modele
from portal.conventions.queries import lister
from portal.conventions.redaction import comparaison, fil, service, version
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import ConventionTexte
from portal.documents.texte import Couleur
from portal.security.policy import Actor
from portal.shared.differences import Sort
from portal.shared.errors import DomainError, Forbidden, StaleVersion
from tests.integration.redaction.conftest import Negociation
from tests.textes import FREQUENCE, REFERENT, modele, publier

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
Clients = Callable[[Actor | None], FlaskClient]


def autre_modele(voulues: dict[str, dict[str, Any]]) -> Modele:
    """Return the small model, some fields of some clauses changed."""
    depart = modele()
    return replace(
        depart,
        articles=tuple(
            replace(
                article,
                clauses=tuple(replace(clause, **voulues.get(clause.code, {})) for clause in article.clauses),
            )
            for article in depart.articles
        ),
    )


def suivre(negociation: Negociation, partie: Partie = S, numero: int = 2) -> None:
    lu = negociation.lire()
    version.suivre(
        negociation.session,
        negociation.clock,
        negociation.voix[partie],
        negociation.ref,
        lu.version,
        numero=numero,
    )


def test_a_draft_left_behind_is_among_the_things_to_do(negociation: Negociation) -> None:
    """State and SIAO are told of it, with the list that shows them all, until it follows."""

    def laissees(partie: Partie) -> list[str]:
        actor = negociation.voix[partie]
        lues = taches(negociation.session, negociation.clock, actor)
        for rubrique in lues:
            if rubrique.code == "version_a_suivre":
                choix = Filtres.lire({nom: [valeur] for nom, valeur in rubrique.args.items()})
                liste = lister(negociation.session, negociation.clock, actor, choix)
                assert [ligne.ref for ligne in liste.lignes] == [tache.ref for tache in rubrique.taches]
                return [f"{tache.ref}{rubrique.page}" for tache in rubrique.taches]
        return []

    assert laissees(S) == []
    publier(negociation.session, numero=2)
    assert laissees(S) == laissees(E) == [f"{negociation.ref}/texte/version"]
    assert laissees(O) == []
    suivre(negociation)
    assert laissees(S) == laissees(E) == []


def test_a_draft_takes_what_changed_and_everyone_examines_it_again(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.accorder_tout()
    publier(
        negociation.session,
        numero=2,
        valeurs={("7.2", "delai_orientation_h"): "120"},
        general=autre_modele({"6.3": {"texte": "La revue a lieu chaque mois ; voir [[7.2]]."}}),
    )
    lu = negociation.lire()
    assert version.plus_recente(negociation.session, lu) == 2
    suite = version.suite(negociation.session, negociation.voix[O], lu)
    assert suite is not None
    assert [ecart.code for ecart in suite.comparaison.ecarts] == ["6.3", "7.2"]
    suivre(negociation)
    lu = negociation.lire()
    assert lu.socle.numero == 2
    assert lu.valeurs["7.2", "delai_orientation_h"] == "120"
    changee, autre = lu.clause("6.3"), lu.clause("5.2")
    assert changee.positions == {
        O: Position.A_EXAMINER,
        S: Position.PROPOSEE,
        E: Position.A_EXAMINER,
    }
    assert autre.accordee
    [fait] = [f for f in fil.faits(negociation.session, changee.ecrit.id) if f.genre is GenreFait.TEXTE]
    assert fait.avant.startswith("La revue a lieu chaque trimestre")
    assert fait.motif == "Version départementale n° 2"
    assert version.plus_recente(negociation.session, lu) is None
    with pytest.raises(DomainError) as refus:
        suivre(negociation)
    assert refus.value.code == "redaction.version_a_jour"


def test_an_earlier_moment_is_read_on_the_version_that_it_followed(negociation: Negociation) -> None:
    session, moi = negociation.session, negociation.voix[S]
    negociation.negocier()
    autre = autre_modele({"6.3": {"texte": "La revue a lieu chaque mois."}})
    publier(session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"}, general=autre)
    suivre(negociation)
    negociation.ecrire(E, "5.2", freq_eval_mois="4")
    lu = negociation.lire()

    def depuis(numero: int) -> dict[str, str]:
        cotes = (f"{comparaison.MOMENT}{numero}", comparaison.CONVENTION)
        avant, apres = (comparaison.cote(session, moi, lu, cote) for cote in cotes)
        ecarts = comparaison.comparer(avant, apres).ecarts
        return {e.code: "".join(s.texte for s in e.segments if s.sort is Sort.RETIRE) for e in ecarts}

    dernier, version_suivie = (moment.numero for moment in comparaison.moments(session, lu))
    assert depuis(dernier) == {"5.2": "6"}
    avant = depuis(version_suivie)
    assert "trimestre" in avant.pop("6.3")
    assert avant == {"5.2": "6", "7.2": "168"}


def test_a_version_that_changes_green_alone_is_a_moment_too(negociation: Negociation) -> None:
    publier(negociation.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    suivre(negociation)
    lu, session = negociation.lire(), negociation.session
    [moment] = comparaison.moments(session, lu)
    cotes = (f"{comparaison.MOMENT}{moment.numero}", comparaison.CONVENTION)
    avant, apres = (comparaison.cote(session, negociation.voix[E], lu, cote) for cote in cotes)
    assert [ecart.code for ecart in comparaison.comparer(avant, apres).ecarts] == ["7.2"]


def test_what_the_parties_wrote_stays_unless_the_new_version_refuses_it(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.ecrire(S, "5.2", freq_eval_mois="12", texte="Tous les {{freq_eval_mois}}, sans faute.")
    negociation.ecrire(E, "5.1", referent="l’équipe mobile")
    negociation.dire(O, "5.1", Position.RESERVE, "Nous n’en avons pas.")
    plus_court = replace(FREQUENCE, maximum=9)
    publier(
        negociation.session,
        numero=2,
        general=autre_modele(
            {
                "5.2": {"parametres": (plus_court,)},
                "5.1": {"texte": "Chaque ménage a son référent : {{referent}}.", "parametres": (REFERENT,)},
            }
        ),
    )
    suite = version.suite(negociation.session, negociation.voix[S], negociation.lire())
    assert suite is not None
    assert [(p.clause, p.parametre, p.valeur) for p in suite.perdues] == [("5.2", "freq_eval_mois", "12")]
    ancienne = negociation.clause("5.2").version
    suivre(negociation, E)
    lu = negociation.lire()
    assert lu.clause("5.2").ecrit.texte == "Tous les {{freq_eval_mois}}, sans faute."
    assert lu.clause("5.2").ecrit.valeurs == {}
    assert lu.clause("5.1").ecrit.valeurs == {"referent": "l’équipe mobile"}
    assert lu.clause("5.1").positions[E] is Position.PROPOSEE
    assert lu.clause("5.1").positions[O] is Position.A_EXAMINER
    # What someone was writing on the former version does not go over the new one.
    with pytest.raises(StaleVersion):
        service.modifier(
            negociation.session,
            negociation.clock,
            negociation.voix[S],
            negociation.ref,
            "5.2",
            ancienne,
            valeurs={"freq_eval_mois": "8"},
        )


def test_clauses_come_and_go_with_the_version(negociation: Negociation) -> None:
    publier(
        negociation.session,
        numero=2,
        general=autre_modele(
            {"5.1": {"couleur": Couleur.FIXE, "texte": "Chaque ménage a un référent.", "parametres": ()}}
        ),
    )
    suivre(negociation)
    lu = negociation.lire()
    assert not lu.clause("5.1").negociable
    publier(negociation.session, numero=3)
    suivre(negociation, numero=3)
    assert negociation.lire().clause("5.1").negociable


def test_a_clause_that_comes_back_otherwise_written_is_examined_again(negociation: Negociation) -> None:
    def natures(codes: dict[str, int]) -> None:
        ligne, acteur = negociation.ligne, negociation.voix[S]
        lignes.modifier(
            negociation.session,
            negociation.clock,
            acteur,
            ligne.ref,
            ligne.version,
            natures=codes,
            mode=None,
            notes="",
        )

    negociation.negocier()
    natures({"CHU": 12, "CHRS_INS": 20})
    for partie in Partie:
        negociation.dire(partie, "7.3-CHRS", Position.ACCEPTEE)
    natures({"CHU": 12})
    autre = autre_modele({"7.3-CHRS": {"texte": "Le refus est motivé et notifié au ménage."}})
    publier(negociation.session, numero=2, general=autre)
    suivre(negociation)
    natures({"CHU": 12, "CHRS_INS": 20})
    lue = negociation.lire().clause("7.3-CHRS")
    assert set(lue.positions.values()) == {Position.A_EXAMINER}


def test_frozen_and_settled_texts_never_move(negociation: Negociation) -> None:
    negociation.negocier()
    negociation.accorder_tout()
    ligne = negociation.ligne
    lignes.avancer(
        negociation.session, negociation.clock, negociation.voix[S], ligne.ref, ligne.version, "accorder"
    )
    publier(negociation.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    lu = negociation.lire()
    assert version.plus_recente(negociation.session, lu) is None
    with pytest.raises(DomainError) as refus:
        suivre(negociation)
    assert refus.value.code == "redaction.etat"
    assert negociation.lire().valeurs["7.2", "delai_orientation_h"] == "168"


def test_a_version_published_after_the_one_that_was_read_is_not_taken_unread(
    negociation: Negociation,
) -> None:
    publier(negociation.session, numero=2)
    publier(negociation.session, numero=3)
    with pytest.raises(DomainError) as refus:
        suivre(negociation, numero=2)
    assert refus.value.code == "redaction.version_autre"


def test_the_operator_reads_the_difference_and_does_not_decide(negociation: Negociation) -> None:
    publier(negociation.session, numero=2)
    with pytest.raises(Forbidden):
        suivre(negociation, O)


def test_the_page_shows_the_difference_and_takes_it(negociation: Negociation, client_for: Clients) -> None:
    negociation.negocier()
    publier(negociation.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    negociation.session.commit()
    adresse = f"/conventions/{negociation.ref}/texte"
    siao, operateur = client_for(negociation.voix[S]), client_for(negociation.voix[O])
    html = siao.get(adresse).get_data(as_text=True)
    assert "Une version plus récente du département est publiée" in html
    html = operateur.get(f"{adresse}/version").get_data(as_text=True)
    assert re.search(r"<ins>(<span[^>]*>[^<]*</span>)?120</ins> heures", html)
    assert "Accepter ces différences" not in html
    lu = negociation.lire()
    envoi = {"version": str(lu.version), "numero": "2"}
    assert operateur.post(f"{adresse}/version", data=envoi).status_code == 403
    perime = siao.post(f"{adresse}/version", data=envoi | {"version": "999"})
    assert perime.status_code == 409
    assert siao.post(f"{adresse}/version", data=envoi).status_code == 303
    negociation.session.rollback()
    assert negociation.lire().socle.numero == 2
    html = siao.get(adresse).get_data(as_text=True)
    assert "Une version plus récente" not in html
    assert "Rien à suivre" in siao.get(f"{adresse}/version").get_data(as_text=True)


def test_what_a_version_no_longer_asks_for_is_named_in_words(
    negociation: Negociation, client_for: Clients
) -> None:
    negociation.negocier()
    negociation.ecrire(S, "5.2", freq_eval_mois="9")
    publier(
        negociation.session,
        numero=2,
        general=autre_modele({"5.2": {"texte": "La situation est revue.", "parametres": ()}}),
    )
    negociation.session.commit()
    html = client_for(negociation.voix[S]).get(f"/conventions/{negociation.ref}/texte/version").text
    _avant, _titre, perdues = html.partition("Ce qui ne tient plus")
    perdues = perdues.partition("</ul>")[0]
    assert "Fréquence de l’évaluation (9 mois)" in perdues
    assert "freq_eval_mois" not in perdues


def test_a_frozen_text_has_nothing_to_follow_on_screen(negociation: Negociation, client_for: Clients) -> None:
    publier(negociation.session, numero=2)
    negociation.session.execute(update(ConventionTexte).values(fige_le=negociation.clock.now()))
    negociation.session.commit()
    html = (
        client_for(negociation.voix[S])
        .get(f"/conventions/{negociation.ref}/texte/version")
        .get_data(as_text=True)
    )
    assert "figé ou signé, il ne bouge pas" in html
