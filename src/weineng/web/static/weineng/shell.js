// What a page gains where scripts run. Everything works without, up to the submit.

// A button that was pressed says so: nobody presses twice because nothing seemed to happen.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.dataset.busy) return;
  const button = event.submitter ?? form.querySelector("button.primary");
  if (form.hasAttribute("hx-post")) return;
  button?.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// Folds that float close when one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const fold of document.querySelectorAll("details.fold[open]")) if (!fold.contains(event.target)) fold.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const fold of document.querySelectorAll("details.fold[open]")) {
    fold.open = false;
    fold.querySelector("summary").focus();
  }
});

// A question in a fold becomes a dialog.
document.addEventListener("click", (event) => {
  const summary = event.target.closest?.("details[data-dialog] > summary");
  if (!summary || !window.HTMLDialogElement) return;
  event.preventDefault();
  const body = summary.nextElementSibling;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", body.getAttribute("aria-labelledby"));
  dialog.append(...body.childNodes);
  const wayOut = dialog.querySelector(".confirm-close");
  wayOut.hidden = false; // a fold is closed where it was opened
  summary.parentElement.after(dialog); // what stands inside a closed fold is not shown
  dialog.addEventListener("close", () => {
    wayOut.hidden = true;
    body.append(...dialog.childNodes);
    dialog.remove();
    summary.focus();
  });
  dialog.addEventListener("click", (inner) => {
    if (inner.target === dialog || inner.target.closest("[data-close]")) dialog.close();
  });
  dialog.showModal();
});

// Select all on this page; the sum stands beside the bulk action.
document.addEventListener("change", (event) => {
  const all = event.target.closest?.("[data-pick-all]");
  const table = event.target.closest?.("table");
  if (!table) return;
  const picks = [...table.querySelectorAll("tbody input[type=checkbox]")];
  if (all) for (const pick of picks) pick.checked = all.checked;
  const count = picks.filter((pick) => pick.checked).length;
  for (const place of document.querySelectorAll("[data-picked]")) place.textContent = String(count);
});

// What is wrong is read first.
document.querySelector("[data-focus]")?.focus();

// A refused fragment is shown where it happened, never swallowed.
document.addEventListener("htmx:sendError", () => tell(document.body.dataset.offline));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500) tell(document.body.dataset.broken);
});
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
});

function tell(text) {
  if (!text) return;
  const toast = document.createElement("p");
  toast.className = "toast error";
  toast.textContent = text;
  document.querySelector(".toasts")?.replaceChildren(toast);
}
