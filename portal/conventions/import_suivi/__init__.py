"""Import of the follow-up that a département already keeps in a table (CSV or XLSX).

`colonnes` matches the titles; `lecture` reads the cells; `analyse` says what would happen, line by line;
`ecriture` does it and undoes it; `travaux` is the sequence of pages and jobs.
"""

import portal.conventions.import_suivi.messages  # noqa: F401  (registers its texts)
