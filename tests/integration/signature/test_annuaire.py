"""The directory in the text of a convention: as it stands on the day of the freezing (domaine.md § 4.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.annuaire import service as annuaire
from portal.annuaire import titulaires
from portal.annuaire.enums import Role
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Article, Clause, Parametre, TypeParametre
from portal.conventions.models import Convention
from portal.conventions.redaction import annuaire as tires
from portal.conventions.redaction import comparaison, ouverture, queries
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature import delegations
from portal.conventions.signature.canonique import document
from portal.conventions.signature.composer import contenu
from portal.conventions.signature.enums import Sorte
from portal.conventions.signature.fichiers import composer, rendre
from portal.documents.texte import Couleur
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError
from tests import rendus
from tests.factories import INSTANT
from tests.integration.redaction.conftest import Negociation
from tests.integration.signature.conftest import Signature
from tests.textes import modele, publier

JAUNE = Couleur.JAUNE
PLUS = (
    Article(
        "PAR",
        "Parties",
        (
            Clause(
                "PAR",
                "Parties",
                JAUNE,
                "L’opérateur est représenté par {{operateur_representant}}.",
                (Parametre("operateur_representant", "Représentant de l’opérateur", JAUNE),),
            ),
        ),
    ),
    Article(
        "8",
        "Coordination",
        (
            Clause(
                "8.4",
                "Référent SIAO",
                JAUNE,
                "Référent SIAO : {{referent_siao}}. Suppléant : {{referent_suppleant}}. À joindre : "
                "{{referent_adresse}}.",
                (
                    Parametre("referent_siao", "Référent SIAO", JAUNE),
                    Parametre("referent_suppleant", "Suppléant", JAUNE, obligatoire=False),
                    Parametre("referent_adresse", "Adresse", JAUNE, obligatoire=False),
                ),
            ),
        ),
    ),
    Article(
        "ANN",
        "Annexes",
        (
            Clause(
                "ANN-B",
                "Référents",
                JAUNE,
                "Interlocuteurs.\n\n{{tableau_referents}}",
                (Parametre("tableau_referents", "Référents", JAUNE, TypeParametre.TEXTE_LONG),),
            ),
        ),
    ),
)


@dataclass
class Ctp:
    """A line whose model shows what the directory gives, and its directory."""

    nego: Negociation
    siao: Actor

    @property
    def session(self) -> Session:
        return self.nego.session

    def nommer(
        self, organisation: Organisation, fonction: str, prenom: str, *, mention: str = "", email: str = ""
    ) -> Referent:
        return annuaire.ouvrir(
            self.session,
            self.nego.clock,
            self.siao,
            organisation,
            SaisieReferent(fonction_code=fonction, departement_code="22", mention=mention, email=email),
            SaisieTitulaire(prenom=prenom, nom="Exemple", du=date(2025, 1, 1), telephone="02 61 91 00 01"),
        )

    def confier(self, referent: Referent, prenom: str, role: Role = Role.TITULAIRE) -> None:
        typed = SaisieTitulaire(
            prenom=prenom, nom="Suivante", du=self.nego.clock.today(), role=role, telephone="02 61 91 00 02"
        )
        titulaires.confier(
            self.session, self.nego.clock, self.siao, referent, typed, version=referent.version
        )

    def lu(self) -> Texte:
        self.session.expire_all()
        texte = queries.texte(self.session, self.nego.voix[Partie.SIAO], self.nego.ref)
        return tires.completer(self.session, self.nego.clock, texte)

    def mots(self) -> str:
        fait = document(contenu(self.session, self.nego.ligne, self.lu()), projet=True, colore=False, pied="")
        return "\n".join(
            "".join(p.texte for p in bloc.passages)
            or "\n".join(" | ".join("".join(p.texte for p in c) for c in rang) for rang in bloc.lignes)
            for bloc in fait.blocs
        )


@pytest.fixture
def ctp(negociation: Negociation, factories: SimpleNamespace) -> Ctp:
    session, ancienne = negociation.session, negociation.ligne
    publier(session, numero=2, general=modele(plus=PLUS))
    operateur = factories.Organisation(nom="Association du Gel", siret="12345678200028")
    negociation.ligne = factories.Convention(
        operateur=operateur, siao=ancienne.siao, etat=ancienne.etat, natures={"CHU": 7}
    )
    siao = negociation.voix[Partie.SIAO]
    ligne: Convention = negociation.ligne
    ouverture.ouvrir(session, negociation.clock, siao, ligne.ref, ligne.version)
    return Ctp(negociation, siao)


def _voix(ctp: Ctp, actor_for: Callable[..., Actor]) -> None:
    ctp.nego.voix[Partie.OPERATEUR] = actor_for(Profil.OPERATEUR_DIRECTION, ctp.nego.ligne.operateur)


def test_the_text_follows_the_directory_and_says_who_is_to_be_named(ctp: Ctp) -> None:
    mots = ctp.mots()
    assert "Référent SIAO : à désigner par Association du Gel. Suppléant : à désigner." in mots
    assert "Opérateur | Référent SIAO | à désigner par Association du Gel" in mots
    assert "représenté par [à compléter : Représentant de l’opérateur]" in mots
    referent = ctp.nommer(
        ctp.nego.ligne.operateur, "referent_siao", "Camille", email="siao@association.example"
    )
    ctp.nommer(ctp.nego.ligne.operateur, "signataire", "Alex", mention="Directrice générale")
    ctp.nommer(ctp.nego.ligne.siao, "correspondant_si_siao", "Ange")
    ctp.confier(referent, "Dominique", Role.SUPPLEANT)
    mots = ctp.mots()
    assert "Référent SIAO : Camille Exemple. Suppléant : Dominique Suivante." in mots
    assert "À joindre : 02 61 91 00 01, siao@association.example." in mots
    assert "représenté par Alex Exemple, Directrice générale." in mots
    assert "SIAO | Correspondant SI SIAO | Ange Exemple |  | 02 61 91 00 01" in mots
    ctp.confier(referent, "Sacha")
    assert "Référent SIAO : Sacha Suivante." in ctp.mots()


def test_what_the_parties_write_completes_annex_b_and_replaces_elsewhere(ctp: Ctp) -> None:
    ctp.nommer(ctp.nego.ligne.operateur, "referent_siao", "Camille")
    ctp.nego.ecrire(Partie.SIAO, "8.4", referent_siao="le chef du pôle hébergement")
    ctp.nego.ecrire(Partie.SIAO, "ANN-B", tableau_referents="Astreinte de nuit : 115.")
    mots = ctp.mots()
    assert "Référent SIAO : le chef du pôle hébergement." in mots
    assert "| Camille Exemple |" in mots
    assert mots.index("| Camille Exemple |") < mots.index("Astreinte de nuit : 115.")
    ctp.nego.ecrire(Partie.SIAO, "8.4", referent_siao="")
    assert "Référent SIAO : Camille Exemple." in ctp.mots()


def test_an_earlier_moment_is_compared_with_what_the_directory_gives(ctp: Ctp) -> None:
    ctp.nommer(ctp.nego.ligne.operateur, "referent_siao", "Camille")
    ctp.nego.ecrire(Partie.SIAO, "8.4", referent_siao="le chef du pôle")
    ctp.nego.ecrire(Partie.SIAO, "ANN-B", tableau_referents="Astreinte de nuit : 115.")
    lu = ctp.lu()
    premier = comparaison.moments(ctp.session, lu)[-1]
    cotes = (f"{comparaison.MOMENT}{premier.numero}", comparaison.CONVENTION)
    avant, apres = (comparaison.cote(ctp.session, ctp.siao, lu, nom) for nom in cotes)
    assert "Référent SIAO : Camille Exemple." in avant["8.4"][1]
    assert "Référent SIAO : le chef du pôle." in apres["8.4"][1]
    assert "Camille Exemple" in avant["ANN-B"][1]
    lignes = [[ligne for ligne in cote["ANN-B"][1].splitlines() if ligne] for cote in (avant, apres)]
    assert lignes[1] == [*lignes[0], "Astreinte de nuit : 115."]


def test_a_delegation_counts_for_a_signatory_whose_account_came_after_the_appointment(
    ctp: Ctp, factories: SimpleNamespace, clock: FixedClock
) -> None:
    referent = ctp.nommer(ctp.nego.ligne.etat, "signataire", "Alex")
    referent.titulaires[0].email = "alex@etat.example"
    arrivee = factories.Personne(prenom="Alex", nom="Exemple", email="alex@etat.example")
    factories.Adhesion(personne=arrivee, organisation=ctp.nego.ligne.etat, profil=Profil.ETAT_AGENT)
    delegations.deleguer(
        ctp.session,
        clock,
        ctp.nego.voix[Partie.ETAT],
        personne_ref=arrivee.ref,
        qualite="Cheffe de service",
        reference="arrêté du 1er janvier 2026",
        du=date(2026, 1, 1),
    )
    signe = tires.signataires_de(ctp.session, clock, ctp.nego.ligne)[Partie.ETAT]
    assert (signe.qualite, signe.delegation, signe.personne_id) == (
        "Cheffe de service",
        "arrêté du 1er janvier 2026",
        arrivee.id,
    )


def test_only_the_representative_of_a_party_is_required(ctp: Ctp, actor_for: Callable[..., Actor]) -> None:
    _voix(ctp, actor_for)
    ctp.nego.negocier()
    ctp.nego.dire(Partie.OPERATEUR, "8.4", Position.ACCEPTEE)
    ctp.nego.dire(Partie.OPERATEUR, "ANN-B", Position.ACCEPTEE)
    with pytest.raises(DomainError, match=r"redaction\.a_completer"):
        ctp.nego.dire(Partie.OPERATEUR, "PAR", Position.ACCEPTEE)
    ctp.nommer(ctp.nego.ligne.operateur, "signataire", "Alex")
    ctp.nego.dire(Partie.OPERATEUR, "PAR", Position.ACCEPTEE)


def test_a_frozen_text_keeps_what_the_directory_said_that_day(
    ctp: Ctp, actor_for: Callable[..., Actor], clock: FixedClock
) -> None:
    _voix(ctp, actor_for)
    referent = ctp.nommer(ctp.nego.ligne.operateur, "referent_siao", "Camille")
    ctp.nommer(ctp.nego.ligne.operateur, "signataire", "Alex", mention="Directrice générale")
    ctp.nego.negocier()
    ctp.nego.accorder_tout()
    signature = Signature(ctp.nego)
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    fige = ctp.mots()
    assert "Référent SIAO : Camille Exemple." in fige
    ctp.confier(referent, "Sacha")
    assert ctp.mots() == fige
    signature.signer(Partie.OPERATEUR)
    lus = []
    for sorte in Sorte:
        octets = rendre(composer(ctp.session, clock, ctp.nego.ligne, sorte), sorte, INSTANT)
        lire = rendus.mots_pdf if sorte is Sorte.PDF else rendus.mots_docx
        lus.append("".join("".join(lire(octets)).split()))
    assert len(set(lus)) == 1
    assert "CamilleExemple" in lus[0]
    assert "SachaSuivante" not in lus[0]
    signature.avancer("rouvrir", motif="Le référent a changé.")
    assert "Référent SIAO : Sacha Suivante." in ctp.mots()


def test_a_function_held_from_tomorrow_is_not_in_the_text_of_today(ctp: Ctp) -> None:
    demain = ctp.nego.clock.today() + timedelta(days=1)
    referent = ctp.nommer(ctp.nego.ligne.operateur, "referent_siao", "Camille")
    typed = SaisieTitulaire(prenom="Sacha", nom="Suivante", du=demain, telephone="02 61 91 00 02")
    titulaires.confier(ctp.session, ctp.nego.clock, ctp.siao, referent, typed, version=referent.version)
    assert "Référent SIAO : Camille Exemple." in ctp.mots()


def test_the_circuit_proposes_who_signs_and_the_form_is_filled_in(
    ctp: Ctp, actor_for: Callable[..., Actor], client_for: Callable[..., FlaskClient]
) -> None:
    _voix(ctp, actor_for)
    ctp.nommer(ctp.nego.ligne.operateur, "signataire", "Alex", mention="Directrice générale")
    ctp.nego.negocier()
    ctp.nego.accorder_tout()
    signature = Signature(ctp.nego)
    signature.avancer("accorder")
    signature.avancer("mettre_en_signature")
    ctp.session.commit()
    client = client_for(ctp.siao)
    circuit = client.get(f"/conventions/{ctp.nego.ref}/circuit").get_data(as_text=True)
    assert "Alex Exemple" in circuit
    papier = client.get(f"/conventions/{ctp.nego.ref}/circuit/papier/operateur").get_data(as_text=True)
    assert 'value="Alex Exemple"' in papier
    assert 'value="Directrice générale"' in papier
