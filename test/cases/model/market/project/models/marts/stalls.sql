select
    stalls.*,
    count(visits.visit_id) as visits,
    sum(visits.total) as taken
from {{ ref('stg_stalls') }} as stalls
left join {{ ref('visits') }} as visits on stalls.stall_code = visits.stall_code
group by all
