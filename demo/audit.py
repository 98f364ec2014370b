"""Every page that the navigation leads to, and the first thing of each list: photographed in every look,
and held against the rules of axe-core (demo/axe, MPL-2.0), of which no serious one may be broken."""

import os

from journey import HERE, fail

AXE = os.path.join(HERE, "demo", "axe", "axe.min.js")
# One page for each of these is enough: more of a kind are no other page.
MOST_OF_A_KIND = 2


def complaints(browser):
    """What axe-core finds that is serious, as lines."""
    return browser.command("POST", "/execute/async", {"args": [], "script": """
        const done = arguments[arguments.length - 1];
        const serious = violation => ['serious', 'critical'].includes(violation.impact);
        const told = violation => violation.nodes.map(node =>
            `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
        axe.run(document, { resultTypes: ['violations'] })
            .then(result => done(result.violations.filter(serious).flatMap(told)))
            .catch(error => done([String(error)]));
    """})


def audit(desk, path, schemes=("light", "dark")):
    with open(AXE, encoding="utf-8") as file:
        axe = file.read()
    for scheme in schemes:
        desk.browser.look(1360, 900, scheme)
        desk.go(path)
        desk.browser.script(axe)
        found = complaints(desk.browser)
        if found:
            fail(f"{path} ({scheme}) is not for everybody", *found[:10])
    desk.browser.look(1360, 900, "light")


def links(desk, css):
    return desk.browser.script("""
        return [...new Set([...document.querySelectorAll(arguments[0])]
            .map(link => link.getAttribute('href').split('?')[0]))];
    """, css)


def shape(path):
    return "/".join("#" if part.strip("0123456789-") == "" and part else part for part in path.split("/"))


def everything(desk, language):
    """Walks from the navigation to every list, and from each to a thing and to a form."""
    desk.go("/console")
    waiting, seen, kinds = ["/console"] + links(desk, ".always a"), [], {}
    while waiting:
        path = waiting.pop(0)
        kind = shape(path)
        is_page = path.startswith("/console") and "/export/" not in path and not path.endswith("/pdf")
        if path in seen or not is_page or kinds.get(kind, 0) >= (MOST_OF_A_KIND if "#" in kind else 1):
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        seen.append(path)
        place = path
        if path in ("/console/customers", "/console/products", "/console/rules", "/console/templates"):
            place = f"{path}?channel=xianjindai"
        audit(desk, place, ("light", "dark") if language == "zh" else ("light",))
        if language == "zh" and kinds[kind] == 1:
            desk.picture("page" + kind.replace("/console", "").replace("/", "-").replace("#", "n"))
        waiting.extend(links(desk, "main a[href^='/console']"))
    print(f"ok  {len(seen)} pages break no serious rule of axe-core ({language})")
