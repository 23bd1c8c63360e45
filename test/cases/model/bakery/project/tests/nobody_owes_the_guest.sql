-- What a guest paid in all is never below nothing.
select
    guest_id,
    sum(amount) as amount
from {{ ref('bakes') }}
group by 1
having amount < 0
