-- Every measure of every year landed, under a number that joins and groups cheaply, with the year its values may be compared with.
with landed as (
  select
    measure,
    school_year,
    scale,
    max(respondent) as respondent,
    max(construct) as construct,
    count(value) as n_values
  from {{ ref('climate_measure') }}
  group by measure, school_year, scale
),

valued as (
  select
    measure,
    scale,
    school_year,
    lag(school_year) over (partition by measure, scale order by school_year) as comparable_year
  from landed
  where n_values > 0
)

select
  cast(row_number() over (order by landed.measure, landed.school_year, landed.scale) as integer) as measure_key,
  landed.measure,
  landed.school_year,
  landed.scale,
  landed.respondent,
  landed.construct,
  cast(landed.n_values as bigint) as n_values,
  valued.comparable_year
from landed
left join valued
  on landed.measure = valued.measure and landed.scale = valued.scale and landed.school_year = valued.school_year
