import django.db.models.deletion
from django.db import migrations, models


# Stage and subject are told by a recount: the worker is asked for one of everybody.
COUNT_ANEW = "insert into programmes_touched (enrolment, lane, at) select id, 1, now() from programmes_enrolment"


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0004_reorganisations'),
        ('programmes', '0002_proposals'),
        ('progress', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='standing',
            name='stage',
            field=models.CharField(default='', max_length=16),
        ),
        migrations.AddField(
            model_name='standing',
            name='subject',
            field=models.CharField(default='', max_length=24),
        ),
        migrations.CreateModel(
            name='Cut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=16)),
                ('subject', models.CharField(max_length=24)),
                ('verdict', models.CharField(max_length=12)),
                ('people', models.IntegerField()),
                ('participants', models.IntegerField()),
                ('leaf', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cuts', to='organisations.unit')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cuts', to='programmes.programme')),
            ],
            options={
                'indexes': [models.Index(fields=['leaf'], name='cut_of_leaf')],
                'constraints': [models.UniqueConstraint(fields=('programme', 'leaf', 'stage', 'subject', 'verdict'), name='cut_once'), models.CheckConstraint(condition=models.Q(('people__gt', 0)), name='cut_without_empty_rows')],
            },
        ),
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
    ]
