// What script adds to the pages; each of them works without it.
"use strict";
(() => {
  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A file leaves the page as it is.
    if (form.method !== "post" || form.action.endsWith("/export")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  // Back from the browser's memory, it can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });
  // A choice in the filters is taken at once.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches(".filters select")) field.form.requestSubmit();
  });
  // The slash leads to the search.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const search = document.querySelector(".search input");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });
})();
