"""« Progression vers 2026 »: figures of a territory, each opening the lines behind it."""
