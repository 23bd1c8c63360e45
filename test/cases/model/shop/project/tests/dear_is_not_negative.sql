select * from {{ ref('customer_total') }} where dear_amount < 0
