"""How much of the history still holds, the planner cannot guess of an expression: it took it for one row in two hundred, and
read all of it for a thousand people."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("progress", "0002_who_is_counted")]

    operations = [
        migrations.RunSQL(
            [
                "create statistics standing_history_ends on (upper(during)) from progress_standinghistory",
                "analyze progress_standinghistory",
            ],
            ["drop statistics standing_history_ends"],
        )
    ]
