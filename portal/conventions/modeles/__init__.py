"""The model of the CTP as data: national versions, and their green parts filled once per département."""
