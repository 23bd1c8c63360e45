select
  dbn,
  school_year,
  measure,
  respondent,
  construct,
  scale,
  value,
  missing_reason,
  source,
  {{ quoted('partition') }} as source_partition,
  {{ quoted('offset') }} as source_offset,
  event_ts
from {{ source('silver', 'survey_measure') }}
