with

source as (

    select * from {{ source('tills', 'raw_visits') }}

),

renamed as (

    select

        ----------  ids
        id as visit_id,
        visitor as visitor_id,
        stall as stall_code,

        ---------- numbers
        cents as total_cents,
        {{ cents_to_coins('cents') }} as total,

        ---------- instants
        {{ dbt.date_trunc('day', 'rung_at') }} as visited_on

    from source

)

select * from renamed
