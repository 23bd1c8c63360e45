select
  dbn,
  school_year,
  school_name,
  student_response_rate,
  teacher_response_rate,
  parent_response_rate,
  collaborative_teachers_score,
  effective_school_leadership_score,
  rigorous_instruction_score,
  supportive_environment_score,
  strong_family_community_ties_score,
  trust_score,
  source,
  {{ quoted('partition') }} as source_partition,
  {{ quoted('offset') }} as source_offset,
  event_ts
from {{ source('silver', 'school_survey') }}
