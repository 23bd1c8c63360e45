-- Every rank shown, overall and by theme, is Silver's rank of the tract written beside it, in that vintage.
-- Silver leaves the code of the other vintage null, so each row finds its tract in at most one of the two.
with shown as (
  select
    shown.*,
    coalesce(by_2010.rpl_themes, by_2020.rpl_themes) as published_overall,
    coalesce(by_2010.rpl_theme1, by_2020.rpl_theme1) as published_theme1,
    coalesce(by_2010.rpl_theme2, by_2020.rpl_theme2) as published_theme2,
    coalesce(by_2010.rpl_theme3, by_2020.rpl_theme3) as published_theme3,
    coalesce(by_2010.rpl_theme4, by_2020.rpl_theme4) as published_theme4
  from {{ ref('climate_vulnerability') }} as shown
  left join {{ source('silver', 'svi') }} as by_2010
    on shown.svi_year = by_2010.svi_year and shown.tract_2010 = by_2010.tract_2010
  left join {{ source('silver', 'svi') }} as by_2020
    on shown.svi_year = by_2020.svi_year and shown.tract_2020 = by_2020.tract_2020
)

select dbn, school_year, svi_year, svi_overall, published_overall
from shown
where
  svi_overall is distinct from published_overall
  or svi_theme1 is distinct from published_theme1
  or svi_theme2 is distinct from published_theme2
  or svi_theme3 is distinct from published_theme3
  or svi_theme4 is distinct from published_theme4
