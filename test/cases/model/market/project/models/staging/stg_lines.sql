select
    id as line_id,
    visit as visit_id,
    good as good_code
from {{ source('tills', 'raw_lines') }}
