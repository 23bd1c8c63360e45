{# Whole days: a day that anything arrived for is counted again, however old it is. #}
{{ config(incremental_strategy='delete+insert', unique_key='day') }}
select
  cast(event_at as date) as day,
  count(distinct event_id) as events,
  count(distinct dbn) as schools,
  max(arrival) as last_arrival
from {{ source('silver', 'report') }}
{% if is_incremental() %}
where cast(event_at as date) in (
  select cast(event_at as date)
  from {{ source('silver', 'report') }}
  where arrival > (select coalesce(max(last_arrival), 0) from {{ this }})
)
{% endif %}
group by 1
