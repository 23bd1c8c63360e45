import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findVintageJoins } from '#compile'

const refused: Readonly<Record<string, string>> = {
  'a join': 'select 1 from place p join svi v on p.tract_2010 = v.tract_2020',
  'a join the other way round':
    'select 1 from place p join svi v on v.dbn = p.dbn and v.tract_2020 = p.stated_tract_2010',
  'a join through functions': "select 1 from a join b on lpad(trim(a.tract_2010), 11, '0') = left(b.tract_2020, 11)",
  'quoted names': 'select 1 from a join b on a."tract_2010" = b."tract_2020"',
  unequal: 'select 1 from a join b on a.tract_2010 <> b.tract_2020',
  'is not distinct from': 'select 1 from a join b on a.tract_2010 is not distinct from b.tract_2020',
  'in a subquery': 'select 1 from a where tract_2010 in (select tract_2020 from svi)',
  'in a subquery of a CTE':
    'with x as (select 1 from a where a.tract_2020 not in (select tract_2010 from svi)) select * from x',
  'inside Jinja':
    "select 1 from {{ ref('place') }} as p\njoin {{ ref('svi') }} as v on p.tract_2010 = v.tract_2020 {# fine #}",
  'a union': 'select dbn, tract_2010 from a union all select dbn, tract_2020 from b',
  'a union in parentheses': '(select tract_2010 from a) union (select tract_2020 from b)',
  coalesce: 'select coalesce(a.tract_2010, a.tract_2020) as place from a',
  'a case': 'select case when y = 2018 then tract_2010 else tract_2020 end as place from a',
  'a case that compares': 'select case tract_2010 when v.tract_2020 then 1 end from a',
  nullif: 'select nullif(tract_2010, tract_2020) from a',
  'a name without vintage': 'select tract_2010 as tract from a',
  'a name of the other vintage': 'select p.tract_2010 as tract_2020 from p',
  'columns that lost their vintage': 'select 1 from a join b on a.tract = b.tract',
  'columns that lost their vintage, by using': 'select 1 from a join b using (tract)',
}

const fine: Readonly<Record<string, string>> = {
  'each with its own': 'select 1 from p join v on p.tract_2010 = v.tract_2010 or p.tract_2020 = v.tract_2020',
  'side by side': 'select tract_2010, tract_2020, stated_tract_2010 as tract_2010_stated_tract_2010 from a',
  'null tests': 'select 1 from a where tract_2010 is not null and (tract_2020 is null) = (tract_2010 is not null)',
  'comments and texts':
    "select 'a.tract_2010 = b.tract_2020' from a -- a.tract_2010 = b.tract_2020\n/* tract_2010 = tract_2020 */",
  'a union by place': 'select tract_2010, null as tract_2020 from a union all select null, tract_2020 from b',
  'one column with its vintage beside it':
    'select case when tract_2010 is null then 2020 else 2010 end as tract_vintage, coalesce(tract_2010, tract_2020) as tract from a',
  'compared together with the vintage':
    'select 1 from a join b on a.tract = b.tract and a.tract_vintage = b.tract_vintage',
  agreement: 'select stated_tract_2010 = tract_2010 as tract_agrees, tract_2020 from a',
  counting: 'select count(tract_2010) as n_2010, count(tract_2020) as n_2020 from a having count(tract_2010) > 0',
}

for (const [what, sql] of Object.entries(refused))
  test(`tracts of two vintages are refused: ${what}`, () => assert.equal(findVintageJoins(sql, 'm.sql').length, 1, sql))

for (const [what, sql] of Object.entries(fine))
  test(`tracts of two vintages may stand: ${what}`, () => assert.deepEqual(findVintageJoins(sql, 'm.sql'), []))

test('a finding has its file and line', () => {
  const [finding] = findVintageJoins('select *\nfrom a\njoin b\n  on a.tract_2010\n   = b.tract_2020', 'models/x.sql')
  assert.equal(finding?.file, 'models/x.sql')
  assert.equal(finding.line, 5)
})
