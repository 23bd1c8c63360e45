with source as (
    select * from {{ ref('raw_receipts') }}
)

select
    id as receipt_id,
    bake_id,
    paid_by,

    -- kept in pence by the till
    pence / 100 as amount

from source
