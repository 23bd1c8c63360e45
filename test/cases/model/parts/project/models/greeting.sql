select id, '{{ env_var("GREETING") }}' as said, '{{ greet("you", times=var("times", 1)) }}' as whole
from {{ source('till', 'visit') }}
