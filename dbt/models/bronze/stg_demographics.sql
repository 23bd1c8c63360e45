select
  dbn,
  school_year,
  total_enrollment
from {{ source('silver', 'demographics') }}
