{#
  One table of programs (and all of them) by buckets for each measure and vintage. A statistic of few schools is withheld; where the rest of its line
  or of its column would give it back by subtraction, another is withheld beside it: of a line Moderate, else the smallest; of a column the smallest. Columns come after lines: withholding more never uncovers.
#}
{% set small = 'n_schools between 1 and ' ~ (var('suppress_below') - 1) %}
with counted as (
  select
    measure_key,
    svi_year,
    svi_bucket,
    coalesce(program, 'all') as program,
    cast(count(value) as bigint) as n_schools,
    {{ count_where('value is null') }} as n_missing,
    {{ count_where('value is not null and students is not null') }} as n_enrolment_known,
    {{ mean_of('value') }} as mean_of_schools,
    {{ weighted_mean_of('value', 'students') }} as student_weighted_mean,
    sqrt({{ variance_of('value') }}) as sd,
    {{ median_of('value') }} as median,
    {{ percentile_of('value', 0.25) }} as p25,
    {{ percentile_of('value', 0.75) }} as p75
  from {{ ref('ranked_measure') }}
  group by grouping sets ((measure_key, svi_year, svi_bucket), (measure_key, svi_year, svi_bucket, program))
),

in_line as (
  select
    counted.*,
    sum(case when {{ small }} then n_schools else 0 end) over (partition by measure_key, svi_year, program) as withheld_in_line,
    row_number() over (
      partition by measure_key, svi_year, program
      order by
        case when n_schools < {{ var('suppress_below') }} then 1 else 0 end,
        -- Of what may be withheld, first what is not compared with anything.
        case when svi_bucket = 'Moderate' then 0 else 1 end,
        n_schools,
        svi_bucket
    ) as place_in_line
  from counted
),

hidden_in_line as (
  select
    in_line.*,
    {{ small }} or (
      n_schools > 0 and place_in_line = 1 and withheld_in_line between 1 and {{ var('suppress_below') }} - 1
    ) as is_hidden
  from in_line
),

in_column as (
  select
    hidden_in_line.*,
    max(case when program = 'all' and is_hidden then 1 else 0 end) over (
      partition by measure_key, svi_year, svi_bucket
    ) as hidden_whole,
    sum(case when program <> 'all' and is_hidden then n_schools else 0 end) over (
      partition by measure_key, svi_year, svi_bucket
    ) as withheld_in_column,
    row_number() over (
      partition by measure_key, svi_year, svi_bucket
      order by case when program = 'all' or is_hidden or n_schools = 0 then 1 else 0 end, n_schools, program
    ) as place_in_column
  from hidden_in_line
),

judged as (
  select
    in_column.*,
    case
      when {{ small }} then 'few_schools'
      when n_schools = 0 then 'none'
      when is_hidden then 'complementary'
      when program <> 'all' and hidden_whole = 1 then 'complementary'
      when
        program <> 'all'
        and place_in_column = 1
        and withheld_in_column between 1 and {{ var('suppress_below') }} - 1
        then 'complementary'
      else 'none'
    end as suppression,
    case when n_schools >= {{ var('suppress_below') }} then {{ student_975('(n_schools - 1)') }} * sd / sqrt(n_schools) end as half_width
  from in_column
)

select
  known.measure,
  known.school_year,
  judged.svi_year,
  judged.program,
  judged.svi_bucket,
  known.respondent,
  known.construct,
  known.scale,
  judged.n_schools,
  judged.n_missing,
  case when suppression = 'none' then mean_of_schools end as mean_of_schools,
  case when suppression = 'none' then mean_of_schools - half_width end as mean_low95,
  case when suppression = 'none' then mean_of_schools + half_width end as mean_high95,
  case
    when suppression = 'none' and n_enrolment_known >= {{ var('suppress_below') }} then student_weighted_mean
  end as student_weighted_mean,
  judged.n_enrolment_known,
  case when suppression = 'none' then sd end as sd,
  case when suppression = 'none' then median end as median,
  case when suppression = 'none' then p25 end as p25,
  case when suppression = 'none' then p75 end as p75,
  suppression <> 'none' as suppressed,
  judged.suppression
from judged
inner join {{ ref('measure_year') }} as known on judged.measure_key = known.measure_key
order by known.measure, known.school_year, judged.svi_year, judged.program, judged.svi_bucket
