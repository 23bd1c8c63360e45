-- Where each school of a survey stood: by the location source of the survey's own fiscal year, else by the one nearest to it.
with school_key as (
  select dbn, school_year, dbn as school_key
  from {{ ref('stg_school_survey') }}
  union all
  select dbn, school_year, {{ location_code_of('dbn') }} as school_key
  from {{ ref('stg_school_survey') }}
)

select
  school_key.dbn,
  school_key.school_year,
  place.fiscal_year as location_fiscal_year,
  place.location_code,
  place.latitude,
  place.longitude,
  place.tract_2010,
  place.tract_2020,
  place.stated_tract_2010,
  place.tract_agrees,
  coalesce(place.district_stated, place.district_polygon) as district,
  place.district_stated,
  place.district_polygon,
  place.borough_polygon
from school_key
inner join {{ ref('stg_school_place') }} as place on school_key.school_key = place.school_key
qualify row_number() over (
  partition by school_key.dbn, school_key.school_year
  order by abs(place.fiscal_year - school_key.school_year), place.fiscal_year desc, place.location_code
) = 1
