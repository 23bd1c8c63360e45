with guests as (
    select * from {{ ref('stg_guests') }}
),

bakes as (
    select * from {{ ref('stg_bakes') }}
),

receipts as (
    select * from {{ ref('stg_receipts') }}
),

guest_bakes as (
    select
        guest_id,
        min(baked_on) as first_bake,
        max(baked_on) as newest_bake,
        count(bake_id) as number_of_bakes
    from bakes
    group by guest_id
),

guest_receipts as (
    select
        bakes.guest_id,
        sum(amount) as lifetime_amount
    from receipts
    left join bakes on receipts.bake_id = bakes.bake_id
    group by bakes.guest_id
)

select
    guests.guest_id,
    guests.first_name,
    guests.last_name,
    guest_bakes.first_bake,
    guest_bakes.newest_bake,
    guest_bakes.number_of_bakes,
    guest_receipts.lifetime_amount
from guests
left join guest_bakes on guests.guest_id = guest_bakes.guest_id
left join guest_receipts on guests.guest_id = guest_receipts.guest_id
