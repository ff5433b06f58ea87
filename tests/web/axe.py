"""What axe finds wrong with an open page."""

from axe_playwright_python.base import AXE_FILE_PATH

AXE = AXE_FILE_PATH.read_text()
# What passed is not handed over: of a long page that is megabytes.
VIOLATIONS = """(contrast) => axe.run({resultTypes: ['violations'], rules: {'color-contrast': {enabled: contrast}}}).then(
    (said) => said.violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`)))"""


def violations(page, *, contrast=True):
    """`rule: the beginning of the element` for each; as the page stands now, at its present size.

    Contrast takes three quarters of the time: whoever looks at a page several times in the same colours asks for it once.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
        page.add_init_script(AXE)  # for whatever it opens next: handing axe over costs more than starting it
    return page.evaluate(VIOLATIONS, contrast)
