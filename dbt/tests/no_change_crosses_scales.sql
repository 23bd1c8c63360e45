-- What a year is compared with has the same measure on the same scale, wherever a change stands.
with landed as (
  select distinct measure, school_year, scale
  from {{ ref('climate_measure') }}
),

compared as (
  select measure, scale, comparable_year from {{ ref('measure_change') }}
  union
  select measure, scale, comparable_year from {{ ref('district_summary') }}
  union
  select measure, scale, comparable_year from {{ ref('borough_summary') }}
  union
  select measure, scale, comparable_year from {{ ref('program_summary') }}
)

select compared.measure, compared.scale, compared.comparable_year, landed.scale as scale_of_that_year
from compared
left join landed on compared.measure = landed.measure and compared.comparable_year = landed.school_year
where compared.comparable_year is not null and compared.scale is distinct from landed.scale
