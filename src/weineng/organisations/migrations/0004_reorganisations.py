
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0003_erasures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reorganisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('on', models.DateField()),
                ('at', models.DateTimeField()),
                ('by', models.BigIntegerField(null=True)),
                ('reason', models.CharField(max_length=400)),
                ('people', models.IntegerField()),
                ('wrote', models.JSONField(default=dict)),
                ('followed', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(null=True)),
                ('taken_back', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.unit')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('merge', 'split'))), name='reorganisation_kind_known'), models.CheckConstraint(condition=models.Q(('unit', models.F('other')), _negated=True), name='reorganisation_of_two'), models.UniqueConstraint(condition=models.Q(('kind', 'merge'), ('undone_at__isnull', True)), fields=('unit',), name='reorganisation_merged_once')],
            },
        ),
    ]
