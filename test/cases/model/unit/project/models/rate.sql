select
  dbn,
  borough_of.name as borough,
  cast(responded as double) / nullif(invited, 0) as rate,
  day
from {{ source('silver', 'answer') }} as answer
left join {{ ref('borough') }} as borough_of on borough_of.code = substr(dbn, 3, 1)
where invited >= {{ least_invited() }}
