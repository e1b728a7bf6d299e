"""Renewing: one linked draft on the current version, filled from the former convention, gap shown."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.conventions import service as lignes
from portal.conventions.avenants.renouvellement import renouvellement, trou_prevu
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.redaction import comparaison, ouverture, queries
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import ConventionTexte
from portal.organisations.enums import TypeOrganisation
from tests.integration.avenants.conftest import modele_date
from tests.integration.signature.conftest import Signature
from tests.textes import publier


def _renouveler(signee: Signature) -> Convention:
    siao = signee.nego.voix[Partie.SIAO]
    return lignes.renouveler(signee.session, signee.nego.clock, siao, signee.ligne.ref)


def _lire(signee: Signature, ligne: Convention) -> queries.Texte:
    return queries.texte(signee.session, signee.nego.voix[Partie.SIAO], ligne.ref)


def test_the_draft_takes_over_what_the_former_convention_says(signee: Signature) -> None:
    publier(signee.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"}, general=modele_date())
    fille = _renouveler(signee)
    lu = _lire(signee, fille)
    assert fille.statut is Statut.PROJET
    assert fille.remplace_id == signee.ligne.id
    assert lu.socle.numero == 2
    assert lu.valeurs["5.1", "referent"] == "un travailleur social"
    assert lu.valeurs["7.2", "delai_orientation_h"] == "120"
    assert signee.ligne.fin_effective is not None
    demain = signee.ligne.fin_effective + timedelta(days=1)
    assert lu.valeurs["10.1", "date_effet"] == demain.isoformat()


def test_nothing_is_accepted_in_the_name_of_anyone(signee: Signature) -> None:
    lu = _lire(signee, _renouveler(signee))
    assert {position for lue in lu.negociees for position in lue.positions.values()} == {Position.A_EXAMINER}


def test_the_former_convention_is_a_side_of_the_comparison(signee: Signature) -> None:
    publier(signee.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    lu = _lire(signee, _renouveler(signee))
    siao = signee.nego.voix[Partie.SIAO]
    avant = comparaison.cote(signee.session, siao, lu, comparaison.PRECEDENTE)
    apres = comparaison.cote(signee.session, siao, lu, comparaison.CONVENTION)
    assert [ecart.code for ecart in comparaison.comparer(avant, apres).ecarts] == ["7.2"]
    dite = renouvellement(signee.session, siao, lu, date(2026, 1, 1))
    assert dite is not None
    assert dite.ecarts == 1
    assert dite.trou == 0


def test_the_gap_between_the_two_is_an_anomaly(signee: Signature) -> None:
    publier(signee.session, numero=2, general=modele_date())
    fille = _renouveler(signee)
    siao, fin = signee.nego.voix[Partie.SIAO], signee.ligne.fin_effective
    assert fin is not None
    en_cours = renouvellement(signee.session, siao, _lire(signee, fille), fin)
    assert en_cours is not None
    assert en_cours.trou == 0
    trop_tard = renouvellement(signee.session, siao, _lire(signee, fille), fin + timedelta(days=11))
    assert trop_tard is not None
    assert trop_tard.trou == 10


@pytest.mark.parametrize(
    ("effet", "jour", "jours"),
    [
        (date(2026, 12, 13), date(2026, 6, 1), 0),
        (date(2027, 1, 1), date(2026, 6, 1), 19),
        (None, date(2026, 12, 13), 0),
        (date(2026, 12, 13), date(2026, 12, 20), 7),
        (date(2026, 6, 1), date(2026, 6, 1), 0),
    ],
)
def test_days_without_a_convention(effet: date | None, jour: date, jours: int) -> None:
    assert trou_prevu(date(2026, 12, 12), effet, jour) == jours


def test_a_convention_only_followed_is_renewed_as_such_until_its_text_is_opened(
    session: Session, signee: Signature, factories: SimpleNamespace
) -> None:
    ligne = signee.ligne
    ailleurs = factories.Convention(
        operateur=factories.Organisation(),
        siao=ligne.siao,
        etat=ligne.etat,
        statut=Statut.SIGNEE,
        date_signature=date(2023, 1, 1),
        date_effet=date(2023, 1, 1),
        date_fin=date(2026, 12, 31),
        natures={"CHU": 3},
    )
    siao, clock = signee.nego.voix[Partie.SIAO], signee.nego.clock
    fille = lignes.renouveler(session, clock, siao, ailleurs.ref)
    assert session.get(ConventionTexte, fille.id) is None
    ouverture.ouvrir(session, clock, siao, fille.ref, fille.version)
    lu = _lire(signee, fille)
    assert not comparaison.a_une_precedente(session, lu)
    dite = renouvellement(session, signee.nego.voix[Partie.SIAO], lu, date(2026, 1, 1))
    assert dite is not None
    assert dite.ecarts is None


def test_a_renewal_without_a_text_leads_to_it_in_one_click(
    session: Session, signee: Signature, factories: SimpleNamespace, client_for: Callable[..., FlaskClient]
) -> None:
    ligne = signee.ligne
    ailleurs = factories.Convention(
        operateur=ligne.operateur,
        siao=factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Fictif du littoral"),
        etat=ligne.etat,
        statut=Statut.SIGNEE,
        date_signature=date(2023, 1, 1),
        date_effet=date(2023, 1, 1),
        date_fin=date(2026, 12, 31),
        natures={"CHU": 3},
    )
    session.commit()
    etat = client_for(signee.nego.voix[Partie.ETAT])
    page = etat.post(f"/conventions/{ailleurs.ref}/renouveler", data={}, follow_redirects=True)
    [(adresse, _libelle)] = re.findall(
        r'class="bouton bouton-principal"\s+href="([^"]*)"[^>]*>\s*(Rédiger le texte)', page.text
    )
    ouvrir = etat.get(adresse)
    assert ouvrir.status_code == 200
    assert "Ouvrir le texte" in ouvrir.text
    operateur = client_for(signee.nego.voix[Partie.OPERATEUR])
    assert "Rédiger le texte" not in operateur.get(page.request.path).text


def test_without_a_published_version_the_line_waits(
    session: Session, signee: Signature, factories: SimpleNamespace
) -> None:
    ligne = signee.ligne
    sans = factories.Convention(
        operateur=factories.Organisation(),
        siao=ligne.siao,
        etat=ligne.etat,
        statut=Statut.SIGNEE,
        date_signature=date(2023, 1, 1),
        date_effet=date(2023, 1, 1),
        date_fin=date(2026, 12, 31),
        natures={},
    )
    fille = lignes.renouveler(session, signee.nego.clock, signee.nego.voix[Partie.SIAO], sans.ref)
    assert fille.statut is Statut.PROJET
    assert session.get(ConventionTexte, fille.id) is None


def test_natures_added_to_the_line_do_not_move_what_was_signed(signee: Signature) -> None:
    avant = _lire(signee, signee.ligne).composition.codes
    lignes.modifier(
        signee.session,
        signee.nego.clock,
        signee.nego.voix[Partie.SIAO],
        signee.ligne.ref,
        signee.ligne.version,
        natures={"CHU": 12, "RS": 20},
        mode=None,
        notes="",
    )
    assert _lire(signee, signee.ligne).composition.codes == avant


def test_the_notice_of_a_termination_is_that_of_the_text(signee: Signature) -> None:
    neuve = publier(
        signee.session,
        numero=2,
        valeurs={("10.3", "preavis_resiliation_mois"): "4"},
        general=modele_date(),
    )
    assert lignes.preavis_de(signee.session, signee.ligne) == 2
    texte = signee.session.get_one(ConventionTexte, signee.ligne.id)
    texte.version_departementale_id = neuve.version.id
    signee.session.flush()
    assert lignes.preavis_de(signee.session, signee.ligne) == 4


def test_a_termination_tells_the_three_parties(signee: Signature) -> None:
    jour = date(2026, 3, 2)
    lignes.resilier(
        signee.session,
        signee.nego.clock,
        signee.nego.voix[Partie.SIAO],
        signee.ligne.ref,
        signee.ligne.version,
        motif="Les engagements ne sont pas tenus.",
        notifiee_le=jour,
        mise_en_demeure_le=jour - timedelta(days=30),
    )
    assert signee.ligne.resiliation_effet == date(2026, 5, 2)
    assert {m.personne_id for m in signee.ecrits()} == {
        signee.nego.voix[partie].personne_id for partie in (Partie.OPERATEUR, Partie.ETAT)
    }
