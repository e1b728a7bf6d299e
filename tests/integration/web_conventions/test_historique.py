"""The history of a line names every act in words."""

import re
from pathlib import Path

from portal.config import ROOT
from portal.conventions.avenants.workflow import WORKFLOW
from portal.web.conventions.historique import ACTIONS

_ACTE = re.compile(r'\bacte\(\s*session,\s*[\w.]+,\s*[\w.]+,\s*"([a-z_]+:[a-z_]+)"')
_ENTREE = re.compile(r'"conventions:((?:avenant|convention|engagement|texte):[a-z_]+)",\s*(?:ligne|fille)\b')
_DE_L_AVENANT = {"signer"}
"""Transitions fired by the last signature, which has its own act."""


def test_every_act_on_a_line_has_its_words_in_the_history() -> None:
    sources = [
        chemin.read_text(encoding="utf-8") for chemin in Path(ROOT, "portal/conventions").rglob("*.py")
    ]
    actes = {trouve for source in sources for motif in (_ACTE, _ENTREE) for trouve in motif.findall(source)}
    etapes = {f"avenant:{etape.name}" for etape in WORKFLOW if etape.name not in _DE_L_AVENANT}
    assert {"texte:tour", "texte:regler", "avenant:proposer"} <= actes
    assert sorted((actes | etapes) - ACTIONS.keys()) == []
