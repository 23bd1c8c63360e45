{{ config(unique_key='id', incremental_strategy='merge') }}
select id, day, amount, {{ 'true' if is_incremental() else 'false' }} as late
from {{ source('silver', 'event') }}
{% if is_incremental() %}
where batch > (select coalesce(max(day), 0) from {{ this }})
{% endif %}
