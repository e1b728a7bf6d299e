"""Writing a `Document` as a Word file or as a PDF.

A PDF is made by the worker, and by the page of a receipt alone: `en_pdf` loads a compiler of some 30 MB at
its first use (docs/decisions/007).
"""
