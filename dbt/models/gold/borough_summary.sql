-- No figure of the whole city stands here, but those of programs and of buckets of vulnerability add up to it.
with school as (
  select
    measure.*,
    'city' as parent
  from {{ ref('school_measure') }} as measure
)
{{ place_summary('school', 'borough') }}
