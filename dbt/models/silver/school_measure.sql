-- Each value of the survey beside the school's place, its program and the number of its students in that year.
select
  measure.dbn,
  measure.school_year,
  known.measure_key,
  measure.value,
  school.borough,
  school.district,
  school.program,
  enrolled.total_enrollment as students
from {{ ref('climate_measure') }} as measure
inner join {{ ref('measure_year') }} as known
  on measure.measure = known.measure and measure.school_year = known.school_year and measure.scale = known.scale
inner join {{ ref('school_climate_snapshot') }} as school
  on measure.dbn = school.dbn and measure.school_year = school.school_year
left join {{ ref('stg_demographics') }} as enrolled
  on measure.dbn = enrolled.dbn and measure.school_year = enrolled.school_year
