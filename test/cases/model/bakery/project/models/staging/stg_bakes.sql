with source as (
    select * from {{ ref('raw_bakes') }}
)

select
    id as bake_id,
    guest_id,
    baked_on,
    state
from source
