-- with in a comment
with totals as (
  select
    customer,
    {% for kind in ['cheap', 'dear'] -%}
    sum(case when amount {{ '<' if kind == 'cheap' else '>=' }} {{ var('cheap_below') }} then amount else 0 end) as {{ kind }}_amount
    {%- if not loop.last %},{% endif %}
    {% endfor %}
  from {{ ref('stg_orders') }}
  group by customer
)
select
  c.name,
  coalesce(t.cheap_amount, 0) as cheap_amount,
  coalesce(t.dear_amount, 0) as dear_amount,
  {{ taxed('coalesce(t.dear_amount, 0)', rate=var('tax')) }} as taxed,
  (select count(*) from {{ ref('stg_paid') }} as p where p.customer = c.name) as paid_orders
from {{ ref('customers') }} as c
left join totals as t on t.customer = c.name
