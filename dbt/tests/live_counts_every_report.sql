-- No report in Silver lies beyond what is counted of its partition.
select report.source, report.{{ quoted('partition') }}, report.{{ quoted('offset') }}
from {{ source('silver', 'survey_live') }} as report
left join (
  select source, {{ quoted('partition') }} as source_partition, max(next_offset) as next_offset
  from {{ ref('live_progress') }}
  group by source, {{ quoted('partition') }}
) as counted
  on report.source = counted.source and report.{{ quoted('partition') }} = counted.source_partition
where counted.next_offset is null or report.{{ quoted('offset') }} >= counted.next_offset
