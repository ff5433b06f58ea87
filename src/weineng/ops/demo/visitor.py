"""A visitor: a browser without a screen. Fetches pages, fills the forms that stand there, and stops at whatever is not right."""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from html.parser import HTMLParser
from typing import Any

import httpx

Values = Mapping[str, Any]


class Unexpected(Exception):  # noqa: N818 (what was met)
    """A page that is not what the visitor came for; its text says why."""


@dataclass
class Form:
    """A form as it stands in a page: where it goes, what it holds, which buttons it has."""

    action: str
    method: str = "get"
    multipart: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)  # what would be sent untouched
    names: set[str] = field(default_factory=set)
    options: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # name -> (value, words)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, formaction

    def has_button(self, value: str) -> bool:
        """Whether a button sends this value."""
        return any(known == value for _name, known, _action in self.buttons)

    def option(self, name: str, words: str) -> str:
        """The value of the choice whose words contain these."""
        for value, said in self.options.get(name, ()):
            if words in said:
                return value
        raise Unexpected(f"no choice {words!r} in {name}: {[said for _v, said in self.options.get(name, ())][:20]}")


class _Reader(HTMLParser):
    """Collects forms, links and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[list[str]] = []
        self.words: list[str] = []
        self.hidden = 0
        self.select = self.textarea = ""
        self.choice: tuple[str, str] | None = None
        self.label: list[str] | None = None
        self.pending: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self.hidden += 1
        elif tag == "a":
            self.links.append([told.get("href", ""), ""])
        elif tag == "form":
            multipart = told.get("enctype", "") == "multipart/form-data"
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower(), multipart))
        elif tag == "label":
            self.label, self.pending = [], []
        elif self.forms:
            self._control(tag, told)

    def _control(self, tag: str, told: dict[str, str]) -> None:
        form, name = self.forms[-1], told.get("name", "")
        if tag == "button":
            form.buttons.append((name, told.get("value", ""), told.get("formaction", "")))
        if not name or "disabled" in told:
            return
        if tag == "input":
            form.names.add(name)
            kind, value = told.get("type", "text"), told.get("value", "")
            if kind in ("checkbox", "radio"):
                form.options.setdefault(name, []).append((told.get("value", "on"), told.get("aria-label", "")))
                self.pending.append((name, told.get("value", "on")))
                if "checked" in told:
                    form.fields.append((name, told.get("value", "on")))
            elif kind != "file":
                form.fields.append((name, value))
        elif tag == "select":
            form.names.add(name)
            self.select = name
        elif tag == "textarea":
            form.names.add(name)
            self.textarea = name
            form.fields.append((name, ""))
        elif tag == "option":
            pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self.hidden = max(0, self.hidden - 1)
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "label" and self.label is not None:
            words = " ".join("".join(self.label).split())
            for name, value in self.pending if self.forms else ():
                known = self.forms[-1].options[name]
                known[:] = [(v, words if v == value and not said else said) for v, said in known]
            self.label = None

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.textarea and self.forms:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data)
            return
        if self.label is not None:
            self.label.append(data)
        if data.strip():
            self.words.append(" ".join(data.split()))
            if self.links:
                self.links[-1][1] += data


_OPTION = re.compile(r'<option value="([^"]*)"( selected)?[^>]*>([^<]*)')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SELECT = re.compile(r'<select[^>]*name="([^"]+)".*?</select>', re.DOTALL)


class Page:
    """A page as it was answered."""

    def __init__(self, visitor: "Visitor", response: httpx.Response) -> None:
        self.visitor, self.response = visitor, response
        self.url, self.html = str(response.url), response.text

    @cached_property
    def read(self) -> _Reader:
        """Its forms, links and words."""
        reader = _Reader()
        content = self.html[max(0, self.html.find("<main")) :]  # what stands around it is the same on every page
        reader.feed(content)
        for found in _SELECT.finditer(content):
            choices = [(value, words.strip()) for value, _on, words in _OPTION.findall(found[0])]
            chosen = next((value for value, on, _words in _OPTION.findall(found[0]) if on), None)
            for form in reader.forms:
                if found[1] in form.names and found[1] not in form.options:
                    form.options[found[1]] = choices
                    form.fields.append((found[1], chosen if chosen is not None else choices[0][0] if choices else ""))
        return reader

    @property
    def text(self) -> str:
        """What a person would read."""
        return " ".join(self.read.words)

    def link(self, words: str = "", address: str = "") -> str:
        """Where the first link leads whose words and address contain these."""
        for href, said in self.read.links:
            if words in said and address in href:
                return href
        raise Unexpected(f"{self.url}: no link {words!r} {address!r}: {self.text[:1500]}")

    def has_link(self, words: str = "", address: str = "") -> bool:
        """Whether there is such a link."""
        return any(words in said and address in href for href, said in self.read.links)

    def form(self, do: str = "", action: str = "", holds: str = "") -> Form:
        """The first form that has a button of this value, goes to such an address, holds such a field."""
        for form in self.read.forms:
            if form.method != "post" or (holds and holds not in form.names) or (do and not form.has_button(do)):
                continue
            if action in form.action and (
                action or not form.action.startswith(("/preferences/", "/post/", "/sign-out/", "/programme/"))
            ):
                return form
        raise Unexpected(f"{self.url}: no form do={do!r} action={action!r} holds={holds!r}: {self.text[:1500]}")

    def send(
        self, values: Values | None = None, *, do: str = "", action: str = "", holds: str = "", stay: bool = False,
        too_late: bool = False,
    ) -> "Page":  # fmt: skip
        """Fill the form and press the button: what is not given goes as it stands there.

        `stay`: the answer leads on, and the visitor has seen enough. `too_late`: somebody else may have been faster, and
        the page that says so is as good.
        """
        form = self.form(do, action, holds)
        strange = set(values or {}) - form.names
        if strange:
            raise Unexpected(f"{self.url}: the form has no {sorted(strange)}, only {sorted(form.names)}")
        sent = [(name, value) for name, value in form.fields if name not in (values or {})]
        for name, value in (values or {}).items():
            sent += [(name, str(one)) for one in (value if isinstance(value, list | tuple) else [value])]
        button = next(((n, v) for n, v, _a in form.buttons if n and v == do), None) if do else None
        sent += [button] if button else []
        where = form.action or self.url
        return self.visitor.post(where, sent, came_from=self.url, stay=stay, too_late=too_late)


@cache
def _trusted() -> ssl.SSLContext:
    """One for all visitors: reading the authorities costs more than most pages."""
    return ssl.create_default_context()


class Visitor:
    """Somebody at a browser (`account`: the sign-in name), with cookies and a kept connection."""

    def __init__(self, base: str, account: str = "", name: str = "", *, strong: bool = False) -> None:
        self.account, self.name = account, name
        self.strong = strong  # runs something: signs in to that post, not to their own year
        self.http = httpx.Client(
            base_url=base, timeout=120, follow_redirects=True, verify=_trusted(),
            headers={"Accept-Language": "zh-CN", "User-Agent": "Weineng demonstration"},
        )  # fmt: skip
        self.upload_token = ""
        self.token = ""  # of the last page with a form: goes with the cookie of the same browser
        self.signed_in, self.role = False, ""
        self.seen: datetime | None = None  # when the session was last used

    def sign_in(self) -> "Visitor":
        """By the one click that exists in a demonstration only; from the page that was left open, if there is one."""
        for cookie in [one.name for one in self.http.cookies.jar if "csrf" not in one.name]:
            self.http.cookies.delete(cookie)
        self.upload_token = ""
        if not self.token:
            self.get("/sign-in/")
        fields = [("csrfmiddlewaretoken", self.token), ("account", self.account)]
        self.post("/sign-in/demo", fields, came_from=f"{self.http.base_url}/sign-in/", stay=True)
        self.token = ""  # a new one comes with the next page
        self.signed_in, self.role = True, "?" if self.strong else ""
        return self

    def act_as(self, role: str) -> "Visitor":
        """Change to the post whose button says this (`''`: for oneself)."""
        page = self.get("/more/")
        form = next((f for f in page.read.forms if f.action.endswith("/post/")), None)
        if form is None and not role:  # who has no post always acts for themselves
            self.role = role
            return self
        if form is None:
            raise Unexpected(f"{self.name} has no post at all, not {role!r}")
        said = re.findall(r'<button name="post" value="([^"]*)"[^>]*>([^<]*)', page.html)
        titles = [(value, " ".join(words.split())) for value, words in said]
        value = next((value for value, title in titles if (role in title if role else not value)), None)
        if value is None:
            raise Unexpected(f"{self.name} has no post {role!r}: {titles}")
        self.post(form.action, [*form.fields, ("post", value)], came_from=page.url, stay=True)
        self.role = role
        return self

    def get(self, address: str) -> Page:
        """Fetch a page; anything but a page is unexpected."""
        return self._page(self.http.get(address), f"GET {address}")

    def post(
        self, address: str, fields: Iterable[tuple[str, str]], came_from: str = "", *, stay: bool = False,
        too_late: bool = False,
    ) -> Page:  # fmt: skip
        """Send a form's fields; with `stay` the answer must lead on, and is not followed; see `Page.send`."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        headers = {"Referer": came_from} if came_from else None
        response = self.http.post(address, data=data, headers=headers, follow_redirects=not stay)
        if stay and not response.is_redirect and response.status_code < 400:
            raise Unexpected(f"{self.name}: POST {address} led nowhere: {Page(self, response).text[:1500]}")
        if too_late and response.status_code == 422:
            return Page(self, response)
        return self._page(response, f"POST {address} { ({k: v for k, v in data.items() if 'csrf' not in k}) }")

    def send_file(
        self, page: Page, values: Values, files: dict[str, tuple[str, bytes, str]], *, do: str = "", holds: str = ""
    ) -> Page:
        """Send a form that carries files."""
        form = page.form(do, holds=holds)
        data = dict(form.fields) | dict(values)
        if do:
            data["do"] = do
        response = self.http.post(form.action or page.url, data=data, files=files, headers={"Referer": page.url})
        return self._page(response, f"POST {form.action or page.url}")

    def _page(self, response: httpx.Response, asked: str) -> Page:
        page = Page(self, response)
        if found := _TOKEN.search(page.html):
            self.token = found[1]
        wandered = "/sign-in/" in page.url and "/sign-in/" not in asked
        if response.status_code >= 400 or wandered:
            says = page.text if "html" in response.headers.get("content-type", "") else response.text
            raise Unexpected(
                f"{self.name or self.account}: {asked[:600]} -> {response.status_code} {page.url}: {says[:1800]}"
            )
        return page
