{#
  Statistics of one measure over the schools of a place, and what may be shown of them. Rows of `relation` are schools:
  `place`, `parent` (what is larger and whose figure is shown or follows from what is shown), measure_key, value, students.

  A statistic of fewer than `suppress_below` schools is withheld. Where what is withheld within one parent still adds up to fewer schools,
  the smallest shown place of that parent is withheld too, else subtraction from the parent's figure would give it back.
#}
{% macro place_summary(relation, place) %}
, counted as (
  select
    {{ place }},
    parent,
    measure_key,
    cast(count(value) as bigint) as n_schools,
    {{ count_where('value is null') }} as n_missing,
    {{ count_where('value is not null and students is not null') }} as n_enrolment_known,
    {{ mean_of('value') }} as mean_of_schools,
    {{ weighted_mean_of('value', 'students') }} as student_weighted_mean,
    {{ median_of('value') }} as median,
    {{ percentile_of('value', 0.25) }} as p25,
    {{ percentile_of('value', 0.75) }} as p75
  from {{ relation }}
  group by {{ place }}, parent, measure_key
)

, sized as (
  select
    counted.*,
    n_schools between 1 and {{ var('suppress_below') }} - 1 as is_small,
    sum(case when n_schools < {{ var('suppress_below') }} then n_schools else 0 end) over (
      partition by parent, measure_key
    ) as withheld_schools,
    row_number() over (
      partition by parent, measure_key
      order by case when n_schools < {{ var('suppress_below') }} then 1 else 0 end, n_schools, {{ place }}
    ) as shown_rank
  from counted
)

, judged as (
  select
    sized.*,
    case
      when is_small then 'few_schools'
      when
        n_schools >= {{ var('suppress_below') }}
        and shown_rank = 1
        and withheld_schools between 1 and {{ var('suppress_below') }} - 1
        then 'complementary'
      else 'none'
    end as suppression
  from sized
)

, named as (
  select
    judged.*,
    known.measure,
    known.school_year,
    known.scale,
    known.respondent,
    known.construct,
    known.comparable_year,
    case when suppression = 'none' then mean_of_schools end as shown_mean
  from judged
  inner join {{ ref('measure_year') }} as known on judged.measure_key = known.measure_key
)

select
  named.{{ place }},
  named.school_year,
  named.measure,
  named.respondent,
  named.construct,
  named.scale,
  named.n_schools,
  named.n_missing,
  named.shown_mean as mean_of_schools,
  case
    when named.suppression = 'none' and named.n_enrolment_known >= {{ var('suppress_below') }} then named.student_weighted_mean
  end as student_weighted_mean,
  case when named.suppression = 'none' then named.median end as median,
  case when named.suppression = 'none' then named.p25 end as p25,
  case when named.suppression = 'none' then named.p75 end as p75,
  named.n_enrolment_known,
  case
    when named.n_schools = 0 then 'no school has a value'
    when named.suppression <> 'none' then 'withheld'
    when named.n_enrolment_known = 0 then 'no enrolment known for this school year'
    when named.n_enrolment_known < {{ var('suppress_below') }} then 'enrolment known for too few schools'
  end as student_weighted_note,
  named.comparable_year,
  named.shown_mean - earlier.shown_mean as change_in_mean_of_schools,
  case
    when named.n_schools = 0 then 'no school has a value'
    when named.comparable_year is null then 'no comparable year'
    when named.suppression <> 'none' or earlier.suppression <> 'none' then 'withheld'
    when earlier.shown_mean is null then 'no school had a value in the comparable year'
  end as change_note,
  named.suppression <> 'none' as suppressed,
  named.suppression
from named
left join named as earlier
  on named.{{ place }} = earlier.{{ place }}
  and named.measure = earlier.measure
  and named.scale = earlier.scale
  and named.comparable_year = earlier.school_year
{% endmacro %}

{# Tracts of a place against the ranks of one vintage. Ranks are summed up by median and spread, never averaged; shares are of residents. #}
{% macro svi_statistics() %}
  cast(count(*) as bigint) as tracts,
  cast(count(svi_overall) as bigint) as ranked_tracts,
  cast(sum(residents) as bigint) as residents,
  {{ median_of('svi_overall') }} as median_svi,
  {{ percentile_of('svi_overall', 0.25) }} as p25_svi,
  {{ percentile_of('svi_overall', 0.75) }} as p75_svi,
  {% for bucket in ['Low', 'Moderate', 'High', 'Unknown'] -%}
  {{ ratio("sum(case when svi_bucket = '" ~ bucket ~ "' then residents else 0 end)", 'sum(residents)') }} as share_{{ bucket | lower }},
  {% endfor -%}
  {% for theme in [1, 2, 3, 4] -%}
  {{ median_of('svi_theme' ~ theme) }} as median_theme{{ theme }}{{ ',' if not loop.last }}
  {% endfor -%}
{% endmacro %}
