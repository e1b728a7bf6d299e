"""Valid HTML, nothing inline, nothing from elsewhere, nothing wider than the screen."""

import re
from collections import Counter

import html5lib
import pytest

from tests.browser.constats import Constat, Visite
from tests.browser.serveur import Site

# Routes that answer something else than a page, and those that only lead elsewhere.
SANS_PAGE = {
    "sante.healthz",
    "sante.readyz",
    "accueil.index",
    "accueil.session_ouverte",
    "comptes.qr",
    "facteur.qr",
    "conduite.papier",
    "conduite.veille",
    "conventions.veille",
    "conventions.export_csv",
    "conventions.export_xlsx",
    "conventions.document",
    "structures.communes",
    "travaux.fichier",
    "agenda.calendrier_prive",
    "annuaire.export_csv",
    "annuaire.export_vcf",
    "annuaire.export_xlsx",
    "annuaire.modele",
    "annuaire.vcard",
    "autorisations.document",
    "autorisations.formulaire",
    "autorisations.recu_pdf",
    "avenants.veille",
    "bilans.export_csv",
    "commissions.indicateurs_csv",
    "commissions.indicateurs_xlsx",
    "commissions.seance_ics",
    "bilans.export_docx",
    "bilans.export_xlsx",
    "fin_de_vie.copie",
    "modeles_import.document",
    "signature.acte_delegation",
    "signature.piece",
    "signature.recu",
    "recus.copie",
    "recus.envoi",
    "redaction.veille",
    "releves.docx",
    "releves.pdf",
    "remplissage.imprimee",
    "remplissage.vierge",
    "tours.veille",
}
POUR_LE_MENAGE = "css/menage"  # on a page put before a household, which speaks its language


def test_every_route_is_visited(visite: Visite, site: Site) -> None:
    visited = {vue.endpoint for vue in visite.vues} | SANS_PAGE
    routes = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    missing = sorted(routes - visited)
    assert not missing, missing


def test_every_document_is_parsed_without_error(constats: list[Constat]) -> None:
    found = []
    for constat in constats:
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(constat.vue.html)
        found += [f"{constat.vue.nom} : {error}" for error in parser.errors]
    assert not found, "\n".join(found)


def test_one_h1_and_the_language_of_the_reader(visite: Visite) -> None:
    for vue in visite.vues:
        assert len(re.findall(r"<h1[ >]", vue.html)) == 1, vue.nom
        assert f'<html lang="{vue.langue}">' in vue.html or POUR_LE_MENAGE in vue.html, vue.nom


def test_no_identifier_is_given_twice(visite: Visite) -> None:
    for vue in visite.vues:
        twice = [one for one, n in Counter(re.findall(r'\sid="([^"]*)"', vue.html)).items() if n > 1]
        assert not twice, f"{vue.nom} : {twice}"


def test_every_reference_has_its_target(visite: Visite) -> None:
    for vue in visite.vues:
        ids = set(re.findall(r'\sid="([^"]*)"', vue.html))
        named = re.findall(
            r'\s(?:for|form|aria-labelledby|aria-describedby|aria-controls|popovertarget)="([^"]*)"', vue.html
        )
        lost = {one for value in named for one in value.split()} - ids - {"dialogue-page-titre"}
        assert not lost, f"{vue.nom} : {lost}"


@pytest.mark.parametrize(
    "inline", [r"\sstyle=", r"\son[a-z]+=", r"<style", r"<script(?![^>]*\ssrc=)", "javascript:"]
)
def test_nothing_is_inline(visite: Visite, inline: str) -> None:
    for vue in visite.vues:
        tags = re.findall(r"<[a-zA-Z][^>]*>", vue.html)
        assert not [tag for tag in tags if re.search(inline, tag)], vue.nom


def test_the_console_stays_silent(constats: list[Constat]) -> None:
    found = [f"{constat.vue.nom} : {one}" for constat in constats for one in constat.console]
    assert not found, "\n".join(found)


def test_nothing_comes_from_elsewhere(constats: list[Constat]) -> None:
    found = [f"{constat.vue.nom} : {one}" for constat in constats for one in constat.ailleurs]
    assert not found, "\n".join(found)


def test_nothing_is_wider_than_320_pixels(constats: list[Constat]) -> None:
    found = [f"{c.vue.nom} : {c.debordement} px" for c in constats if c.debordement > 0]
    assert not found, "\n".join(found)
