from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0004_reorganisations'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reorganisation',
            name='reorganisation_merged_once',
        ),
    ]
