with school as (
  select
    measure.*,
    district.borough as parent
  from {{ ref('school_measure') }} as measure
  left join {{ ref('dim_district') }} as district on measure.district = district.district
  where measure.district is not null
)
{{ place_summary('school', 'district') }}
