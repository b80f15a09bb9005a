// The key / brings to the box, from wherever nobody is writing.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" && event.code !== "Slash") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]")) return;
  const box = document.getElementById("text");
  event.preventDefault();
  box.focus();
  box.select();
});

// The filters are made anew with their counts: who chose in them stays there, and they stay open.
let before = { id: "", open: false };
document.addEventListener("htmx:beforeSwap", () => {
  const focused = document.activeElement;
  before = {
    id: focused && focused.closest("#narrow") ? focused.id : "",
    open: document.querySelector(".filters").open,
  };
});
document.addEventListener("htmx:afterSettle", () => {
  const filters = document.querySelector(".filters");
  filters.open = filters.open || before.open;
  const place = before.id && document.getElementById(before.id);
  if (place && document.activeElement === document.body) place.focus();
});
