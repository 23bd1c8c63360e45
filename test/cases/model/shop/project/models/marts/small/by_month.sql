{%- set months = ['2024-01', '2024-02'] -%}
{%- set seen = namespace(n=0) -%}
{%- for month in months if month != '2024-02' -%}{%- set seen.n = seen.n + 1 -%}{%- endfor -%}
select month, count(*) as orders, {{ seen.n }} as picked, '{{ months | join('|') }}' as months, {{ this.schema | length }} as width
from {{ ref('stg_orders') }}
group by month
