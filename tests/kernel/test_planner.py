"""What the planner is told of tables that have grown."""

from django.db import connection, transaction

from weineng.kernel.planner import weigh_grown


def test_a_table_of_which_only_the_size_is_known_is_told_again(db):
    with connection.cursor() as cursor:
        cursor.execute("create table grown (said text)")
        cursor.execute("insert into grown select repeat('x', 500) from generate_series(1, 1000)")
        with transaction.atomic():  # a long act that told the planner and was taken back: the size stays
            assert "grown" in weigh_grown()
            transaction.set_rollback(True)
        assert weigh_grown("grown") == []
        assert "grown" in weigh_grown()
        assert "grown" not in weigh_grown()
