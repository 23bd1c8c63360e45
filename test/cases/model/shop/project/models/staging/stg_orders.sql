{{ config(materialized='ephemeral') }}
{# a comment with {{ marks }} #}
select
  id,
  customer,
  cast(amount as double) as amount,
  {{ month_of('placed_on') }} as month,
  code
from {{ ref('orders') }}
