{% set ways = ['card', 'cash', 'voucher', 'transfer'] %}

with bakes as (

    select * from {{ ref('stg_bakes') }}

),

receipts as (

    select * from {{ ref('stg_receipts') }}

),

by_bake as (

    select
        bake_id,

        {% for way in ways -%}
        sum(case when paid_by = '{{ way }}' then amount else 0 end) as {{ way }}_amount,
        {% endfor -%}

        sum(amount) as total_amount

    from receipts

    group by bake_id

)

select
    bakes.bake_id,
    bakes.guest_id,
    bakes.baked_on,
    bakes.state,

    {% for way in ways -%}

    by_bake.{{ way }}_amount,

    {% endfor -%}

    by_bake.total_amount as amount

from bakes


left join by_bake
    on bakes.bake_id = by_bake.bake_id
