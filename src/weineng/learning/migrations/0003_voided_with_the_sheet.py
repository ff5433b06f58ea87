from django.db import migrations, models

# Of the voids made before: those that came with the taking back, and say its reason.
MARK = """
update learning_record void set with_sheet = true
from learning_record brought
join learning_batch batch on batch.id = brought.batch_id
join learning_hourssheet sheet on sheet.id = batch.sheet_id
where void.void_of_id = brought.id and void.batch_id is null
  and void.arrived_at >= sheet.taken_back_at and void.reason = left(sheet.reason, 400)
"""


class Migration(migrations.Migration):
    dependencies = [("learning", "0002_hours_sheets")]

    operations = [
        migrations.AddField(model_name="record", name="with_sheet", field=models.BooleanField(default=False)),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
