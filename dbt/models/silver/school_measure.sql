-- Each value of the survey beside the school's place and the number of its students in that year.
select
  measure.dbn,
  measure.school_year,
  measure.measure,
  measure.respondent,
  measure.construct,
  measure.scale,
  measure.value,
  school.borough,
  school.district,
  enrolled.total_enrollment as students
from {{ ref('climate_measure') }} as measure
inner join {{ ref('school_climate_snapshot') }} as school
  on measure.dbn = school.dbn and measure.school_year = school.school_year
left join {{ ref('stg_demographics') }} as enrolled
  on measure.dbn = enrolled.dbn and measure.school_year = enrolled.school_year
