// A problem's place leads to its line of the text: the line is marked and scrolled to.
document.addEventListener("click", (event) => {
  const place = event.target.closest?.("a[data-line]");
  const text = document.querySelector("#id_source");
  if (!place || !text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const number = Math.min(Number(place.dataset.line), lines.length);
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  text.focus({ preventScroll: true });
  text.scrollIntoView({ block: "start" });
  text.setSelectionRange(start, start + lines[number - 1].length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(number - 4, 0);
});
