select * from {{ ref('loose') }}
