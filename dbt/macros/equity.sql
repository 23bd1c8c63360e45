{#
  The gap between schools that stand in tracts of high and of low vulnerability, and the rank correlation of value and tract, for the groups of schools that
  `condition` on `program` leaves. A relation is called clear only where both intervals keep clear of zero on the same side and the gap is not small.
#}
{% macro equity_gap_of(condition, columns) %}
with bucket as (
  select *
  from {{ ref('climate_by_bucket') }}
  where {{ condition }}
),

paired as (
  select
    bucket.program,
    bucket.measure,
    bucket.school_year,
    bucket.svi_year,
    bucket.respondent,
    bucket.construct,
    bucket.scale,
    {% for name in ['low', 'moderate', 'high'] -%}
    {% set is = "bucket.svi_bucket = '" ~ name | capitalize ~ "'" -%}
    cast(coalesce(sum(case when {{ is }} then bucket.n_schools end), 0) as bigint) as n_{{ name }},
    max(case when {{ is }} then bucket.mean_of_schools end) as mean_{{ name }},
    max(case when {{ is }} then bucket.median end) as median_{{ name }},
    max(case when {{ is }} then bucket.sd end) as sd_{{ name }},
    {% endfor -%}
    cast(sum(case when bucket.svi_bucket = 'Unknown' then bucket.n_schools else 0 end) as bigint) as n_unranked,
    cast(sum(bucket.n_missing) as bigint) as n_missing
  from bucket
  group by
    bucket.program, bucket.measure, bucket.school_year, bucket.svi_year, bucket.respondent, bucket.construct, bucket.scale
),

squared as (
  select
    paired.*,
    n_low + n_moderate + n_high as n,
    mean_high - mean_low as gap,
    sd_low * sd_low / nullif(cast(n_low as double), 0) as square_low,
    sd_high * sd_high / nullif(cast(n_high as double), 0) as square_high
  from paired
),

-- Welch's degrees of freedom, by Satterthwaite. Null where neither group has any spread: there is no interval then.
freed as (
  select
    squared.*,
    (square_low + square_high) * (square_low + square_high)
    / nullif(square_low * square_low / (n_low - 1) + square_high * square_high / (n_high - 1), 0) as gap_freedom
  from squared
),

measured as (
  select
    freed.*,
    gap - {{ student_975('gap_freedom') }} * sqrt(square_low + square_high) as gap_low95,
    gap + {{ student_975('gap_freedom') }} * sqrt(square_low + square_high) as gap_high95,
    gap / nullif(correlation.sd, 0) as gap_in_sd,
    case when freed.n >= {{ var('suppress_below') }} then correlation.spearman end as spearman
  from freed
  left join {{ ref('measure_year') }} as known
    on freed.measure = known.measure and freed.school_year = known.school_year and freed.scale = known.scale
  left join {{ ref('rank_correlation') }} as correlation
    on known.measure_key = correlation.measure_key
    and freed.svi_year = correlation.svi_year
    and freed.program = correlation.program
),

bounded as (
  select
    measured.*,
    {{ spearman_end('spearman', 'n', '-') }} as spearman_low95,
    {{ spearman_end('spearman', 'n', '+') }} as spearman_high95
  from measured
)

select
  {% for column in columns -%}
  {{ column }},
  {% endfor -%}
  school_year,
  svi_year,
  respondent,
  construct,
  scale,
  n,
  n_low,
  n_moderate,
  n_high,
  n_unranked,
  n_missing,
  mean_low,
  mean_moderate,
  mean_high,
  median_low,
  median_moderate,
  median_high,
  sd_low,
  sd_moderate,
  sd_high,
  gap,
  gap_low95,
  gap_high95,
  gap_freedom,
  gap_in_sd,
  spearman,
  spearman_low95,
  spearman_high95,
  case
    when n = 0 then 'no value'
    when gap is null or spearman_low95 is null or gap_low95 is null then 'cannot be judged'
    when gap_low95 > 0 and spearman_low95 > 0 and gap_in_sd >= {{ var('clear_from_sd') }} then 'higher where vulnerability is high'
    when gap_high95 < 0 and spearman_high95 < 0 and gap_in_sd <= -{{ var('clear_from_sd') }} then 'lower where vulnerability is high'
    else 'no clear relation'
  end as verdict,
  case
    when n = 0 then 'no school has both a value and a rank'
    when gap is null and (n_low = 0 or n_high = 0) then 'no school with a value in a bucket that is compared'
    when gap is null then 'withheld: few schools in a bucket that is compared'
    when spearman is null and n < {{ var('suppress_below') }} then 'withheld: few schools'
    when spearman is null or gap_low95 is null then 'no spread: all schools compared have the same value'
    when spearman_low95 is null then 'ranks go together wholly: no interval'
  end as note
from bounded
order by {{ columns | join(', ') }}, school_year, svi_year
{% endmacro %}
