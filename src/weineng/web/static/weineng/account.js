// A password can be shown while it is typed: so nobody types it twice.
for (const input of document.querySelectorAll("input[data-show]")) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  label.className = "check";
  label.append(box, Object.assign(document.createElement("span"), { textContent: input.dataset.show }));
  box.addEventListener("change", () => {
    input.type = box.checked ? "text" : "password";
  });
  input.form?.addEventListener("submit", () => {
    input.type = "password"; // so that the browser offers to keep it
  });
  input.closest(".control").after(label);
}
