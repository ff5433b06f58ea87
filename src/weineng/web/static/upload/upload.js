// Uploads that resume (tus 1.0). Enhances every [data-upload] of components/upload.html.
//
// Nothing is remembered here: what is on its way, how far it is, the limits and the words all come from the server, so
// another browser, phone or day goes on where this one stopped once the same file is chosen again.

const EDGE = 65536; // bytes at either end by which the server knows a file again
const SMALLEST = 64 * 1024;
const LARGEST = 8 * 1024 * 1024;
const PART_SECONDS = 5; // a part is as large as the line carries in this time: so much is sent again after a break
const SILENCE = 30_000; // a line that carries nothing for so long is broken
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds before the next attempt

class Failure extends Error {
  constructor(status, told) {
    super(told?.message ?? "");
    Object.assign(this, { status, code: told?.code ?? "" });
  }
}

// --- The server ---------------------------------------------------------------------------------------------------
class Server {
  constructor(address, purpose) {
    Object.assign(this, { address, purpose });
  }

  async ask() {
    const answer = await fetch(`${this.address}?purpose=${encodeURIComponent(this.purpose)}`, { headers: { Accept: "application/json" }, redirect: "error" });
    const told = await body(answer);
    if (!answer.ok) throw new Failure(answer.status, told);
    this.token = told.token;
    return told;
  }

  headers(more) {
    return { "Tus-Resumable": "1.0.0", "Upload-Token": this.token, ...more };
  }

  async create(file, edges, resume) {
    const told = { filename: file.name, purpose: this.purpose, edges, ...(resume ? { resume } : {}) };
    const metadata = Object.entries(told).map(([key, value]) => `${key} ${base64(value)}`).join(",");
    const answer = await fetch(this.address, { method: "POST", headers: this.headers({ "Upload-Length": String(file.size), "Upload-Metadata": metadata }) });
    if (!answer.ok) throw new Failure(answer.status, await body(answer));
    return { address: answer.headers.get("Location"), offset: Number(answer.headers.get("Upload-Offset")) };
  }

  async where(address) {
    const answer = await fetch(address, { method: "HEAD", headers: this.headers(), cache: "no-store" });
    if (!answer.ok) throw new Failure(answer.status, null);
    return Number(answer.headers.get("Upload-Offset"));
  }

  async state(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
    const told = await body(answer);
    if (!answer.ok) throw new Failure(answer.status, told);
    return told;
  }

  async giveUp(address) {
    const answer = await fetch(address, { method: "DELETE", headers: this.headers() });
    if (!answer.ok && answer.status !== 410 && answer.status !== 404) throw new Failure(answer.status, await body(answer));
  }

  // One part. XMLHttpRequest, because fetch does not say how much has been sent.
  async append(address, offset, part, progress, signal) {
    const headers = this.headers({ "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" });
    if (globalThis.crypto?.subtle && part.size) {
      const sum = await crypto.subtle.digest("SHA-256", await part.arrayBuffer());
      headers["Upload-Checksum"] = `sha256 ${btoa(String.fromCharCode(...new Uint8Array(sum)))}`;
    }
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let watch;
      const watched = (wait) => () => {
        clearTimeout(watch);
        watch = setTimeout(() => request.abort(), wait);
      };
      const alive = watched(SILENCE);
      const patient = watched(10 * SILENCE); // everything is sent: the server hashes and looks inside, for minutes perhaps
      request.open("PATCH", address);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", (event) => {
        alive();
        progress(event.loaded);
      });
      request.upload.addEventListener("load", patient);
      request.addEventListener("loadend", () => {
        clearTimeout(watch);
        if (request.status === 204) resolve({ offset: Number(request.getResponseHeader("Upload-Offset")), receipt: request.getResponseHeader("Upload-Receipt") });
        else reject(new Failure(request.status, parse(request.responseText)));
      });
      signal.addEventListener("abort", () => request.abort(), { once: true });
      if (signal.aborted) request.abort();
      else {
        (part.size ? alive : patient)();
        request.send(part);
      }
    });
  }
}

async function body(answer) {
  return parse(await answer.text());
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not ours: a proxy's page
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

// --- SHA-256 of a file's edges, also where the page has no secure context --------------------------------------------
async function edgesOf(file) {
  const parts = file.size <= 2 * EDGE ? [file] : [file.slice(0, EDGE), file.slice(file.size - EDGE)];
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const sum = globalThis.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)) : sha256(bytes);
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sha256(message) {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const k = primes.map((p) => fraction(Math.cbrt(p)));
  const state = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const padded = new Uint8Array(((message.length + 72) >> 6) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, message.length << 3);
  const w = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = view.getInt32(at + 4 * i);
      else {
        const [a, b] = [w[i - 15], w[i - 2]];
        w[i] = (w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
      }
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (state[i] + value) | 0));
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((value, i) => out.setInt32(4 * i, value));
  return new Uint8Array(out.buffer);
}

// --- One file on its way ---------------------------------------------------------------------------------------------
class Upload {
  constructor(box, row, file) {
    Object.assign(this, { box, row, file, server: box.server, offset: 0, speed: 0, part: SMALLEST * 4, attempt: 0 });
  }

  async begin(resume) {
    this.box.running.add(this);
    this.row.say("reading", { name: this.file.name });
    this.row.offer();
    try {
      if (!this.address) {
        const edges = await edgesOf(this.file);
        const known = resume ?? this.box.begun.find((b) => b.size === this.file.size && b.edges === edges)?.address;
        Object.assign(this, await this.server.create(this.file, edges, known));
        this.box.taken(this.address, this.row);
      } else this.offset = await this.server.where(this.address);
      await this.send();
    } catch (failure) {
      await this.failed(failure);
    }
  }

  async send() {
    this.stop = new AbortController();
    this.row.state("waiting");
    this.row.offer(["pause", () => this.pause()], ["give_up", () => this.giveUp()]);
    let receipt = null;
    this.shown(0);
    do {
      const part = this.file.slice(this.offset, this.offset + this.part);
      const begun = performance.now();
      const last = this.offset + part.size === this.file.size;
      const done = await this.server.append(this.address, this.offset, part, (sent) => this.shown(sent, begun, last && sent === part.size), this.stop.signal);
      const seconds = Math.max((performance.now() - begun) / 1000, 0.01);
      this.measure(part.size / seconds);
      ({ receipt } = done);
      this.offset = done.offset;
      this.attempt = 0;
    } while (!receipt);
    await this.arrived();
  }

  measure(speed) {
    this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
    this.part = Math.min(LARGEST, Math.max(SMALLEST, Math.round(this.speed * PART_SECONDS)));
  }

  shown(sent, begun, checking) {
    const at = this.offset + sent;
    this.row.bar(at / this.file.size);
    if (checking) return this.row.say("checking");
    const speed = this.speed || (begun ? sent / Math.max((performance.now() - begun) / 1000, 0.5) : 0);
    const left = speed ? (this.file.size - at) / speed : 0;
    this.row.say("sending", {
      sent: bytes(at), size: bytes(this.file.size), percent: Math.floor((at * 100) / this.file.size), speed: bytes(speed),
      left: left >= 90 ? fill(this.box.texts.minutes, { n: Math.ceil(left / 60) }) : fill(this.box.texts.seconds, { n: Math.ceil(left) }),
    }, true);
  }

  async arrived() {
    this.row.bar(1);
    const told = await this.server.state(this.address);
    this.row.offer();
    this.row.state(told.problem ? "refused" : "done");
    if (told.problem) this.row.say("problem", { name: told.name, message: told.problem.message });
    else this.row.say("done", { name: told.name, receipt: told.receipt });
    this.box.arrived(this, told);
  }

  pause() {
    this.paused = true;
    this.box.ended(this);
    this.stop.abort();
    clearTimeout(this.timer);
    this.row.state("draft");
    this.row.say("paused", this.sizes());
    this.row.offer(["continue", () => this.go()], ["give_up", () => this.giveUp()]);
  }

  go() {
    this.paused = false;
    this.attempt = 0;
    return this.begin();
  }

  async giveUp() {
    if (!confirm(this.box.texts.give_up_really)) return;
    this.paused = true;
    this.stop?.abort();
    clearTimeout(this.timer);
    try {
      if (this.address) await this.server.giveUp(this.address);
      this.row.remove();
      this.box.ended(this);
    } catch (failure) {
      await this.failed(failure);
    }
  }

  sizes() {
    return { sent: bytes(this.offset), size: bytes(this.file.size), name: this.file.name };
  }

  // What is worth another attempt goes on by itself; the rest says what to do.
  async failed(failure) {
    if (this.paused) return;
    const status = failure instanceof Failure ? failure.status : 0;
    if (status === 403 && failure.code === "wrong-token" && this.attempt < 3) {
      this.attempt++;
      await this.box.refresh();
      return this.begin();
    }
    if (status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || (status >= 500 && status !== 507)) return this.later();
    if (status === 401 || status === 403) {
      this.row.state("late");
      this.row.say("signed_out");
      this.row.offer(["continue", async () => (await this.box.refresh()) && this.go()]);
      return this.box.ended(this);
    }
    this.row.state("refused");
    if (failure.code === "not-the-same-file") this.row.say("other_file", { name: this.row.name });
    else this.row.say("failed", { message: failure.message || String(status) });
    if (status === 404 || status === 410) this.address = undefined;
    this.row.offer(["retry", () => this.go()], ["give_up", () => this.giveUp()]);
    this.box.ended(this);
  }

  later() {
    const wait = WAITS[Math.min(this.attempt++, WAITS.length - 1)] * (0.8 + 0.4 * Math.random());
    const until = performance.now() + wait * 1000;
    this.row.state("late");
    this.row.offer(["retry", () => again()], ["pause", () => this.pause()], ["give_up", () => this.giveUp()]);
    const again = () => {
      clearTimeout(this.timer);
      removeEventListener("online", again);
      if (!this.paused) this.begin();
    };
    const tick = () => {
      const left = (until - performance.now()) / 1000;
      if (left <= 0 && navigator.onLine !== false) return again();
      this.row.say(navigator.onLine === false ? "offline" : "waiting", { ...this.sizes(), seconds: Math.max(1, Math.ceil(left)) }, true);
      this.timer = setTimeout(tick, 500);
    };
    addEventListener("online", again);
    tick();
  }
}

// --- What is seen ----------------------------------------------------------------------------------------------------
class Row {
  constructor(box, name, size) {
    Object.assign(this, { box, name });
    this.element = box.element.querySelector("template").content.firstElementChild.cloneNode(true);
    this.slot = (key) => this.element.querySelector(`[data-slot=${key}]`);
    this.slot("name").textContent = name;
    this.slot("size").textContent = bytes(size);
    this.slot("bar").setAttribute("aria-label", fill(box.texts.progress, { name }));
    box.list.append(this.element);
    this.state("waiting");
  }

  state(state) {
    this.element.className = `file ${state}`;
  }

  // `often`: figures that move are not read out each time
  say(key, values = {}, often = false) {
    const text = fill(this.box.texts[key], values);
    this.slot("text").textContent = text;
    if (!often && text) this.box.said.textContent = text;
  }

  bar(share) {
    const percent = Math.max(0, Math.min(100, share * 100));
    const bar = this.slot("bar");
    bar.setAttribute("aria-valuenow", String(Math.floor(percent)));
    bar.querySelector(".fill").setAttribute("width", `${percent.toFixed(1)}%`);
  }

  offer(...actions) {
    const held = this.element.contains(document.activeElement);
    this.slot("actions").replaceChildren(...actions.map(([key, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet";
      button.textContent = this.box.texts[key];
      button.dataset.do = key;
      button.addEventListener("click", act);
      return button;
    }));
    if (held) (this.slot("actions").querySelector("button") ?? this.box.input).focus();
  }

  remove() {
    this.element.remove();
    this.box.input.focus();
  }
}

class Box {
  constructor(element) {
    this.element = element;
    this.server = new Server(element.dataset.upload, element.dataset.purpose);
    this.list = element.querySelector("[data-upload-list]");
    this.said = element.querySelector("[data-upload-said]");
    this.input = element.querySelector("input[type=file]");
    Object.assign(this, { queue: [], running: new Set(), rows: new Map() });
  }

  async start() {
    if (!(await this.refresh())) return;
    this.element.querySelector("[data-upload-send]")?.remove();
    this.element.querySelector("[data-upload-limits]").textContent = this.told.limits.text;
    this.input.multiple = true;
    this.input.accept = this.told.accept;
    this.input.parentElement.className = "buttons";
    this.button(this.element.querySelector("label"), this.input);
    this.camera();
    this.element.addEventListener("dragover", (event) => event.preventDefault());
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.add([...(event.dataTransfer?.files ?? [])]);
    });
    for (const begun of this.begun) this.waiting(begun);
    this.element.dataset.ready = "";
  }

  async refresh() {
    try {
      this.told = await this.server.ask();
    } catch {
      return false; // the plain form stays as it is
    }
    this.texts = this.told.texts;
    this.begun = this.told.open;
    return true;
  }

  // A phone offers its camera beside its files.
  camera() {
    const kind = ["video", "image"].find((family) => family in this.told.limits.max_bytes);
    if (!kind || !matchMedia("(pointer: coarse)").matches) return;
    const [label, input] = [document.createElement("label"), document.createElement("input")];
    Object.assign(input, { type: "file", accept: `${kind}/*` });
    input.setAttribute("capture", "environment");
    label.append(this.texts.record);
    this.input.closest(".buttons").append(label);
    this.button(label, input);
  }

  // A label that looks like a button; the keyboard finds the input inside.
  button(label, input) {
    label.className = "button plain";
    input.className = "unseen";
    label.append(input);
    input.addEventListener("change", () => this.chosen(input));
  }

  chosen(input) {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again
    this.add(files);
  }

  add(files) {
    for (const file of files) this.queue.push(new Upload(this, new Row(this, file.name, file.size), file));
    this.next();
  }

  // One after the other: two at once only halve the line.
  next() {
    if (!this.running.size) this.queue.shift()?.begin();
  }

  // Begun before, here or elsewhere: the file has to be chosen again, since a page may not look for it.
  waiting(begun) {
    const row = new Row(this, begun.name, begun.size);
    row.state("draft");
    row.bar(begun.offset / begun.size);
    row.say("begun", { name: begun.name, sent: bytes(begun.offset), size: bytes(begun.size) });
    const picker = document.createElement("input");
    Object.assign(picker, { type: "file", accept: this.told.accept, hidden: true });
    picker.addEventListener("change", () => {
      const [file] = picker.files;
      if (file) new Upload(this, row, file).begin(begun.address);
      picker.value = "";
    });
    row.element.append(picker);
    row.offer(["choose_again", () => picker.click()], ["give_up", async () => {
      if (!confirm(this.texts.give_up_really)) return;
      await this.server.giveUp(begun.address);
      row.remove();
    }]);
    this.rows.set(begun.address, row);
  }

  // The row of an upload that was begun before gives way to the one that goes on with it.
  taken(address, row) {
    const before = this.rows.get(address);
    if (before && before !== row) before.element.remove();
    this.rows.set(address, row);
  }

  ended(upload) {
    this.running.delete(upload);
    this.next();
  }

  arrived(upload, told) {
    this.element.dispatchEvent(new CustomEvent("upload:arrived", { bubbles: true, detail: told }));
    this.ended(upload);
    if (!this.running.size && this.element.hasAttribute("data-reload") && !written()) location.reload();
  }
}

// What somebody has typed elsewhere on the page is not thrown away to tick a box.
function written() {
  const changed = (field) => (field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : "defaultValue" in field && field.type !== "file" && field.value !== field.defaultValue);
  return [...document.querySelectorAll("form input, form textarea")].some(changed);
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function bytes(size) {
  const units = ["B", "kB", "MB", "GB"];
  let power = 0;
  while (size >= 1024 && power < 3) {
    size /= 1024;
    power++;
  }
  const digits = power && size < 100 ? 1 : 0;
  return `${new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: digits }).format(size)} ${units[power]}`;
}

for (const element of document.querySelectorAll("[data-upload]")) new Box(element).start();

export { Box, edgesOf, sha256 };
