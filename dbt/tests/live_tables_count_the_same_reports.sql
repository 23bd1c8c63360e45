-- Progress and curve go on from their own rows, each by itself; what they counted of a partition is the same, or one of them lost or doubled something.
with progress as (
  select source, {{ quoted('partition') }} as source_partition, respondent, sum(events) as events, max(next_offset) as next_offset
  from {{ ref('live_progress') }}
  group by source, {{ quoted('partition') }}, respondent
),

curve as (
  select source, {{ quoted('partition') }} as source_partition, respondent, sum(events) as events, max(next_offset) as next_offset
  from {{ ref('live_curve') }}
  group by source, {{ quoted('partition') }}, respondent
)

select progress.source, progress.source_partition, progress.respondent, progress.events, curve.events as events_of_curve
from progress
full outer join curve
  on progress.source = curve.source
  and progress.source_partition = curve.source_partition
  and progress.respondent = curve.respondent
where
  progress.source is null
  or curve.source is null
  or progress.events <> curve.events
  or progress.next_offset <> curve.next_offset
