-- Schools with a value and without one, over all boroughs, are all schools asked; over all districts, all but those without a place.
with asked as (
  select measure.school_year, measure.measure, measure.scale, count(*) as schools, count(school.district) as placed
  from {{ ref('climate_measure') }} as measure
  inner join {{ ref('school_climate_snapshot') }} as school
    on measure.dbn = school.dbn and measure.school_year = school.school_year
  group by measure.school_year, measure.measure, measure.scale
),

by_borough as (
  select school_year, measure, scale, sum(n_schools + n_missing) as schools
  from {{ ref('borough_summary') }}
  group by school_year, measure, scale
),

by_district as (
  select school_year, measure, scale, sum(n_schools + n_missing) as schools
  from {{ ref('district_summary') }}
  group by school_year, measure, scale
)

select asked.school_year, asked.measure, asked.schools, asked.placed, by_borough.schools as in_boroughs, by_district.schools as in_districts
from asked
left join by_borough
  on asked.school_year = by_borough.school_year and asked.measure = by_borough.measure and asked.scale = by_borough.scale
left join by_district
  on asked.school_year = by_district.school_year and asked.measure = by_district.measure and asked.scale = by_district.scale
where asked.schools <> coalesce(by_borough.schools, 0) or asked.placed <> coalesce(by_district.schools, 0)
