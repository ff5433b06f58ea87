"""What axe finds wrong with an open page."""

from axe_playwright_python.base import AXE_FILE_PATH

AXE = AXE_FILE_PATH.read_text()
# What passed is not handed over: of a long page that is megabytes.
VIOLATIONS = """axe.run({resultTypes: ['violations']}).then((said) => said.violations.flatMap(
    (found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`)))"""


def violations(page):
    """`rule: the beginning of the element` for each; as the page stands now, at its present size."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(VIOLATIONS)
