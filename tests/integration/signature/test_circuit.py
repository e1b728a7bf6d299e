"""Freezing a text and having it signed: order, voids, one person a party, dates, what is told to whom."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select

from portal.annuaire import service as annuaire
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.audit.models import EntreeJournal
from portal.comptes.models import Adhesion
from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.models import ModeleAdoption
from portal.conventions.redaction.enums import FormeSignature, Position
from portal.conventions.redaction.forme import choix_de
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.regles import fin_par_defaut
from portal.conventions.signature import circuit, delegations, service
from portal.conventions.signature.canonique import empreinte
from portal.conventions.signature.models import ActeSignature
from portal.conventions.signature.parametres import FORME, LETTRE, MEME_SIGNATAIRE, OUI, TRIPARTITE
from portal.organisations import parametres
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.integration.signature.conftest import Signature


def code(appel: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refus:
        appel()
    return refus.value.code


def test_a_text_is_frozen_when_it_goes_to_signature(signature: Signature) -> None:
    fige, texte = signature.fige(), signature.session.get_one(ConventionTexte, signature.ligne.id)
    assert fige.numero == 1
    assert fige.empreinte == empreinte(fige.contenu) == texte.empreinte
    assert texte.fige_le == fige.fige_le
    assert texte.contenu_fige == fige.contenu
    assert [clause["code"] for clause in fige.contenu["clauses"]][:2] == ["1", "5.1"]


def test_those_who_sign_first_are_told_with_the_link(accord: Signature) -> None:
    accord.oublier()
    accord.avancer("mettre_en_signature")
    [message] = accord.ecrits()
    assert message.destinataire == accord.nego.voix[Partie.OPERATEUR].email
    assert f"/circuit/textes/{accord.fige().ref}" in message.corps
    assert "travailleur social" not in message.corps


def test_a_model_that_the_departement_has_not_adopted_blocks(accord: Signature) -> None:
    accord.session.execute(delete(ModeleAdoption).where(ModeleAdoption.partie == Partie.ETAT))
    assert code(lambda: accord.avancer("mettre_en_signature")) == "signature.modele_non_adopte"
    assert accord.ligne.statut is Statut.ACCORD_DE_PRINCIPE


def test_three_acceptances_make_the_convention_signed(signature: Signature) -> None:
    for partie in Partie:
        signature.signer(partie)
    ligne = signature.ligne
    jour = signature.nego.clock.today()
    assert ligne.statut is Statut.SIGNEE
    assert ligne.date_signature == ligne.date_effet == jour
    assert ligne.date_fin == fin_par_defaut(jour, 48)
    actes = signature.session.scalars(select(ActeSignature).order_by(ActeSignature.id)).all()
    assert [acte.partie for acte in actes] == list(Partie)
    assert {acte.qualite for acte in actes} == {"Directrice générale", "Directeur", "Préfète"}


def test_parties_sign_in_order(signature: Signature) -> None:
    assert code(lambda: signature.signer(Partie.ETAT)) == "conventions.signature_ordre"
    lu = circuit.circuit(
        signature.session, signature.nego.clock, signature.nego.voix[Partie.SIAO], signature.ligne.ref
    )
    assert lu.attendues == (Partie.OPERATEUR,)


def test_a_double_click_signs_once_and_gives_the_same_receipt(signature: Signature) -> None:
    premier = signature.signer(Partie.OPERATEUR)
    assert signature.signer(Partie.OPERATEUR).ref == premier.ref
    assert len(signature.session.scalars(select(ActeSignature)).all()) == 1


def test_another_fingerprint_than_the_present_one_is_refused(signature: Signature) -> None:
    assert code(lambda: signature.signer(Partie.OPERATEUR, "0" * 64)) == "signature.depasse"
    assert code(lambda: signature.signer(Partie.OPERATEUR, "")) == "signature.depasse"


def test_a_text_tampered_with_cannot_be_signed(signature: Signature) -> None:
    fige = signature.fige()
    fige.contenu = fige.contenu | {"titre": "Autre"}
    signature.session.flush()
    assert code(lambda: signature.signer(Partie.OPERATEUR)) == "signature.texte_altere"


def test_reopening_voids_the_signatures_and_says_so_to_everyone(signature: Signature) -> None:
    signature.signer(Partie.OPERATEUR)
    ancien = signature.fige()
    signature.oublier()
    signature.avancer("rouvrir", motif="Une erreur")
    assert signature.ligne.statut is Statut.EN_NEGOCIATION
    assert not signature.ligne.signatures
    assert ancien.annule_le is not None
    messages = signature.ecrits()
    voix = signature.nego.voix
    assert {m.destinataire for m in messages} == {voix[Partie.OPERATEUR].email, voix[Partie.ETAT].email}
    assert all("annulées" in m.corps and "Opérateur" in m.corps for m in messages)
    texte = signature.session.get_one(ConventionTexte, signature.ligne.id)
    assert (texte.fige_le, texte.empreinte, texte.contenu_fige) == (None, "", None)


def test_a_new_freezing_has_its_own_fingerprint_and_asks_everyone_again(signature: Signature) -> None:
    signature.signer(Partie.OPERATEUR)
    premiere = signature.fige().empreinte
    signature.avancer("rouvrir", motif="Une valeur")
    signature.nego.ecrire(Partie.SIAO, "5.2", freq_eval_mois="9")
    for partie in Partie:
        signature.nego.dire(partie, "5.2", Position.ACCEPTEE)
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    assert signature.fige().numero == 2
    assert signature.fige().empreinte != premiere
    assert code(lambda: signature.signer(Partie.OPERATEUR, premiere)) == "signature.depasse"


def test_the_same_text_frozen_again_has_the_same_fingerprint(signature: Signature) -> None:
    premiere = signature.fige().empreinte
    signature.avancer("rouvrir", motif="Relecture")
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    assert signature.fige().empreinte == premiere


def test_refusing_reopens_tells_everyone_and_voids(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    charge = actor_for(Profil.ETAT_AGENT, signature.ligne.etat)
    signature.ligne.responsable_id = charge.personne_id
    signature.signer(Partie.OPERATEUR)
    signature.oublier()
    service.refuser(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.SIAO],
        signature.ligne.ref,
        signature.fige().empreinte,
        motif="L’article 7.2 ne tient pas",
    )
    assert signature.ligne.statut is Statut.EN_NEGOCIATION
    assert not signature.ligne.signatures
    messages = signature.ecrits()
    voix = signature.nego.voix
    attendus = {voix[Partie.OPERATEUR].personne_id, voix[Partie.ETAT].personne_id, charge.personne_id}
    assert {m.personne_id for m in messages} == attendus
    assert len(messages) == 3
    assert all("L’article 7.2 ne tient pas" in m.corps for m in messages)
    entree = signature.session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "conventions:signature:refuser")
    ).one()
    assert entree.changements["statut"] == ["en_signature", "en_negociation"]
    assert entree.changements["raison"] == "L’article 7.2 ne tient pas"


def test_who_answers_for_the_function_in_charge_is_told(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    session, clock = signature.session, signature.nego.clock
    charge = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    fonction = annuaire.ouvrir(
        session,
        clock,
        signature.nego.voix[Partie.SIAO],
        signature.ligne.siao,
        SaisieReferent(
            fonction_code="referent_commission", departement_code="22", telephone="02 61 91 00 01"
        ),
        SaisieTitulaire(prenom="Ange", nom="Exemple", email=charge.email, du=date(2025, 1, 1)),
    )
    signature.ligne.responsable_fonction_id = fonction.id
    session.flush()
    signature.oublier()
    signature.avancer("rouvrir", motif="Une erreur")
    assert [message.personne_id for message in signature.ecrits()].count(charge.personne_id) == 1


@pytest.mark.parametrize("toutes", [False, True])
def test_nothing_is_told_to_who_was_in_charge_and_has_lost_their_access(
    signature: Signature, actor_for: Callable[..., Actor], toutes: bool
) -> None:
    session, ligne = signature.session, signature.ligne
    charge = actor_for(Profil.SIAO_REGULATEUR, ligne.siao)
    ligne.responsable_id = charge.personne_id
    session.get_one(Adhesion, charge.adhesion_id).revoquee_le = signature.nego.clock.now()
    session.flush()
    signature.oublier()
    if toutes:
        for partie in Partie:
            signature.signer(partie)
    else:
        signature.avancer("rouvrir", motif="Une erreur")
    assert charge.personne_id not in {message.personne_id for message in signature.ecrits()}


def test_refusing_asks_why(signature: Signature) -> None:
    refus = code(
        lambda: service.refuser(
            signature.session,
            signature.nego.clock,
            signature.nego.voix[Partie.OPERATEUR],
            signature.ligne.ref,
            signature.fige().empreinte,
            motif=" ",
        )
    )
    assert refus == "conventions.motif_obligatoire"


def test_a_withdrawn_signature_voids_the_text(signature: Signature) -> None:
    signature.signer(Partie.OPERATEUR)
    fige = signature.fige()
    lignes.retirer_signature(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.OPERATEUR],
        signature.ligne.ref,
        signature.ligne.version,
        partie=Partie.OPERATEUR,
        motif="Erreur de signataire",
    )
    assert fige.annule_le is not None


def test_recording_a_signature_outside_of_the_circuit_is_refused(signature: Signature) -> None:
    refus = code(
        lambda: lignes.enregistrer_signature(
            signature.session,
            signature.nego.clock,
            signature.nego.voix[Partie.SIAO],
            signature.ligne.ref,
            signature.ligne.version,
            partie=Partie.OPERATEUR,
            signee_le=signature.nego.clock.today(),
        )
    )
    assert refus == "signature.par_le_circuit"


def deposer(signature: Signature, acteur: Actor, partie: Partie, le: date, nom: str = "Dominique F.") -> Any:
    return service.deposer(
        signature.session,
        signature.nego.clock,
        acteur,
        signature.ligne.ref,
        signature.fige().empreinte,
        partie=partie,
        signee_le=le,
        nom=nom,
        qualite="Président",
        fichier_id=signature.fichier(),
    )


def test_the_paper_of_a_party_is_recorded_by_siao(signature: Signature) -> None:
    le = signature.nego.clock.today()
    acte = deposer(signature, signature.nego.voix[Partie.SIAO], Partie.OPERATEUR, le)
    assert acte.fichier_id is not None
    assert acte.personne_id is None
    assert [s.signee_le for s in signature.ligne.signatures] == [le]


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [(1, "conventions.signature_future"), (-1, "signature.date_avant_gel"), (-20000, "date_absurde")],
)
def test_absurd_dates_of_a_paper_are_refused(signature: Signature, jours: int, attendu: str) -> None:
    le = signature.nego.clock.today() + timedelta(days=jours)
    siao = signature.nego.voix[Partie.SIAO]
    assert code(lambda: deposer(signature, siao, Partie.OPERATEUR, le)) == attendu


def test_an_operator_brings_its_own_paper_only(signature: Signature) -> None:
    operateur = signature.nego.voix[Partie.OPERATEUR]
    le = signature.nego.clock.today()
    refus = code(lambda: deposer(signature, operateur, Partie.ETAT, le))
    assert refus == "conventions.signature_autre_partie"


def test_the_line_of_another_operator_does_not_exist(signature: Signature) -> None:
    with pytest.raises(NotVisible):
        signature.signer(Partie.OPERATEUR, actor=signature.nego.ailleurs)


def test_a_manager_reads_and_does_not_sign(signature: Signature) -> None:
    with pytest.raises(Forbidden):
        signature.signer(Partie.OPERATEUR, actor=signature.nego.gestionnaire)


def test_an_agent_signs_only_when_delegated(signature: Signature, actor_for: Callable[..., Actor]) -> None:
    signature.signer(Partie.OPERATEUR)
    siao = signature.nego.voix[Partie.SIAO]
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    assert code(lambda: signature.signer(Partie.SIAO, actor=agent)) == "signature.delegation_requise"
    donnee = delegations.deleguer(
        signature.session,
        signature.nego.clock,
        siao,
        personne_ref=agent.personne_ref,
        qualite="Directrice adjointe",
        reference="Délibération du 3 février 2026",
        du=date(2026, 1, 1),
    )
    acte = signature.signer(Partie.SIAO, actor=agent, qualite="")
    assert (acte.qualite, acte.delegation) == ("Directrice adjointe", "Délibération du 3 février 2026")
    delegations.retirer(signature.session, signature.nego.clock, siao, donnee.ref)
    assert delegations.habilitation(signature.session, agent, signature.ligne, date(2026, 3, 2)) is None


def test_a_delegation_that_has_ended_allows_nothing(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    delegations.deleguer(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.SIAO],
        personne_ref=agent.personne_ref,
        qualite="Adjointe",
        reference="Acte",
        du=date(2025, 1, 1),
        au=date(2026, 3, 1),
    )
    assert delegations.habilitation(signature.session, agent, signature.ligne, date(2026, 3, 1)) is not None
    assert delegations.habilitation(signature.session, agent, signature.ligne, date(2026, 3, 2)) is None
    signature.oublier()
    signature.signer(Partie.OPERATEUR)
    assert agent.personne_id not in {message.personne_id for message in signature.ecrits()}


def test_nobody_delegates_for_another_organisation(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    etat = signature.nego.voix[Partie.ETAT]
    refus = code(
        lambda: delegations.deleguer(
            signature.session,
            signature.nego.clock,
            etat,
            personne_ref=agent.personne_ref,
            qualite="Adjointe",
            reference="Acte",
            du=date(2026, 1, 1),
        )
    )
    assert refus == "signature.personne"
    with pytest.raises(Forbidden):
        delegations.deleguer(
            signature.session,
            signature.nego.clock,
            agent,
            personne_ref=agent.personne_ref,
            qualite="Adjointe",
            reference="Acte",
            du=date(2026, 1, 1),
        )


def meme_siren(signature: Signature) -> None:
    for organisation in (signature.ligne.operateur, signature.ligne.siao):
        organisation.siren = "123456782"
    signature.session.flush()


def regler(signature: Signature, parametre: Any, valeur: str) -> None:
    parametres.set_value(
        signature.session,
        signature.nego.voix[Partie.ETAT],
        signature.nego.clock,
        parametre.key,
        "22",
        valeur,
    )


def deux_casquettes(signature: Signature) -> Actor:
    """Return the person who signs for the operator, in the SIAO's team."""
    operateur, siao = signature.nego.voix[Partie.OPERATEUR], signature.nego.voix[Partie.SIAO]
    return Actor(
        **{
            nom: getattr(siao, nom)
            for nom in Actor.__dataclass_fields__
            if nom not in ("personne_id", "personne_ref", "nom", "email")
        },
        personne_id=operateur.personne_id,
        personne_ref=operateur.personne_ref,
        nom=operateur.nom,
        email=operateur.email,
    )


def test_one_person_does_not_sign_for_two_parties(signature: Signature) -> None:
    meme_siren(signature)
    signature.signer(Partie.OPERATEUR)
    meme = deux_casquettes(signature)
    assert code(lambda: signature.signer(Partie.SIAO, actor=meme)) == "signature.meme_personne"
    nom = signature.nego.voix[Partie.OPERATEUR].nom
    siao, le = signature.nego.voix[Partie.SIAO], signature.nego.clock.today()
    refus = code(lambda: deposer(signature, siao, Partie.SIAO, le, nom.upper()))
    assert refus == "signature.meme_personne"


def test_the_departement_may_let_one_person_sign_for_a_whole_legal_person(
    accord: Signature,
) -> None:
    meme_siren(accord)
    regler(accord, MEME_SIGNATAIRE, OUI)
    accord.avancer("mettre_en_signature")
    accord.signer(Partie.OPERATEUR)
    accord.signer(Partie.SIAO, actor=deux_casquettes(accord))
    assert len(accord.ligne.signatures) == 2


def test_two_different_legal_persons_never_share_a_signatory(signature: Signature) -> None:
    regler(signature, MEME_SIGNATAIRE, OUI)
    signature.signer(Partie.OPERATEUR)
    meme = deux_casquettes(signature)
    assert code(lambda: signature.signer(Partie.SIAO, actor=meme)) == "signature.meme_personne"


def test_in_a_two_party_letter_the_legal_person_signs_once(accord: Signature) -> None:
    meme_siren(accord)
    regler(accord, FORME, LETTRE)
    accord.avancer("mettre_en_signature")
    accord.signer(Partie.SIAO)
    assert {s.partie for s in accord.ligne.signatures} == {Partie.OPERATEUR, Partie.SIAO}
    accord.signer(Partie.ETAT)
    assert accord.ligne.statut is Statut.SIGNEE


def test_a_reminder_carries_the_link_once_a_day(signature: Signature) -> None:
    def relancer() -> int:
        return service.relancer(
            signature.session,
            signature.nego.clock,
            signature.nego.voix[Partie.SIAO],
            signature.ligne.ref,
        )

    assert relancer() == 1
    [message] = signature.ecrits()
    assert f"/circuit/textes/{signature.fige().ref}" in message.corps
    assert code(relancer) == "signature.relance_recente"
    clock = signature.nego.clock
    clock.instant = datetime(2026, 3, 2, 22, 50, tzinfo=UTC)
    assert code(relancer) == "signature.relance_recente"
    clock.instant = datetime(2026, 3, 2, 23, 10, tzinfo=UTC)  # already the next day in Bretagne
    assert relancer() == 1


def test_the_journal_keeps_what_was_signed(signature: Signature) -> None:
    signature.signer(Partie.OPERATEUR)
    entree = signature.session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "conventions:signature:accepter")
    ).one()
    assert entree.changements["empreinte"] == signature.fige().empreinte
    assert entree.changements["signatures"] == [{}, {"operateur": "2026-03-02"}]


def test_a_line_without_a_text_is_signed_as_before(signature: Signature, factories: SimpleNamespace) -> None:
    autre = factories.Convention(
        operateur=factories.Organisation(),
        siao=signature.ligne.siao,
        etat=signature.ligne.etat,
        statut=Statut.EN_SIGNATURE,
    )
    lignes.enregistrer_signature(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.SIAO],
        autre.ref,
        autre.version,
        partie=Partie.OPERATEUR,
        signee_le=signature.nego.clock.today(),
    )
    assert len(autre.signatures) == 1


@pytest.mark.parametrize("avant", [FORME, MEME_SIGNATAIRE])
def test_a_rule_that_changes_during_the_signature_leaves_the_form_of_the_frozen_text(
    accord: Signature, avant: Any
) -> None:
    meme_siren(accord)
    lettre = avant is FORME
    regler(accord, avant, LETTRE if lettre else OUI)
    accord.avancer("mettre_en_signature")
    accord.signer(Partie.OPERATEUR)
    regler(accord, FORME, TRIPARTITE if lettre else LETTRE)
    if not lettre:
        accord.signer(Partie.SIAO, actor=deux_casquettes(accord))
    accord.signer(Partie.ETAT)
    assert accord.ligne.statut is Statut.SIGNEE
    montree = choix_de(accord.session, accord.nego.lire())
    assert montree is not None
    assert montree.forme is (FormeSignature.LETTRE if lettre else FormeSignature.MEME_SIGNATAIRE)
    assert empreinte(accord.fige().contenu) == accord.fige().empreinte
