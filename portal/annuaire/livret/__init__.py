"""The booklet of a département: its directory on paper, by territory then by subject, with indexes."""
