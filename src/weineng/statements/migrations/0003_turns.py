from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("statements", "0002_documents")]

    operations = [
        # Two calls of the same microsecond have different turns, so that their statements have different keys.
        migrations.RunSQL(
            "create sequence statements_turn minvalue 0 maxvalue 4095 start 0 cycle", "drop sequence statements_turn"
        ),
    ]
