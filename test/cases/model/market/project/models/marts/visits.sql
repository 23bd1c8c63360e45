with

visits as (

    select * from {{ ref('stg_visits') }}

),

line_sums as (

    select
        visit_id,
        count(*) as lines,
        {{ kit.pivot('good_code', ['JAM', 'TEA'], suffix='_lines') }},
        sum(price) as goods_price
    from {{ ref('stg_lines') }}
    left join {{ ref('stg_goods') }} using (good_code)
    group by 1

)

select
    visits.*,
    lines,
    jam_lines,
    tea_lines,
    goods_price,
    {{ kit.same_width(ref('stg_visits')) }} as visits_in_all,
    row_number() over (partition by visitor_id order by visited_on asc) as visit_of_visitor,
    tea_lines > 0 as has_tea
from visits
left join line_sums on visits.visit_id = line_sums.visit_id
