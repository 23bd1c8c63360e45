-- Districts withheld within a borough whose own figure is shown hold together enough schools, unless nothing is left to withhold beside them;
-- and so do boroughs, and programs, within the city.
with district as (
  select
    place.borough,
    summary.school_year,
    summary.measure,
    sum(case when summary.suppressed then summary.n_schools else 0 end) as withheld,
    count(case when not summary.suppressed and summary.n_schools > 0 then 1 end) as shown
  from {{ ref('district_summary') }} as summary
  inner join {{ ref('dim_district') }} as place on summary.district = place.district
  group by place.borough, summary.school_year, summary.measure
),

city as (
  {%- for kind in ['borough', 'program'] %}
  {% if not loop.first %}union all{% endif %}
  select
    '{{ kind }}' as kind,
    school_year,
    measure,
    sum(case when suppressed then n_schools else 0 end) as withheld,
    count(case when not suppressed and n_schools > 0 then 1 end) as shown
  from {{ ref(kind ~ '_summary') }}
  group by school_year, measure
  {%- endfor %}
)

select district.borough as within, district.school_year, district.measure, district.withheld, district.shown
from district
inner join {{ ref('borough_summary') }} as borough
  on district.borough = borough.borough
  and district.school_year = borough.school_year
  and district.measure = borough.measure
where not borough.suppressed and district.shown > 0 and district.withheld between 1 and {{ var('suppress_below') }} - 1
union all
select kind as within, school_year, measure, withheld, shown
from city
where shown > 0 and withheld between 1 and {{ var('suppress_below') }} - 1
