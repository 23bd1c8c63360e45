with school as (
  select
    measure.*,
    'city' as parent
  from {{ ref('school_measure') }} as measure
)
{{ place_summary('school', 'borough') }}
