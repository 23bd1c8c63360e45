{{ config(materialized='ephemeral', tags='light') }}
select letter, place, 1 as "Mixed Case" from {{ source('outside', 'letters') }}
