{#
  Each school's rank is the rank that Silver holds, in that vintage, for the tract whose polygon of that vintage holds the school.
  Read from Silver alone, by no path that a model takes, so that a model which joins codes of one vintage to ranks of another
  cannot pass by agreeing with itself. `model` has dbn, svi_year and the rank.
#}
{% test rank_of_own_vintage(model, column_name, published='rpl_themes') %}
with place as (
  select coalesce(dbn, location_code) as school_key, tract_2010, tract_2020
  from {{ source('silver', 'school_place') }}
),

published as (
  select place.school_key, svi.svi_year, svi.{{ published }} as published_rank
  from place
  inner join {{ source('silver', 'svi') }} as svi on place.tract_2010 = svi.tract_2010
  union
  select place.school_key, svi.svi_year, svi.{{ published }} as published_rank
  from place
  inner join {{ source('silver', 'svi') }} as svi on place.tract_2020 = svi.tract_2020
)

select ranked.dbn, ranked.svi_year, ranked.{{ column_name }}
from {{ model }} as ranked
left join published as by_dbn
  on ranked.dbn = by_dbn.school_key
  and ranked.svi_year = by_dbn.svi_year
  and ranked.{{ column_name }} = by_dbn.published_rank
left join published as by_code
  on {{ location_code_of('ranked.dbn') }} = by_code.school_key
  and ranked.svi_year = by_code.svi_year
  and ranked.{{ column_name }} = by_code.published_rank
where ranked.{{ column_name }} is not null and by_dbn.school_key is null and by_code.school_key is null
{% endtest %}
