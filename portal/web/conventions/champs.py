"""Fields of this room's forms."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.utils import unset_value

from portal.web.organisations import nomenclatures

PLACES = "places-"


class ChampNatures(Field):
    """Natures to tick, each with its number of places: `data` is {code: places or None}.

    The page draws it (templates/conventions/_natures.html): boxes named after the field, and one number per
    nature, named `places-CODE`. A number typed beside an unticked box ticks it.
    """

    data: dict[str, int | None]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the boxes and the numbers together."""
        super().process(None, data, extra_filters)
        self.data = dict(self.data or {})
        self.saisies: Mapping[str, str] = {}
        if formdata is None:
            return
        connues = nomenclatures.natures()
        self.saisies = {code: formdata.get(PLACES + code, "").strip() for code in connues}
        cochees = set(formdata.getlist(self.name))
        self.data = {}
        for code in connues:
            if code not in cochees and not self.saisies[code]:
                continue
            try:
                self.data[code] = self._places(self.saisies[code])
            except ValueError as error:
                self.data[code] = None
                self.process_errors = [*self.process_errors, f"{connues[code]} : {error}"]

    def _places(self, texte: str) -> int | None:
        compact = "".join(texte.split())
        if not compact:
            return None
        if not compact.isdecimal() or len(compact) > 6:
            raise ValueError(_("écrivez un nombre entier de places, de 0 à 999 999."))
        return int(compact)

    def groupes(self) -> list[tuple[str, list[tuple[str, str, bool, str]]]]:
        """Return the natures by family: (code, label, ticked, places as typed)."""
        return [
            (famille, [(code, libelle, code in self.data, self._texte(code)) for code, libelle in natures])
            for famille, natures in nomenclatures.nature_choices().items()
        ]

    def _texte(self, code: str) -> str:
        if code in self.saisies:
            return self.saisies[code]
        places = self.data.get(code)
        return "" if places is None else str(places)

    def texte(self) -> str:
        """Return what is ticked, as a person reads it: always in one order, so that two fillings compare."""
        libelles = nomenclatures.natures()
        rangs = {code: rang for rang, code in enumerate(libelles)}
        return ", ".join(
            libelles.get(code, code) + (f" ({places})" if places is not None else "")
            for code, places in sorted(
                self.data.items(), key=lambda paire: (rangs.get(paire[0], len(rangs)), paire[0])
            )
        )
