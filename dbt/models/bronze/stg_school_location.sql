select
  dbn,
  fiscal_year,
  location_category
from {{ source('silver', 'school_location') }}
where dbn is not null and location_category is not null
