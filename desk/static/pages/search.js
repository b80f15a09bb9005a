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
