"""What people type, cleaned once for every form: pasted text carries characters that no document can hold."""

from typing import IO, Any

from flask import Request
from werkzeug.formparser import FormDataParser

from portal.shared.text import without_controls


class _Parser(FormDataParser):
    def parse(self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Any = None) -> Any:
        stream, form, files = super().parse(stream, mimetype, content_length, options)
        typed = self.cls([(name, without_controls(text)) for name, text in form.items(multi=True)])
        return stream, typed, files


class Requete(Request):
    """A request whose form holds no control character but tabs and ends of lines (and the null one)."""

    form_data_parser_class = _Parser
