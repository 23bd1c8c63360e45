-- Districts withheld within a borough whose own figure is shown hold together enough schools, unless nothing is left to withhold beside them.
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
)

select district.*
from district
inner join {{ ref('borough_summary') }} as borough
  on district.borough = borough.borough
  and district.school_year = borough.school_year
  and district.measure = borough.measure
where not borough.suppressed and district.shown > 0 and district.withheld between 1 and {{ var('suppress_below') }} - 1
