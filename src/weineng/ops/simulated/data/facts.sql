-- Eight records each: five online (some told by two platforms, some at the same time as another), two of research, one of a kind that does not count.
insert into learning_record (id, provider_id, source_id, revision, content, person_id, person_type, person_digest, person_name, mode,
                             course, canonical, title, starts_at, ends_at, event_on, minutes, arrived_at, reason, unit_id, with_sheet)
select %(record)s + (n - 1)::bigint * 8 + k, %(provider)s + 1 + (n + k) %% 3, n || '-' || k, 1, '', %(person)s + n, 'person', '', '', mode, course,
       course, course, starts, starts + minutes * interval '1 minute', (starts at time zone 'Asia/Shanghai')::date, minutes,
       starts + interval '1 day', '', %(group)s + 1 + ((n - 1)::bigint * %(schools)s * 5 / %(teachers)s)::int, false
  from generate_series(1, %(teachers)s) n
 cross join lateral (select k, case when k <= 5 then 'online' when k <= 7 then 'school-research' else 'face-to-face' end as mode,
                            '课程' || case when k = 5 and pg_temp.draw(n, 30, 10) = 0 then 4 else k end + pg_temp.draw(n, 31, 50) * 10 as course,
                            timestamptz '2026-03-02 00:00+00' + (pg_temp.draw(n, 32, 60)
                                + 9 * case when k = 5 and pg_temp.draw(n, 33, 5) = 0 then 4 else k end) * interval '1 day' as starts,
                            150 + pg_temp.draw(n * 8::bigint + k, 34, 130) as minutes
                       from generate_series(1, 8) k) f
 where pg_temp.draw(n, 35, 10) > 0;

insert into planning_choice (id, enrolment_id, version_id, dimensions, opened, diagnosis, chosen_at)
select %(choice)s + n, %(enrolment)s + n, %(version)s, %(dimensions)s::text[], %(points)s::text[], '{}', %(at)s
  from generate_series(1, %(teachers)s) n where pg_temp.draw(n, 40, 10) > 1;

insert into planning_chosenpoint (choice_id, point, dimension)
select %(choice)s + n, point, dimension
  from generate_series(1, %(teachers)s) n
 cross join unnest(%(chosen)s::text[], %(dimensions)s::text[]) p(point, dimension)
 where pg_temp.draw(n, 40, 10) > 1;

insert into assessment_result (person_id, enrolment, item, point, level, detail, decided_at, decided_on, source, reason)
select %(person)s + n, %(enrolment)s + n, case when point = '' then 'recording' else 'point' end, point,
       case when luck < 1 then 'fail' when luck < 14 then 'pass' else 'excellent' end, '{}', day + time '10:00', day, 'sheet', ''
  from generate_series(1, %(teachers)s) n
 cross join unnest(%(chosen)s::text[] || '{""}'::text[]) with ordinality p(point, place)
 cross join lateral (select pg_temp.draw(n * 8::bigint + place, 50, 20) as luck,
                            date '2026-05-04' + pg_temp.draw(n * 8::bigint + place, 51, 180) as day) f
 where pg_temp.draw(n, 40, 10) > 2
