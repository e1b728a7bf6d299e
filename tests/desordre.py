"""`pytest -p tests.desordre`: rows come in any order that their SELECT does not fix, ties included.

PostgreSQL may do so on any day, as tables fill and empty; this does it at once, on both engines.
"""

import re
from typing import Any

from sqlalchemy import Engine, Select, event, func

# What SQLAlchemy reads of the engine itself is left alone.
OTHERS = re.compile(r"\bpg_|\bsqlite_|^EXPLAIN|FOR UPDATE", re.IGNORECASE)


@event.listens_for(Engine, "before_execute", retval=True)
def shuffle(_connection: Any, statement: Any, multiparams: Any, params: Any, _options: Any) -> Any:
    """Order by chance what is left to order, before any LIMIT."""
    if isinstance(statement, Select) and not statement._distinct:  # DISTINCT orders by what it selects alone
        statement = statement.order_by(func.random())
    return statement, multiparams, params


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def wrap(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> Any:
    """Shuffle the rows of what could not be told above: DISTINCT, UNION, SQL in letters."""
    outside = sql
    while outside != (inner := re.sub(r"\([^()]*\)", "", outside)):
        outside = inner
    unordered = "ORDER BY" not in outside.upper() and " FROM " in sql.upper().replace("\n", " ")
    if sql.lstrip()[:6].upper() == "SELECT" and unordered and not OTHERS.search(sql):
        sql = f"SELECT * FROM ({sql}) AS melange ORDER BY random()"
    return sql, parameters
