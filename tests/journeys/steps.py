"""Steps that the journeys of several plans share: hours, a day of research, reviews."""

from tests.journeys.stage import cast, http_client
from weineng.learning.actions import issue_api_key
from weineng.ops.demo import handing_in
from weineng.web.shell.addresses import oid


def online(world, numbers):
    """A record of two periods a day for each number (type, number), delivered by the platform of the world's district."""
    _key, plain = issue_api_key(
        by=world.office.actor, unit=world.district, provider="qingyun", label="主服务器", scopes=["records.write"]
    )
    rows = [
        {
            "id": f"r-{day}", "person_type": kind, "person_number": number, "mode": "online", "course": f"K{day}",
            "title": "信息化教学设计", "starts_at": f"2026-03-{day:02}T19:00:00+08:00", "ends_at": f"2026-03-{day:02}T20:30:00+08:00",
            "minutes": 90,
        }
        for day, (kind, number) in enumerate(numbers, 3)
    ]  # fmt: skip
    answer = http_client().post(
        "/api/v1/providers/qingyun/records", json={"records": rows}, headers={"Authorization": f"Bearer {plain}"}
    )
    assert [row["status"] for row in answer.json()["results"]] == ["created"] * len(rows)


def research(world, stage, day="2026-04-22"):
    """One long day of school-based research: signed in by word, minuted, closed."""
    stage.forward(f"{day}T15:00")
    leader = stage.as_(world.leader.name, "group-leader")
    page = leader.get(f"/sessions/plan/{oid(world.maths, 'organisations.unit')}/").send(
        {
            "title": "磨课", "kind": "school-research", "form": "lesson-study", "day": day, "starts": "08:00",
            "ends": "17:00", "duration": "450",
        },
        holds="duration",
    )  # fmt: skip
    address = page.url
    word = page.send(do="open").html.partition('class="wall-word">')[2][:6]
    stage.as_(world.teacher.name).get(f"{address}sign-in/").send({"code": word}, holds="code")
    page = leader.get(address).send({"minutes_text": "听课、评课、改进。"}, do="minutes")
    page.send({"title": "课例一份"}, do="product")
    stage.forward(f"{day}T18:00")
    stage.as_(world.leader.name, "group-leader").get(address).send(do="close")
    stage.settle()


def look(stage, members, returns=False):
    """These people work off what waits for them; how many dossiers each finished."""
    return [handing_in.review(stage, cast(one, place), returns=returns) for place, one in members]


def reviews(world, stage):
    """Self, peers, panel; where two differ the third."""
    stage.settle()
    look(stage, [(1, world.teacher)])
    stage.settle()
    look(stage, [(1, world.colleague), (2, world.leader), (3, world.two_posts)])
    stage.settle()
    for _round in range(3):
        look(stage, [(place, one) for place, one in enumerate(world.panel, 1)])
        stage.settle()
