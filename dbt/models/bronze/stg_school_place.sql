select
  fiscal_year,
  location_code,
  dbn,
  -- A source without DBNs names a school by its location code alone. Six characters or four: the two never meet.
  coalesce(dbn, location_code) as school_key,
  latitude,
  longitude,
  tract_2010,
  tract_2020,
  stated_tract_2010,
  tract_agrees,
  stated_district as district_stated,
  district as district_polygon,
  borough as borough_polygon
from {{ source('silver', 'school_place') }}
