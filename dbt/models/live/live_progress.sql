{#
  Of each school's respondents the newest report, by partition of the topic it came by. A late report counts and does not displace a newer one.
  Standing rows that got new reports are taken up again with them; the others stay as they are.
#}
{{ config(
  materialized='incremental',
  incremental_strategy='delete+insert',
  unique_key=['source', 'partition', 'dbn', 'respondent']
) }}
with fresh as (
{{ uncounted_reports() }}
),

reported as (
  select
    source,
    source_partition,
    dbn,
    respondent,
    school_year,
    invited,
    responded,
    event_at,
    source_offset as event_offset,
    event_at as first_event_at,
    cast(1 as bigint) as events,
    source_offset + 1 as next_offset
  from fresh
{% if is_incremental() %}
  union all
  select
    standing.source,
    standing.{{ quoted('partition') }} as source_partition,
    standing.dbn,
    standing.respondent,
    standing.school_year,
    standing.invited,
    standing.responded,
    standing.event_at,
    standing.event_offset,
    standing.first_event_at,
    standing.events,
    standing.next_offset
  from {{ this }} as standing
  inner join (select distinct source, source_partition, dbn, respondent from fresh) as touched
    on standing.source = touched.source
    and standing.{{ quoted('partition') }} = touched.source_partition
    and standing.dbn = touched.dbn
    and standing.respondent = touched.respondent
{% endif %}
),

summed as (
  select
    source,
    source_partition,
    dbn,
    respondent,
    min(first_event_at) as first_event_at,
    cast(sum(events) as bigint) as events,
    max(next_offset) as next_offset
  from reported
  group by source, source_partition, dbn, respondent
),

newest as (
  select *
  from reported
  qualify row_number() over (
    partition by source, source_partition, dbn, respondent
    order by event_at desc, event_offset desc
  ) = 1
)

select
  summed.source,
  summed.source_partition as {{ quoted('partition') }},
  summed.dbn,
  summed.respondent,
  newest.school_year,
  newest.invited,
  newest.responded,
  newest.event_at,
  newest.event_offset,
  summed.first_event_at,
  summed.events,
  summed.next_offset
from summed
inner join newest
  on summed.source = newest.source
  and summed.source_partition = newest.source_partition
  and summed.dbn = newest.dbn
  and summed.respondent = newest.respondent
