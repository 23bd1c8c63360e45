-- The kind of school by the grades it teaches, as the newest location file that says so has it. Only files with DBNs say it.
select
  dbn,
  location_category as level
from {{ ref('stg_school_location') }}
qualify row_number() over (partition by dbn order by fiscal_year desc, location_category) = 1
