/* The agenda ordered by dragging a line. Without this script, and with the keyboard, the buttons do it.

   Contract: [data-ordre] holds the lines, each draggable with its hidden field; dropping one sends the form,
   in the order of the screen. What the server says of it comes back in the place of #ordre. */
(() => {
  "use strict";

  let glisse = null;
  let avant = "";
  const lignes = (liste) => [...liste.children].map((li) => li.dataset.code).join();

  document.addEventListener("dragstart", (e) => {
    const li = e.target.closest?.("[data-ordre] > li");
    if (!li) return;
    glisse = li;
    avant = lignes(li.parentElement);
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", li.dataset.code);
    li.classList.add("glisse");
  });

  document.addEventListener("dragover", (e) => {
    const sur = e.target.closest?.("[data-ordre] > li");
    if (!glisse || !sur || sur.parentElement !== glisse.parentElement) return;
    e.preventDefault();
    if (sur === glisse) return;
    const cadre = sur.getBoundingClientRect();
    const apres = e.clientY > cadre.top + cadre.height / 2;
    sur.parentElement.insertBefore(glisse, apres ? sur.nextSibling : sur);
  });

  document.addEventListener("drop", (e) => { if (glisse) e.preventDefault(); });

  document.addEventListener("dragend", () => {
    if (!glisse) return;
    const liste = glisse.parentElement;
    glisse.classList.remove("glisse");
    glisse = null;
    if (liste && lignes(liste) !== avant) liste.closest("form").requestSubmit();
  });
})();
