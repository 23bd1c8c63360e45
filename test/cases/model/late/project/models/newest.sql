{# The newest report of each group by its own time. What comes late, twice or out of order changes nothing but the mark of what was seen. #}
{{ config(incremental_strategy='merge', unique_key=['dbn', 'respondent']) }}
with arrived as (
  select dbn, respondent, responded, event_at, arrival, arrival as last_arrival
  from {{ source('silver', 'report') }}
  {% if is_incremental() %}
  where arrival > (select coalesce(max(last_arrival), 0) from {{ this }})
  {% endif %}
),

known as (
  select * from arrived
  {% if is_incremental() %}
  union all
  select dbn, respondent, responded, event_at, arrival, last_arrival
  from {{ this }}
  where (dbn, respondent) in (select dbn, respondent from arrived)
  {% endif %}
)

select
  dbn,
  respondent,
  responded,
  event_at,
  arrival,
  max(last_arrival) over (partition by dbn, respondent) as last_arrival
from known
qualify row_number() over (partition by dbn, respondent order by event_at desc, arrival) = 1
