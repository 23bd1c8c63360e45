{{
    config(
        materialized = 'incremental',
        unique_key = 'line_key'
    )
}}

select
    {{ kit.generate_surrogate_key(['line_id', 'lines.good_code']) }} as line_key,
    {{ kit.marked('line') }} as mark,
    {{ dbt.right('good_name', 3) }} as last_letters,
    lines.*,
    good_name,
    price,
    visited_on
from {{ ref('stg_lines') }} as lines
left join {{ ref('stg_goods') }} as goods on lines.good_code = goods.good_code
inner join {{ ref('stg_visits') }} as visits on lines.visit_id = visits.visit_id
{% if is_incremental() %}
where lines.line_id > (select max(line_id) from {{ this }})
{% endif %}
