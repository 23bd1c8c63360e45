{%- set kinds = ['jar', 'cup'] -%}

select
    code as good_code,
    name as good_name,
    {{ cents_to_coins('cents') }} as price,
    {% for kind in kinds %}
    coalesce(kind = '{{ kind }}', false) as is_{{ kind }}
    {%- if not loop.last -%}
    ,
    {%- endif %}
    {% endfor %}
from {{ ref('raw_goods') }}
