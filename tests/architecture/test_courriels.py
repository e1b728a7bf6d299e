"""The links that e-mails carry lead somewhere: each is the address of a page of the portal."""

import ast
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.config import ROOT

REFERENCE = "abcdefghijkl"  # stands for what only the message knows


def _des_modeles() -> Iterator[tuple[str, str]]:
    """Return each link that a template of e-mail writes, and where."""
    environment = Environment(extensions=[InternationalizationExtension], autoescape=True)
    racine = ROOT / "templates" / "emails"
    for fichier in sorted(racine.rglob("*.txt")):
        for filtre in environment.parse(fichier.read_text("utf-8")).find_all(nodes.Filter):
            morceaux = filtre.node.nodes if isinstance(filtre.node, nodes.Concat) else [filtre.node]
            if filtre.name == "lien" and isinstance(morceaux[0], nodes.Const):
                lus = [one.value if isinstance(one, nodes.Const) else REFERENCE for one in morceaux]
                yield fichier.relative_to(racine).as_posix(), "".join(lus)


def _du_code() -> Iterator[tuple[str, str]]:
    """Return each address that the code hands to an e-mail (`"chemin": …`), and where."""
    racine = ROOT / "portal"
    for fichier in sorted(racine.rglob("*.py")):
        for noeud in ast.walk(ast.parse(fichier.read_text("utf-8"))):
            paires: list[tuple[ast.expr | None, ast.expr]] = []
            if isinstance(noeud, ast.Dict):
                paires = list(zip(noeud.keys, noeud.values, strict=True))
            elif isinstance(noeud, ast.keyword):
                paires = [(ast.Constant(noeud.arg), noeud.value)]
            for cle, valeur in paires:
                if not (isinstance(cle, ast.Constant) and cle.value == "chemin"):
                    continue
                morceaux = valeur.values if isinstance(valeur, ast.JoinedStr) else [valeur]
                lus = [one.value if isinstance(one, ast.Constant) else REFERENCE for one in morceaux]
                if isinstance(lus[0], str) and lus[0].startswith("/"):
                    yield fichier.relative_to(racine).as_posix(), "".join(map(str, lus))


LIENS = sorted({*_des_modeles(), *_du_code()})


def test_links_are_found() -> None:
    assert len(LIENS) > 50


@pytest.mark.parametrize(("ou", "lien"), LIENS)
def test_a_link_of_an_email_is_the_address_of_a_page(app: Flask, ou: str, lien: str) -> None:
    adresses = app.url_map.bind("localhost")
    try:
        adresses.match(urlsplit(lien).path, "GET")
    except RequestRedirect:
        pytest.fail(f"{ou}: {lien} leads elsewhere")
    except HTTPException as faute:
        pytest.fail(f"{ou}: {lien} leads nowhere ({faute.code})")
