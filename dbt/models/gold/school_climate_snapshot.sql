select
  survey.dbn,
  survey.school_year,
  survey.school_name,
  {{ borough_of('survey.dbn') }} as borough,
  place.district,
  {{ program_of('survey.dbn') }} as program,
  survey.student_response_rate,
  survey.teacher_response_rate,
  survey.parent_response_rate,
  survey.collaborative_teachers_score,
  survey.effective_school_leadership_score,
  survey.rigorous_instruction_score,
  survey.supportive_environment_score,
  survey.strong_family_community_ties_score,
  survey.trust_score,
  enrolled.total_enrollment,
  place.district_stated,
  place.district_polygon,
  place.borough_polygon,
  place.location_fiscal_year,
  place.latitude,
  place.longitude,
  survey.source,
  survey.source_partition,
  survey.source_offset,
  survey.event_ts
from {{ ref('stg_school_survey') }} as survey
left join {{ ref('school_year_place') }} as place
  on survey.dbn = place.dbn and survey.school_year = place.school_year
left join {{ ref('stg_demographics') }} as enrolled
  on survey.dbn = enrolled.dbn and survey.school_year = enrolled.school_year
