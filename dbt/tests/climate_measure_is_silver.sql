-- What an incremental build leaves is what Silver holds: no row gone, none left over, none old.
select measure.dbn, measure.school_year, measure.measure
from {{ ref('climate_measure') }} as measure
full outer join {{ source('silver', 'survey_measure') }} as silver
  on measure.dbn = silver.dbn and measure.school_year = silver.school_year and measure.measure = silver.measure
where
  measure.dbn is null
  or silver.dbn is null
  or measure.value is distinct from silver.value
  or measure.source is distinct from silver.source
