{# Each event once, as it arrived first. #}
{{ config(incremental_strategy='append') }}
select event_id, dbn, responded, arrival
from {{ source('silver', 'report') }}
{% if is_incremental() %}
where event_id not in (select event_id from {{ this }})
{% endif %}
qualify row_number() over (partition by event_id order by arrival) = 1
