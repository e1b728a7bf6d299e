"""The household's own pages, by the QR code of a receipt and its PIN: no account, no navigation."""
