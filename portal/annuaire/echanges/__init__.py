"""What comes into the directory and goes out of it: tables imported and exported, vCards.

One list of columns (`champs`) is written by the export and read by the import, so that a file exported and
given back changes nothing. `lecture` reads the cells; `rapprochement` finds the entry that a line speaks of;
`analyse` says what would happen, line by line; `ecriture` does it, `annulation` undoes it; `travaux` is the
sequence of pages and jobs.
"""

import portal.annuaire.echanges.messages  # noqa: F401  (registers its texts)
