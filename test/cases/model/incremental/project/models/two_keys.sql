{{ config(unique_key=['id', 'day'], incremental_strategy='delete+insert') }}
select id, day, amount, {{ 'true' if is_incremental() else 'false' }} as late
from {{ source('silver', 'event') }}
{% if is_incremental() %}
where batch > (select coalesce(max(day), 0) from {{ this }})
{% endif %}
