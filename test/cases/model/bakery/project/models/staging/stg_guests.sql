with source as (

    {#-
    Seeds stand in for what a till would send.
    #}
    select * from {{ ref('raw_guests') }}

),

renamed as (

    select
        id as guest_id,
        first_name,
        last_name

    from source

)

select * from renamed
