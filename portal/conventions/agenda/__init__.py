"""The deadlines of one person, for its calendar: conventions, signatures, meetings, bilans."""
