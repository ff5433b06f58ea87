"""Acts that meet: each is let go up to the lock it waits for, then all go on."""

import time
from threading import Thread

from django.db import connection, transaction

from weineng.kernel.refusals import Refused

_WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()
"""


def race(hold, *acts):
    """What each act answers ("done" or the code of its refusal), when all had begun before any could go on.

    `hold` takes the locks that the acts need, in a transaction that ends once every act waits. The test must commit
    (`django_db(transaction=True)`).
    """
    answers = ["broke"] * len(acts)

    def run(number, act):
        try:
            act()
            answers[number] = "done"
        except Refused as refusal:
            answers[number] = refusal.code
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    with transaction.atomic():
        hold()
        for thread in threads:
            thread.start()
        _until_all_wait(len(threads))
    for thread in threads:
        thread.join()
    return sorted(answers)


def beside(act):
    """What somebody else's act answers: what it returns, or the code of its refusal; from its beginning to its end, on a connection
    of its own."""
    answers = []

    def run():
        try:
            answers.append(act())
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    (answer,) = answers
    return answer


def answers(act):
    """What an act of somebody else answers: None, or the code of its refusal; it has its own connection."""
    return [beside(lambda: act() and None)]


def _until_all_wait(many):
    for _turn in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(_WAITING)
            if cursor.fetchone()[0] == many:
                return
        time.sleep(0.01)
    raise AssertionError("the acts do not wait for what is held")
