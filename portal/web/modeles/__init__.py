"""The pages of the model of the CTP and of the département's green version."""
