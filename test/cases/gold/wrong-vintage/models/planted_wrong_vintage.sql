-- Planted, and wrong: the 2010 tract that a location file states is taken for a 2020 tract. Most codes are found, so it looks right.
select
  school.dbn,
  school.school_year,
  svi.svi_year,
  svi.tract_2020,
  svi.rpl_themes as svi_overall
from {{ ref('school_climate_snapshot') }} as school
inner join {{ ref('school_year_place') }} as place
  on school.dbn = place.dbn and school.school_year = place.school_year
inner join {{ source('silver', 'svi') }} as svi on place.stated_tract_2010 = svi.tract_2020
where svi.svi_year = 2022
