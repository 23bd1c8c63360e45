select
  svi_year,
  tract_2010,
  tract_2020,
  county_fips,
  cast(e_totpop as bigint) as residents,
  rpl_themes as svi_overall,
  rpl_theme1 as svi_theme1,
  rpl_theme2 as svi_theme2,
  rpl_theme3 as svi_theme3,
  rpl_theme4 as svi_theme4
from {{ source('silver', 'svi') }}
