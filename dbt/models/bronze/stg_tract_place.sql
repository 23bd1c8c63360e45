select
  tract_2010,
  tract_2020,
  district
from {{ source('silver', 'tract_place') }}
