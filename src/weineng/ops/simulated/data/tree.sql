-- A province > cities > counties > schools > groups. Ids are dense, so that arithmetic finds the place of everything.
insert into organisations_unit (id, code, official_code, name, level, kind, flags, stages, place)
select %(unit)s + 1, '519000', '519000', %(province)s, 'province', 'area', '{}'::varchar[], '{}'::varchar[], 0
union all
select %(unit)s + 1 + n, '5191' || lpad(n::text, 4, '0'), null, (%(cities)s::text[])[n], 'city', 'area', '{}', '{}', n
  from generate_series(1, cardinality(%(cities)s::text[])) n
union all
select %(county)s + n, '5192' || lpad(n::text, 4, '0'), null, (%(counties)s::text[])[n], 'county', 'area',
       case when pg_temp.draw(n, 1, 4) = 0 then '{poverty}' else '{}' end::varchar[], '{}', n
  from generate_series(1, cardinality(%(counties)s::text[])) n;

insert into organisations_unit (id, code, official_code, name, level, kind, flags, stages, place)
select %(school)s + n, 'S' || lpad(n::text, 6, '0'), 'S' || lpad(n::text, 6, '0'), name || '第' || place || word, 'school', kind,
       case when pg_temp.draw(n, 3, 100) < 3 then '{pilot,smart-education}' when pg_temp.draw(n, 4, 3) = 0 then '{rural}' else '{}' end::varchar[],
       stages::varchar[], place
  from (select n, (%(counties)s::text[])[1 + (n - 1) %% cardinality(%(counties)s::text[])] as name,
               1 + (n - 1) / cardinality(%(counties)s::text[]) as place, pg_temp.draw(n, 2, 100) as sort
          from generate_series(1, %(schools)s) n) s
 cross join lateral (
    select * from (values (0, 18, '幼儿园', 'kindergarten', '{preschool}'), (18, 62, '小学', 'primary', '{primary}'),
                          (62, 80, '初级中学', 'junior', '{junior}'), (80, 88, '九年一贯制学校', 'nine-year', '{primary,junior}'),
                          (88, 95, '高级中学', 'senior', '{senior}'), (95, 99, '职业学校', 'vocational', '{vocational}'),
                          (99, 100, '特殊教育学校', 'special', '{special}')) k(low, high, word, kind, stages)
     where s.sort >= k.low and s.sort < k.high) k;

insert into organisations_unit (id, name, level, kind, flags, stages, place)
select %(group)s + n, (array['语文', '数学', '外语', '科学', '艺体'])[1 + (n - 1) %% 5] || '教研组', 'group', 'group', '{}', '{}', 1 + (n - 1) %% 5
  from generate_series(1, %(schools)s * 5) n;

insert into organisations_unitname (unit_id, name, during)
select id, name, '(,)' from organisations_unit where id > %(unit)s;

insert into organisations_unitflag (unit_id, flag, during)
select id, unnest(flags), '(,)' from organisations_unit where id > %(unit)s;

insert into organisations_edge (child_id, parent_id, kind, during)
select %(unit)s + 1 + n, %(unit)s + 1, 'line', '(,)'::daterange from generate_series(1, cardinality(%(cities)s::text[])) n
union all
select %(county)s + n, %(unit)s + 2 + (n - 1) %% cardinality(%(cities)s::text[]), 'line', '(,)'
  from generate_series(1, cardinality(%(counties)s::text[])) n
union all
select %(school)s + n, %(county)s + 1 + (n - 1) %% cardinality(%(counties)s::text[]), 'line', '(,)' from generate_series(1, %(schools)s) n
union all
select %(group)s + n, %(school)s + 1 + (n - 1) / 5, 'line', '(,)' from generate_series(1, %(schools)s * 5) n;

insert into organisations_closure (ancestor_id, unit_id, depth, during)
with recursive up(unit, ancestor, depth) as (
    select id, id, 0 from organisations_unit where id > %(unit)s
    union all
    select up.unit, e.parent_id, up.depth + 1 from up join organisations_edge e on e.child_id = up.ancestor)
select ancestor, unit, depth, '(,)'::daterange from up;

insert into organisations_treechange (at) values (%(at)s);
