// What can be pressed on this page and is less than 44 px high: its size, and what it is.
// Links in a sentence are as high as the sentence's lines (WCAG 2.2, 2.5.8); what lies over another box is as high as that.
() => {
  const sized = (target) => {
    const label = target.labels?.[0];
    if (label && ["checkbox", "radio"].includes(target.type)) return label;
    return getComputedStyle(target, "::after").position === "absolute" ? target.offsetParent : target;
  };
  const inSentence = (target) => {
    const said = target.closest("p, figcaption");
    const alone = said && said.innerText.trim() === target.innerText.trim();
    return said && !alone && getComputedStyle(target).display === "inline";
  };
  const seen = (target) => target.checkVisibility({ visibilityProperty: true }) && !target.closest(".skip, .unseen");
  return [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter((target) => seen(target) && !inSentence(target))
    .map((target) => [target, sized(target).getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.height < 43.9)
    .map(([target, box]) => `${box.width.toFixed(1)} x ${box.height.toFixed(1)}: ${target.outerHTML.slice(0, 160)}`);
};
