"""What the pages of a signature share."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.conventions.signature import circuit
from portal.conventions.signature.circuit import Circuit
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, Forbidden
from portal.web.context import clock, current_actor, db, settings

PDF = frozenset({TypeFichier.PDF})


def lire(convention_ref: str, permission: Permission | None = None) -> tuple[Actor, Circuit]:
    """Return who acts and the circuit of a line it may see; raises NotVisible, then Forbidden."""
    actor = current_actor()
    lu = circuit.circuit(db(), clock(), actor, convention_ref)
    if permission is not None and not can(actor, permission, lu.ligne):
        raise Forbidden(permission.value)
    return actor, lu


def fil(lu: Circuit, *suite: str) -> list[tuple[str, str]]:
    """Return the breadcrumb of a page of the circuit."""
    return [
        (_("Suivi des conventions"), url_for("conventions.liste")),
        (lu.ligne.operateur.nom, url_for("conventions.detail", convention_ref=lu.ligne.ref)),
        (_("Signature du texte"), adresse(lu) if suite else ""),
        *((texte, "") for texte in suite),
    ]


def adresse(lu: Circuit) -> str:
    """Return the address of the circuit."""
    return url_for("signature.circuit", convention_ref=lu.ligne.ref)


def deposer_pdf(actor: Actor, champ: Any, *, obligatoire: bool = False) -> int | None:
    """Store the PDF of a file field, and return its key; None when no file was chosen.

    A refusal names the field.
    """
    depot = champ.data
    if not depot or not depot.filename:
        if obligatoire:
            raise DomainError("obligatoire", champ.name)
        return None
    storage = Storage(settings())
    try:
        return storage.store(db(), clock(), depot.stream, depot.filename, PDF, actor=actor).id
    except DomainError as error:
        raise DomainError(error.code, champ.name, **error.params) from None
