-- Each value of the survey beside the rank of the tract its school stands in, once for each vintage landed.
select
  measure.measure_key,
  ranked.svi_year,
  measure.program,
  ranked.svi_bucket,
  ranked.svi_overall,
  measure.value,
  measure.students
from {{ ref('school_measure') }} as measure
inner join {{ ref('climate_vulnerability') }} as ranked
  on measure.dbn = ranked.dbn and measure.school_year = ranked.school_year
