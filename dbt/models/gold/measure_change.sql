-- A measure against the same measure on the same scale in the newest earlier year, over the schools that have a value in both; else it says that there is no such year.
with pair as (
  select
    after.measure_key,
    after.value as value,
    earlier.value as earlier_value,
    after.value - earlier.value as change
  from {{ ref('school_measure') }} as after
  inner join {{ ref('measure_year') }} as known on after.measure_key = known.measure_key
  inner join {{ ref('measure_year') }} as compared
    on known.measure = compared.measure and known.scale = compared.scale and known.comparable_year = compared.school_year
  inner join {{ ref('school_measure') }} as earlier on compared.measure_key = earlier.measure_key and after.dbn = earlier.dbn
  where after.value is not null and earlier.value is not null
),

counted as (
  select
    measure_key,
    cast(count(*) as bigint) as n_both,
    {{ mean_of('value') }} as mean_of_schools,
    {{ mean_of('earlier_value') }} as earlier_mean_of_schools,
    {{ mean_of('change') }} as change,
    {{ median_of('change') }} as median_change,
    sqrt({{ variance_of('change') }}) as sd
  from pair
  group by measure_key
),

bounded as (
  select
    counted.*,
    case when n_both >= {{ var('suppress_below') }} and sd > 0 then {{ student_975('(n_both - 1)') }} * sd / sqrt(n_both) end as half_width
  from counted
)

select
  known.measure,
  known.school_year,
  known.respondent,
  known.construct,
  known.scale,
  known.comparable_year,
  coalesce(bounded.n_both, 0) as n_both,
  case when bounded.n_both >= {{ var('suppress_below') }} then bounded.mean_of_schools end as mean_of_schools,
  case when bounded.n_both >= {{ var('suppress_below') }} then bounded.earlier_mean_of_schools end as earlier_mean_of_schools,
  case when bounded.n_both >= {{ var('suppress_below') }} then bounded.change end as change,
  bounded.change - bounded.half_width as change_low95,
  bounded.change + bounded.half_width as change_high95,
  case when bounded.n_both >= {{ var('suppress_below') }} then bounded.median_change end as median_change,
  case
    when known.comparable_year is null and known.n_values = 0 then 'no school has a value'
    when known.comparable_year is null then 'no comparable year'
    when bounded.n_both is null then 'no school has a value in both years'
    when bounded.n_both < {{ var('suppress_below') }} then 'withheld: few schools'
  end as note
from {{ ref('measure_year') }} as known
left join bounded on known.measure_key = bounded.measure_key
order by known.measure, known.school_year
