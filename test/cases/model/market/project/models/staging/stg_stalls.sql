select
    code as stall_code,
    name as stall_name,
    {{ dbt.date_trunc(var('truncate_timespan_to'), 'opened') }} as opened_on
from {{ source('tills', 'raw_stalls') }}
