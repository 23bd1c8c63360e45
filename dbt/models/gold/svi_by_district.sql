select
  district,
  svi_year,
  {{ svi_statistics() }}
from {{ ref('tract_rank') }}
where district is not null
group by district, svi_year
