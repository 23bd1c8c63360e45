{{ config(materialized='ephemeral') }}
with paid as (select id from {{ ref('shop', 'orders') }} where paid)
select stg_orders.* from {{ ref('stg_orders') }} as stg_orders inner join paid using (id)
