"""Lists read from the database say their order: PostgreSQL gives rows back in any."""

from portal.shared.db import Base
from portal.tables import metadata


def test_every_list_of_an_object_has_an_order() -> None:
    assert metadata.tables
    lists = [
        relation
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.uselist and not relation.order_by
    ]
    assert not lists, ", ".join(map(str, lists))
