-- The boroughs' figures add up to that of the city, from which what is withheld here could be taken away.
with school as (
  select
    measure.*,
    'city' as parent
  from {{ ref('school_measure') }} as measure
)
{{ place_summary('school', 'program') }}
