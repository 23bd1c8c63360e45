{{ config(materialized='incremental', unique_key='dbn', incremental_strategy='delete+insert') }}
select dbn, max(rate) as rate, max(day) as day
from {{ ref('rate') }}
{% if is_incremental() %}
where day > (select max(day) from {{ this }})
{% endif %}
group by dbn
