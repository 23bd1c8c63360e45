-- Every rank shown, overall and by theme, is Silver's rank of the tract written beside it, in that vintage.
select shown.dbn, shown.school_year, shown.svi_year, shown.svi_overall, svi.rpl_themes
from {{ ref('climate_vulnerability') }} as shown
left join {{ source('silver', 'svi') }} as svi
  on shown.svi_year = svi.svi_year
  and coalesce(svi.tract_2010, svi.tract_2020) = case when svi.tract_2010 is not null then shown.tract_2010 else shown.tract_2020 end
where
  shown.svi_overall is distinct from svi.rpl_themes
  or shown.svi_theme1 is distinct from svi.rpl_theme1
  or shown.svi_theme2 is distinct from svi.rpl_theme2
  or shown.svi_theme3 is distinct from svi.rpl_theme3
  or shown.svi_theme4 is distinct from svi.rpl_theme4
