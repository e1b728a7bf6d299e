"""The worker's pages of the household's authorisations, and the page that the household signs on."""
