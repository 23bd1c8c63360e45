{#
  Incremental by whole school years: a year is built again where its rows in Silver are not the rows that stand here.
  A clock (the newest event or ingestion seen) would miss a correction that arrives late with an old event time, and a row that is gone.
  `unique_key` is the year, so that what is gone from a year goes with it.
#}
{{ config(
  materialized='incremental',
  incremental_strategy='delete+insert',
  unique_key='school_year'
) }}
{% set columns = [
  'dbn', 'school_year', 'measure', 'respondent', 'construct', 'scale', 'value', 'missing_reason',
  'source', 'source_partition', 'source_offset', 'event_ts'
] %}
with measure as (
  select {{ columns | join(', ') }}
  from {{ ref('stg_survey_measure') }}
)

{% if is_incremental() %}
, arriving as (
  select school_year, count(*) as n, {{ fingerprint_of(columns) }} as fingerprint
  from measure
  group by school_year
)

, standing as (
  select school_year, count(*) as n, {{ fingerprint_of(columns) }} as fingerprint
  from {{ this }}
  group by school_year
)

, changed as (
  select arriving.school_year
  from arriving
  left join standing on arriving.school_year = standing.school_year
  where standing.school_year is null or arriving.n <> standing.n or arriving.fingerprint <> standing.fingerprint
)
{% endif %}
select
  dbn,
  school_year,
  measure,
  respondent,
  construct,
  scale,
  value,
  missing_reason,
  {{ borough_of('dbn') }} as borough,
  {{ program_of('dbn') }} as program,
  source,
  source_partition,
  source_offset,
  event_ts
from measure
{% if is_incremental() %}
where school_year in (select school_year from changed)
{% endif %}
