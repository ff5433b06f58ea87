-- Everybody stands in a group of some ten; the school's subject and stage follow from it.
insert into organisations_person (id, name, name_order, name_index, gender, phone, mail, mail_digest, licence, created_at)
select %(person)s + n, p.name, p.sorted, p.tokens, case when pg_temp.draw(n, 10, 10) < 7 then 'f' else 'm' end, '', '', '', true, %(at)s
  from generate_series(1, %(teachers)s) n
  join simulated_name p on p.place = pg_temp.draw(n, 11, (select count(*)::int from simulated_name));

insert into organisations_posting (person_id, unit_id, school_id, during, home, establishment, in_post, stage, subject, post,
                                   staff_number, known_at)
select %(person)s + n, %(group)s + 1 + g, s.id, '[2025-09-01,)', true,
       case when pg_temp.draw(n, 12, 10) = 0 then 'contract' else 'established' end, 'in-post', s.stages[1],
       (array['语文', '数学', '英语', '科学', '音乐'])[1 + g %% 5], '', n::text, %(at)s
  from generate_series(1, %(teachers)s) n
 cross join lateral (select ((n - 1)::bigint * %(schools)s * 5 / %(teachers)s)::int as g) place
  join organisations_unit s on s.id = %(school)s + 1 + g / 5;

insert into programmes_enrolledschool (programme_id, unit_id, batch, since, people_since)
select %(programme)s, %(school)s + n, (%(batches)s::text[])[1 + least(pg_temp.draw(n, 20, 10) / 3, cardinality(%(batches)s::text[]) - 1)],
       '2026-01-01', '2026-01-01'
  from generate_series(1, %(schools)s) n;

insert into programmes_enrolment (id, programme_id, version_id, person_id, since, left_reason)
select %(enrolment)s + n, %(programme)s, %(version)s, %(person)s + n, '2026-01-01', '' from generate_series(1, %(teachers)s) n;

insert into planning_schoolplan (programme_id, unit_id, number, state, environment, diagnosis, goals, dimensions, points, themes,
                                 timetable, needs, assessment, edited_at, revision, hands, approved_on)
select %(programme)s, %(school)s + n, 1, 'approved', 'multimedia', '{}', '', %(dimensions)s::text[], %(points)s::text[], '[]', '[]', '', '', %(at)s, 1, '{}',
       date '2026-02-01' + pg_temp.draw(n, 21, 200)
  from generate_series(1, %(schools)s) n where pg_temp.draw(n, 22, 20) > 0
