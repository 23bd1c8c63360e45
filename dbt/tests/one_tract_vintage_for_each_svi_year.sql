-- 2010 codes carry SVI 2018 only, 2020 codes SVI 2022 only: a vintage of the index never speaks in two vintages of tracts.
select svi_year, tract_vintage
from {{ ref('tract_rank') }}
group by svi_year, tract_vintage
having tract_vintage <> case when svi_year >= 2020 then 2020 else 2010 end
union all
select svi_year, 0
from {{ source('silver', 'svi') }}
where (tract_2010 is null) = (tract_2020 is null)
