"""Documents in work, in the browser's words: begun, written line by line and as text, judged on a sample, published or proposed."""

import re
from datetime import datetime

import pytest

from tests.district import SOURCE, load_standard, second_office
from tests.progress.scene import Scene, plan
from weineng.kernel.clock import CIVIL
from weineng.programmes.models import Draft, Programme, Proposal, Version
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


@pytest.fixture
def office(world, visitor, set_clock):
    set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
    load_standard()
    return lambda url, data=None, who=None: visitor(who or world.office, url, data, "office")


TITLE = {"zh-hans": "第六方案", "zh-hant": "第六方案", "en": "A sixth plan"}


def begun(world, office, origin="nothing", **more):
    sent = {
        "owner": oid(world.district, "organisations.unit"),
        "origin": origin,
        "code": "sixth",
        "years": "0",
        **TITLE,
        **more,
    }
    answer = office("/programmes/drafts/new/", sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Draft.objects.latest("pk")


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:3000]
    return " ".join(answer.content.decode().split("<main")[1].split())


def fields(page, name="line."):
    """What a form would send: every field of the line as it stands in the page."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("name", "").startswith(name) and (
            "checked" in tag or said.get("type") not in ("checkbox", "radio")
        ):
            found.setdefault(said["name"], []).append(said.get("value", ""))
    for select, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page):
        if select.startswith(name):
            picked = re.findall(r'<option value="([^"]*)" selected', inner)
            found.setdefault(select, []).append(picked[0] if picked else "")
    found["seen"] = re.findall(r'id="seen" value="(\w*)"', page)
    found["was"] = re.findall(r'name="was" id="was" value="([^"]*)"', page)
    return found


LINES = (
    "top/part",
    "cycle/part",
    "scope/part",
    "choice/part",
    "phases/0",
    "tasks/1",
    "kinds/0",
    "caps/0",
    "results/1",
    "demands/6",
    "certificates/0",
)


@pytest.mark.slow
def test_a_line_that_is_opened_and_sent_back_stays_as_it_is_written(world, office):
    draft = begun(world, office, "plan:p4-district")
    for line in LINES:
        address = f"/programmes/drafts/{oid(draft)}/line/{line}/"
        answer = office(address, fields(text(office(address))) | {"do": "save"})
        assert answer.status_code == 302, line
    before = draft.source
    draft.refresh_from_db()
    assert (draft.source, draft.revision) == (before, 1)


def test_lines_are_added_changed_moved_and_taken_out(world, office):
    draft = begun(world, office, years="1")
    where = f"/programmes/drafts/{oid(draft)}/"
    page = text(office(where))
    assert "起草时预填的值" in page  # nobody has decided these values yet
    assert "2027年12月31日" in page
    line = f"{where}line/demands/new/"
    sent = {"line.code": "research", "line.type": "minutes", "line.kinds.there": "1"} | {
        f"line.title.{code}": "校本研修" for code in TITLE
    }  # fmt: skip
    answer = office(line, sent | {"do": "save", "seen": ""})
    address = answer.headers["Location"]
    assert address == f"{where}line/demands/2/"
    shown = text(office(address))
    assert re.findall(r'id="(f-[\w-]+)-said"> ?<p class="field-error">', shown) == [
        "f-line-kinds",
        "f-line-periods",
    ]
    said = fields(shown) | {
        "line.kinds": ["online"], "line.periods": "12", "line.title.zh-hant": "校本研修", "line.title.en": "Research", "do": "done",
    }  # fmt: skip
    assert office(address, said).status_code == 302
    assert "校本研修：至少12学时" in text(office(where)).replace(" ", "")
    seen = fields(text(office(address)))["seen"]
    assert office(address, {"do": "raise", "seen": seen}).headers["Location"] == f"{where}line/demands/1/"
    draft.refresh_from_db()
    assert re.findall(r"- \{code: (\w+), type", draft.source) == ["online", "research", "points"]
    seen = fields(text(office(f"{where}line/demands/1/")))["seen"]
    assert office(f"{where}line/demands/1/", {"do": "remove", "seen": seen}).status_code == 302
    draft.refresh_from_db()
    assert re.findall(r"- \{code: (\w+), type", draft.source) == ["online", "points"]


def test_a_changed_value_loses_the_reason_why_another_was_assumed(world, office):
    draft = begun(world, office)
    address = f"/programmes/drafts/{oid(draft)}/line/demands/0/"
    office(address, fields(text(office(address))) | {"line.periods": "30", "do": "save"})
    draft.refresh_from_db()
    assert "periods: 30, title" in draft.source
    office(address, fields(text(office(address))) | {"line.periods": "thirty", "do": "save"})
    shown = text(office(address))
    assert ('value="thirty"' in shown, "number of periods" in shown) == (
        True,
        True,
    )  # nothing is lost, and it is told what is wrong


def test_two_who_write_lose_nothing(world, office):
    second = second_office(world)
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    mine, theirs = (fields(text(office(f"{where}line/demands/0/", who=who))) for who in (None, second))
    other = fields(text(office(f"{where}line/stages/0/", who=second)))
    office(f"{where}line/demands/0/", mine | {"line.periods": "30", "do": "save"})
    assert (
        office(f"{where}line/stages/0/", other | {"line.days": "9", "do": "save"}, second).status_code == 302
    )  # another line
    refused = text(office(f"{where}line/demands/0/", theirs | {"line.periods": "40", "do": "save"}, second), 422)
    assert ("至少30学时" in refused, 'value="40"' in refused) == (True, True)
    again = fields(refused) | {"do": "save"}
    text(office(f"{where}line/demands/0/", again, second), 422)  # going on is no answer
    again["over"] = re.search(r'name="over" value="(\w+)"', refused)[1]
    assert office(f"{where}line/demands/0/", again, second).status_code == 302
    draft.refresh_from_db()
    assert ("periods: {value: 40," in draft.source, "days: 9" in draft.source) == (True, True)
    stale = text(office(f"{where}text/", {"source": f"# mine\n{draft.source}", "revision": "1"}), 422)
    assert ("# mine" in stale, "-# mine" in stale, Draft.objects.get().source == draft.source) == (True, True, True)
    current = draft.source
    kept = {"source": f"# mine\n{current}", "revision": "1"}
    text(office(f"{where}text/", kept), 422)
    assert office(f"{where}text/", kept | {"over": str(draft.revision)}).status_code == 302
    assert Draft.objects.get().source == f"# mine\n{current}"
    draft.refresh_from_db()
    assert office(f"{where}text/", {"source": current, "revision": str(draft.revision)}).status_code == 302
    assert Draft.objects.get().source == current


def test_rows_that_moved_meanwhile_are_found_again_and_one_that_went_comes_back(world, office):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    first = fields(text(office(f"{where}line/demands/0/")))
    second = fields(text(office(f"{where}line/demands/1/")))
    assert office(f"{where}line/demands/0/", {"do": "remove", "seen": first["seen"]}).status_code == 302
    moved = office(f"{where}line/demands/1/", second | {"line.minimum": "1", "do": "save"})
    assert moved.headers["Location"] == f"{where}line/demands/0/"  # where it stands now
    gone = text(office(f"{where}line/demands/0/", first | {"line.periods": "44", "do": "save"}), 422)
    draft.refresh_from_db()
    assert ("periods" in draft.source, 'value="44"' in gone) == (False, True)
    (mark,), (back,) = re.findall(r'name="over" value="(\w+)"', gone), re.findall(r'formaction="([^"]*)"', gone)
    assert back == f"{where}line/demands/new/"
    assert office(back, first | {"line.periods": "44", "over": mark}).status_code == 302
    draft.refresh_from_db()
    assert re.findall(r"code: (\w+), type", draft.source) == ["points", "online"]


def test_a_sample_teacher_is_judged_by_the_draft_as_it_stands(world, office):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    standing = lambda: text(office(where)).split('id="standing"')[1].split("</form>")[0]  # noqa: E731
    office(f"{where}sample/", {"preset": "enough", "on": "2026-06-01"})
    assert "20 / 20" in standing()
    assert "合格" in standing()
    office(f"{where}sample/", {"preset": "short", "on": "2026-06-01"})
    assert ("19 / 20" in standing(), "还差1学时" in standing().replace(" ", "")) == (True, True)
    address = f"{where}line/demands/0/"
    office(address, fields(text(office(address))) | {"line.periods": "19", "do": "save"})
    assert "19 / 19" in standing()
    sent = {"on": "2026-06-01", "hours.online": "40", "days.online": "20", "passed": "A1", "failed": "A2"}
    office(f"{where}sample/", sent)
    assert "1 / 2" in standing()
    assert Version.objects.count() == 0


def test_a_draft_is_published_thrown_away_and_taken_up_again(world, office):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    page = text(office(where))
    assert "办公室外" not in page
    assert office(f"{where}do/", {"do": "publish", "revision": "7"}).status_code == 422  # not the one that was shown
    answer = office(f"{where}do/", {"do": "publish", "revision": "1"})
    row = Programme.objects.get(code="sixth")
    assert answer.headers["Location"] == f"/programmes/{oid(row)}/"
    assert "已发布" in text(office("/programmes/drafts/"))
    assert office(f"{where}do/", {"do": "publish", "revision": "1"}).status_code == 422
    assert office(f"{where}line/demands/0/", {"do": "save", "seen": "x"}).status_code == 422
    assert office(f"{where}do/", {"do": "restore"}).status_code == 302
    assert office(f"{where}do/", {"do": "discard"}).status_code == 302
    assert Draft.objects.get().state == "discarded"


def test_a_draft_of_a_running_programme_becomes_a_proposal(world, office):
    office("/programmes/publish/", {"owner": oid(world.district, "organisations.unit"), "source": SOURCE})
    row = Programme.objects.get(code="p4-district")
    office(f"/programmes/{oid(row)}/do/", {"do": "start", "confirm_assumptions": "1", "version": "1"})
    draft = begun(world, office, "programme:p4-district", code="")
    where = f"/programmes/drafts/{oid(draft)}/"
    address = f"{where}line/demands/0/"
    office(address, fields(text(office(address))) | {"line.periods": "22", "do": "save"})
    assert 'name="everybody"' in text(office(where))
    refused = text(office(f"{where}do/", {"do": "publish", "revision": "2", "everybody": "all", "reason": " "}), 422)
    assert ("请说明原因" in refused, 'value="all" checked' in refused) == (True, True)
    answer = office(f"{where}do/", {"do": "publish", "revision": "2", "everybody": "all", "reason": "省里改了要求"})
    made = Proposal.objects.get()
    assert answer.headers["Location"] == f"/programmes/proposals/{oid(made)}/"
    assert (made.everybody, made.document["demands"][0]["minimum"]) == (True, 22 * 45)


def test_text_that_is_no_yaml_is_kept_and_mended_in_the_text(world, office):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    broken = draft.source.replace("returns: {", "returns: {{", 1)
    assert office(f"{where}text/", {"source": broken.replace("\n", "\r\n"), "revision": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.source == broken
    page = text(office(where))
    assert re.search(r"sixth.yaml:\d+:\d+", page)
    assert office(f"{where}line/demands/0/").headers["Location"] == f"{where}text/"
    assert office(f"{where}do/", {"do": "publish", "revision": "2"}).status_code == 422
    assert Programme.objects.count() == 0


def test_nobody_else_finds_a_draft(world, office, visitor):
    draft = begun(world, office)
    for address in ("", "text/", "line/demands/0/"):
        assert visitor(world.office, f"/programmes/drafts/{oid(draft)}/{address}", None, "office").status_code == 200
        assert visitor(world.wu, f"/programmes/drafts/{oid(draft)}/{address}", None, "office").status_code == 404
    for sent in ({"do": "discard"}, {"do": "publish", "revision": "1"}, {"do": "restore"}):
        assert visitor(world.wu, f"/programmes/drafts/{oid(draft)}/do/", sent, "office").status_code == 404
    assert "第六方案" not in text(visitor(world.wu, "/programmes/drafts/", None, "office"))
    assert "第六方案" in text(office("/programmes/drafts/"))
    assert visitor(world.teacher, "/programmes/drafts/").status_code == 404


def test_a_new_line_is_saved_by_its_button_and_one_that_is_there_as_one_goes(world, office, client):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    assert f'hx-post="{where}line/demands/0/"' in text(office(f"{where}line/demands/0/"))
    assert f'hx-post="{where}line/' not in text(office(f"{where}line/demands/new/"))
    sent = fields(text(office(f"{where}line/demands/0/"))) | {"line.periods": "x", "do": "save"}
    said = client.post(f"{where}line/demands/0/", sent, headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in said
    assert re.search(r'id="f-line-periods-said" hx-swap-oob="true"><p class="field-error">', said)
    draft.refresh_from_db()
    assert "periods: x" in draft.source
    typed = client.post(
        f"{where}text/", {"source": "returns: [", "revision": str(draft.revision)}, headers={"HX-Request": "true"}
    )
    assert ("<main" in typed.content.decode(), 'id="problems" hx-swap-oob' in typed.content.decode()) == (False, True)
    late = client.post(
        f"{where}text/", {"source": "x", "revision": "1"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert ("returns: [" in late, 'id="revision"' in late) == (
        True,
        False,
    )  # theirs is shown, one's own stays in the page


def test_who_could_pass_is_told_of_a_draft_and_of_one_that_contradicts_itself(world, office):
    draft = begun(world, office)
    where = f"/programmes/drafts/{oid(draft)}/"
    assert "可以达到" in text(office(f"{where}reach/"))
    address = f"{where}line/demands/0/"
    office(address, fields(text(office(address))) | {"line.periods": "x", "do": "save"})
    assert office(f"{where}reach/").headers["Location"] == where


def test_somebody_who_takes_part_is_judged_by_the_draft_of_the_next_document(world, office, set_clock):
    set_clock(datetime(2026, 11, 2, 9, tzinfo=CIVIL))
    scene = Scene(plan("p4-district"), owner=world.district, leaf=world.maths, school=world.nine_year)
    Version.objects.update(source=SOURCE)
    row = scene.enrol(world.teacher.person)
    scene.finish(row)
    draft = begun(world, office, "programme:p4-district", code="")
    where = f"/programmes/drafts/{oid(draft)}/"
    assert f">{world.teacher.name}</option>" in text(office(where))
    office(f"{where}sample/", {"person": oid(row, "programmes.enrolment"), "on": "2026-11-02"})
    assert "20 / 20" in text(office(where)).split('id="standing"')[1]
    address = f"{where}line/demands/0/"
    office(address, fields(text(office(address))) | {"line.periods": "22", "do": "save"})
    said = text(office(where)).split('id="standing"')[1]
    assert ("20 / 22" in said, "还差2学时" in said.replace(" ", "")) == (True, True)
    other = oid(scene.enrol(world.loner.person), "programmes.enrolment")
    office(f"{where}sample/", {"person": other.replace(other[0], "z" if other[0] != "z" else "y"), "on": "2026-11-02"})
    assert "20 / 22" not in text(office(where)).split('id="standing"')[1]  # no such person: the sample


def test_a_base_is_tightened_line_by_line_and_never_loosened(world, office):
    draft = begun(world, office, "base:province-base")
    where = f"/programmes/drafts/{oid(draft)}/"
    assert f"{where}line/stages/new/?code=panel" in text(office(where))
    shown = text(office(f"{where}line/stages/new/?code=panel"))
    assert "基础方案：2" in shown
    sent = {
        name: value for name, value in fields(shown).items() if not any(value) or name in ("line.code", "seen", "was")
    }
    made = office(f"{where}line/stages/new/", sent | {"line.days": "30", "do": "save"})
    draft.refresh_from_db()
    assert "stages:\n  - {code: panel, days: 30}\n" in draft.source
    assert "30天" in text(office(where)).replace(" ", "")
    address = made.headers["Location"]
    assert (
        office(address, fields(text(office(address))) | {"line.third_on_difference": "false", "do": "save"}).status_code
        == 302
    )
    said = re.findall(r'id="(f-[\w-]+)-said"> ?<p class="field-error">', text(office(address)))
    assert said == ["f-line-third_on_difference"]
