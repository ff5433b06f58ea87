
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insight', '0002_sheets_by_worker'),
        ('organisations', '0004_reorganisations'),
    ]

    operations = [
        migrations.CreateModel(
            name='MoveLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.BigIntegerField()),
                ('on_behalf_of', models.BigIntegerField(null=True)),
                ('language', models.CharField(default='', max_length=8)),
                ('rows', models.IntegerField(default=0)),
                ('begun', models.SmallIntegerField(default=0)),
                ('gone', models.IntegerField(default=0)),
                ('refused_for', models.CharField(default='', max_length=40)),
                ('said', models.TextField(default='')),
                ('asked_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('on', models.DateField()),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('found', models.JSONField(default=dict)),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.unit')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['asked_at'], name='movelook_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'done', 'refused'))), name='movelook_state_known')],
            },
        ),
    ]
