with placed as (
  select * from silver.sale_place where amount > 0
)

select
  day,
  region,
  sum(amount) as total,
  count(*) as sales
from placed
group by day, region
