// The review page by keyboard, with autosave: every change is sent after a moment; a level is computed by the server.
const form = document.getElementById("review");
if (form && form.dataset.readonly !== "1") start(form);

function start(form) {
  const saved = document.getElementById("saved");
  const parts = [...form.querySelectorAll(".part")].filter((part) => part.querySelector("fieldset:not([disabled])"));
  let at = 0, timer = 0, sending = false, again = false, after = null;

  const say = (pattern, key, value) => { saved.textContent = pattern.replace(`{${key}}`, value); };

  async function send() {
    if (sending) { again = true; return; }
    sending = true;
    const body = new FormData(form);
    body.set("do", "auto");
    body.delete("once");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) {
        say(form.dataset.failed, "reason", told.message);
        if (told.over) wayOn();
        return;
      }
      for (const [seq, state] of Object.entries(told.saved)) {
        form.elements[`revision-${seq}`].value = state.revision;
        mark(seq, state.level);
      }
      const now = new Date();
      say(form.dataset.saved, "time", `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`);
    } catch { say(form.dataset.failed, "reason", document.body.dataset.offline || "…"); }
    finally {
      sending = false;
      if (after) { const go = after; after = null; go(); }
      else if (again) { again = false; send(); }
    }
  }

  function wayOn() { // the dossier is gone: the page that says why also keeps what stands in the form
    const button = document.createElement("button");
    Object.assign(button, { type: "submit", name: "do", value: "save", className: "button quiet", textContent: form.dataset.over });
    button.setAttribute("form", form.id);
    saved.append(" ", button);
  }

  function mark(seq, level) {
    const place = form.querySelector(`[data-level-of="${seq}"]`);
    const known = document.querySelector(`template[data-level="${level}"]`);
    if (place && known) place.replaceChildren(known.content.cloneNode(true));
  }

  const later = () => { clearTimeout(timer); timer = setTimeout(send, 700); };

  // What was ticked before each change, the latest last; undoing one is a change that is saved like any other. What is
  // written is never touched: a text field has an undo of its own.
  const controls = parts.flatMap((part) => [...part.querySelectorAll("fieldset input[type=checkbox]")]);
  const held = (control) => control.checked;
  const undoing = document.getElementById("undo");
  const past = [];
  let before = controls.map(held);

  function remember() {
    past.push(before);
    before = controls.map(held);
    undoing.hidden = false;
  }

  function undo() {
    if (!past.length) return;
    before = past.pop();
    controls.forEach((control, place) => { control.checked = before[place]; });
    undoing.hidden = !past.length;
    later();
  }
  undoing.addEventListener("click", undo);

  form.addEventListener("change", (event) => {
    const seq = (event.target.name || "").split("-")[1];
    if (event.target.name.startsWith("tick-")) form.elements[`looked-${seq}`].checked = true;
    if (controls.includes(event.target)) remember();
    later();
  });
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!sending) return;
    event.preventDefault(); // what is on its way would make this form's revisions stale
    after = () => form.requestSubmit(event.submitter);
  });

  for (const button of form.querySelectorAll("[data-phrase-for]"))
    button.addEventListener("click", () => {
      const field = form.elements[`comment-${button.dataset.phraseFor}`];
      field.value = (field.value ? `${field.value}\n` : "") + button.dataset.text;
      field.focus(); later();
    });
  for (const button of form.querySelectorAll(".jump"))
    button.addEventListener("click", () => {
      const video = form.querySelector("video");
      if (video) { video.currentTime = Number(button.dataset.at); video.play(); video.focus(); }
    });

  function go(step) {
    at = Math.min(Math.max(at + step, 0), parts.length - 1);
    parts[at].scrollIntoView({ block: "start" });
    parts[at].querySelector("input[type=checkbox]")?.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.tagName === "TEXTAREA") { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || /TEXTAREA|SELECT|VIDEO/.test(event.target.tagName)) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "u") undo();
    else if (event.key === "c") parts[at].querySelector("textarea")?.focus();
    else if (event.key === "s") form.requestSubmit(form.querySelector("button[name=do][value=finish]"));
    else if (/^[1-9]$/.test(event.key)) parts[at].querySelectorAll(".tick:not(.looked) input")[Number(event.key) - 1]?.click();
    else return;
    event.preventDefault();
  });
}
