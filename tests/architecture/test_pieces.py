"""What pages share is kept under what it was rendered from: a piece may read nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, meta, nodes

from portal.config import ROOT
from portal.web.application import Portail

TEMPLATES = ROOT / "templates"
# The language is a part of every key, and an address says the same to everyone.
CONSTANT = {"_", "ngettext", "asset", "caller", "lang", "trou", "url_for"}
ENVIRONMENT = Environment(autoescape=True, extensions=["jinja2.ext.do"])


def _parsed(path: Path) -> nodes.Template:
    return ENVIRONMENT.parse(path.read_text("utf-8"))


def _calls() -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield the pieces that templates show: template, variables, holes."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for call in _parsed(path).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "piece":
                name, *holes = call.args
                assert isinstance(name, nodes.Const)
                filled = {key for hole in holes for key in (p.key.value for p in hole.items)}  # type: ignore[attr-defined]
                yield name.value, {keyword.key for keyword in call.kwargs}, filled


PIECES = list(_calls())


def test_the_layout_has_pieces() -> None:
    assert {"layouts/_entete.html", "layouts/_navigation.html"} <= {name for name, *_ in PIECES}


@pytest.mark.parametrize(("name", "variables", "holes"), PIECES, ids=[name for name, *_ in PIECES])
def test_a_piece_reads_its_variables_alone(name: str, variables: set[str], holes: set[str]) -> None:
    source = _parsed(TEMPLATES / name)
    assert meta.find_undeclared_variables(source) <= CONSTANT | variables
    opened = set(re.findall(r"""trou\(['"](\w+)['"]\)""", (TEMPLATES / name).read_text("utf-8")))
    assert opened == holes
    for imported in meta.find_referenced_templates(source):
        assert imported is not None
        assert meta.find_undeclared_variables(_parsed(TEMPLATES / imported)) <= CONSTANT


def test_no_template_is_compiled_twice() -> None:
    sources = {path.relative_to(TEMPLATES).as_posix(): "" for path in TEMPLATES.rglob("*.html")}
    jinja = Portail("essai").jinja_env
    jinja.loader = DictLoader(sources)
    compiled = {name: jinja.get_template(name) for name in sources}
    assert all(jinja.get_template(name) is template for name, template in compiled.items())
