select
  borough,
  svi_year,
  {{ svi_statistics() }}
from {{ ref('tract_rank') }}
where borough is not null
group by borough, svi_year
