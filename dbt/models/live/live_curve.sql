{#
  Reports of each interval of event time, added up by borough and respondent. A report that comes late is added to the interval in which it was made.
  Standing rows that got new reports are taken up again with them; the others stay as they are.
#}
{{ config(
  materialized='incremental',
  incremental_strategy='delete+insert',
  unique_key=['source', 'partition', 'bucket_at', 'borough', 'respondent']
) }}
with fresh as (
{{ uncounted_reports() }}
),

counted as (
  select
    source,
    source_partition,
    {{ bucket_of('event_at', var('live_bucket_seconds')) }} as bucket_at,
    {{ borough_of('dbn') }} as borough,
    respondent,
    cast(count(*) as bigint) as events,
    cast(sum(invited) as bigint) as invited,
    cast(sum(responded) as bigint) as responded,
    max(source_offset) + 1 as next_offset
  from fresh
  group by 1, 2, 3, 4, 5
){% if is_incremental() %},

merged as (
  select source, source_partition, bucket_at, borough, respondent, events, invited, responded, next_offset
  from counted
  union all
  select
    standing.source,
    standing.{{ quoted('partition') }} as source_partition,
    standing.bucket_at,
    standing.borough,
    standing.respondent,
    standing.events,
    standing.invited,
    standing.responded,
    standing.next_offset
  from {{ this }} as standing
  inner join counted
    on standing.source = counted.source
    and standing.{{ quoted('partition') }} = counted.source_partition
    and standing.bucket_at = counted.bucket_at
    and standing.borough = counted.borough
    and standing.respondent = counted.respondent
){% endif %}

select
  source,
  source_partition as {{ quoted('partition') }},
  bucket_at,
  borough,
  respondent,
  cast(sum(events) as bigint) as events,
  cast(sum(invited) as bigint) as invited,
  cast(sum(responded) as bigint) as responded,
  max(next_offset) as next_offset
from {% if is_incremental() %}merged{% else %}counted{% endif %}
group by source, source_partition, bucket_at, borough, respondent
