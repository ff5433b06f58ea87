"""What axe finds wrong with an open page."""

from axe_playwright_python.base import AXE_FILE_PATH

AXE = AXE_FILE_PATH.read_text()
# What passed is not handed over: of a long page that is megabytes. Nothing is fetched anew for rules that are not asked.
VIOLATIONS = """() => axe.run({resultTypes: ['violations'], preload: false, rules: {'color-contrast': {enabled: false}}})
    .then((said) => said.violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`)))"""
# All that decides the contrast of a text: its colour and size, and what lies behind it, up to the first full ground.
LOOKS = """() => {
    const look = (element) => {
        const own = getComputedStyle(element), said = [own.color, own.fontSize, own.fontWeight, own.textShadow]
        for (let at = element; at; at = at.parentElement) {
            const style = getComputedStyle(at)
            said.push(style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.position)
            if (/^rgb\\(/.test(style.backgroundColor) && style.position === 'static') break
        }
        return said.join(' ')
    }
    window.looks = new Map()
    for (const element of document.body.querySelectorAll('*')) {
        const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
        if ((words || element.matches('input, select, textarea')) && element.checkVisibility({visibilityProperty: true})) {
            const key = look(element)
            if (!window.looks.has(key)) window.looks.set(key, element)
        }
    }
    return [...window.looks.keys()]
}"""
CONTRAST = """(fresh) => axe.run(
    {include: fresh.map((key) => window.looks.get(key))}, {runOnly: ['color-contrast'], resultTypes: ['violations'], preload: false})
    .then((said) => said.violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`)))"""

_seen = set()  # looks whose contrast is known to be enough


def violations(page):
    """`rule: the beginning of the element` for each; as the page stands now, at its present size.

    Contrast takes three quarters of the time of all rules together, so it is measured once for each look in a run: for texts
    of the same colour and size on the same grounds the answer is the same.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
        page.add_init_script(AXE)  # for whatever it opens next: handing axe over costs more than starting it
    return page.evaluate(VIOLATIONS) + _without_contrast(page)


def _without_contrast(page):
    fresh = [look for look in page.evaluate(LOOKS) if look not in _seen]
    wrong = page.evaluate(CONTRAST, fresh) if fresh else []
    if not wrong:
        _seen.update(fresh)
    return wrong
