{% set measures = scorecard_measures() %}
-- Each school's newest published value of each measure, its place among the schools of the same program and level in that year, and the change since the comparable year.
with school as (
  select *
  from {{ ref('school_climate_snapshot') }}
  qualify row_number() over (partition by dbn order by school_year desc) = 1
),

valued as (
  select
    measure.dbn,
    known.measure,
    known.scale,
    known.school_year,
    known.comparable_year,
    measure.measure_key,
    measure.value,
    measure.program,
    level.level
  from {{ ref('school_measure') }} as measure
  inner join {{ ref('measure_year') }} as known on measure.measure_key = known.measure_key
  left join {{ ref('school_level') }} as level on measure.dbn = level.dbn
  where measure.value is not null and known.measure in ('{{ measures.values() | join("', '") }}')
),

-- Twice the number of peers below, ties counted half: all but the school itself are compared with it.
placed as (
  select
    valued.*,
    {{ twice_rank_of('value', 'measure_key, program, level') }} - 2 as twice_below,
    cast(count(*) over (partition by measure_key, program, level) as bigint) as peers
  from valued
),

newest as (
  select
    placed.*,
    case when level is not null and peers >= {{ var('suppress_below') }} then {{ ratio('twice_below', '2 * (peers - 1)') }} end as percentile
  from placed
  qualify row_number() over (partition by dbn, measure order by school_year desc) = 1
),

changed as (
  select
    newest.*,
    newest.value - earlier.value as change
  from newest
  left join valued as earlier
    on newest.dbn = earlier.dbn
    and newest.measure = earlier.measure
    and newest.scale = earlier.scale
    and newest.comparable_year = earlier.school_year
),

wide as (
  select
    dbn,
    {% for name, measure in measures.items() -%}
    {% set is = "measure = '" ~ measure ~ "'" -%}
    max(case when {{ is }} then value end) as {{ measure }},
    max(case when {{ is }} then school_year end) as {{ name }}_year,
    max(case when {{ is }} then percentile end) as {{ name }}_percentile,
    max(case when {{ is }} and level is not null then peers end) as {{ name }}_peers,
    max(case when {{ is }} then comparable_year end) as {{ name }}_comparable_year,
    max(case when {{ is }} then change end) as {{ name }}_change{{ ',' if not loop.last }}
    {% endfor %}
  from changed
  group by dbn
),

vintage as (
  select max(svi_year) as svi_year
  from {{ ref('climate_vulnerability') }}
)

select
  school.dbn,
  school.school_year,
  school.school_name,
  school.borough,
  school.district,
  school.program,
  level.level,
  school.total_enrollment,
  ranked.svi_year,
  ranked.svi_overall,
  ranked.svi_bucket,
  {% for name, measure in measures.items() -%}
  wide.{{ measure }},
  wide.{{ name }}_year,
  wide.{{ name }}_percentile,
  wide.{{ name }}_peers,
  wide.{{ name }}_comparable_year,
  wide.{{ name }}_change{{ ',' if not loop.last }}
  {% endfor %}
from school
left join {{ ref('school_level') }} as level on school.dbn = level.dbn
left join wide on school.dbn = wide.dbn
left join vintage on true
left join {{ ref('climate_vulnerability') }} as ranked
  on school.dbn = ranked.dbn and school.school_year = ranked.school_year and vintage.svi_year = ranked.svi_year
order by school.dbn
