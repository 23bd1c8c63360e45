-- No figure of the whole city stands in Gold, so no borough is withheld for another's sake: each is its own parent.
with school as (
  select
    measure.*,
    measure.borough as parent
  from {{ ref('school_measure') }} as measure
)
{{ place_summary('school', 'borough') }}
