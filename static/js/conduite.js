/* A session while it is held, beside negociation.js which keeps the parts in step.

   Contract with the server
   - data-apart="/url": a part whose content is asked for once it stands in the page.
   - data-brouillon="/url": the form inside is sent there a second after the last key; the answer (JSON) gives
     the text to show, how much of it will be refused, the version to go on from, and the number that the page
     has reached by it. While the portal cannot be reached, its data-brouillon-perdu is shown and the form is
     sent again until it can. */
(() => {
  "use strict";

  const ENTETES = { "HX-Request": "true" };
  const ATTENTE = 1000;
  const REPRISE = 4000;

  const charger = async (partie) => {
    const url = partie.dataset.apart;
    delete partie.dataset.apart;
    try {
      const reponse = await fetch(url, { credentials: "same-origin", headers: { ...ENTETES, "X-Veille": "1" } });
      if (reponse.status === 200 && partie.isConnected) partie.innerHTML = await reponse.text();
    } catch { /* the link to the dossier stays */ }
  };
  const chercher = () => document.querySelectorAll("[data-apart]").forEach(charger);
  const racine = document.querySelector("[data-direct]");
  if (!racine) return;
  chercher();
  new MutationObserver(chercher).observe(racine, { childList: true, subtree: true });

  let minuterie = 0;
  const envoyer = async (cadre) => {
    const formulaire = cadre.querySelector("form");
    if (!formulaire || !cadre.isConnected) return;
    const dit = cadre.parentElement.querySelector("[data-brouillon-dit]");
    const saisi = new FormData(formulaire);
    const avant = new Map([...formulaire.elements].map((c) => [c, c.type === "radio" || c.type === "checkbox" ? c.checked : c.value]));
    let reponse;
    try {
      reponse = await fetch(cadre.dataset.brouillon, { method: "POST", body: saisi, credentials: "same-origin", headers: ENTETES });
    } catch {
      if (dit) dit.textContent = cadre.dataset.brouillonPerdu;
      clearTimeout(minuterie);
      minuterie = setTimeout(envoyer, REPRISE, cadre);
      return;
    }
    try {
      const lu = await reponse.json();
      if (dit) {
        dit.textContent = lu.texte;
        dit.className = lu.refuse ? "champ-erreur" : "secondaire";
      }
      if (!reponse.ok) return;
      formulaire.elements.version.value = lu.version;
      avant.forEach((valeur, c) => {
        if (c.type === "radio" || c.type === "checkbox") c.defaultChecked = valeur;
        else if (c.matches("select")) [...c.options].forEach((o) => { o.defaultSelected = o.value === valeur; });
        else if (c.type !== "hidden") c.defaultValue = valeur;
      });
      if (lu.etat === Number(racine.dataset.numero) + 1) racine.dataset.numero = lu.etat;
    } catch {
      if (dit) dit.textContent = "";
    }
  };
  racine.addEventListener("input", (evenement) => {
    const cadre = evenement.target.closest("[data-brouillon]");
    if (!cadre) return;
    clearTimeout(minuterie);
    minuterie = setTimeout(envoyer, ATTENTE, cadre);
  });
  racine.addEventListener("submit", () => clearTimeout(minuterie));
})();
