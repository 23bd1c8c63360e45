-- Schools compared, those without a rank and those without a value are all schools asked, in every vintage; and the programs by themselves count the same.
with asked as (
  select measure, school_year, count(*) as schools, count(value) as answered
  from {{ ref('climate_measure') }}
  group by measure, school_year
),

by_program as (
  select measure, school_year, svi_year, sum(n) as n, sum(n_unranked) as n_unranked, sum(n_missing) as n_missing
  from {{ ref('equity_gap_by_program') }}
  group by measure, school_year, svi_year
)

select gap.measure, gap.school_year, gap.svi_year, asked.schools, gap.n, gap.n_unranked, gap.n_missing
from {{ ref('equity_gap') }} as gap
left join asked on gap.measure = asked.measure and gap.school_year = asked.school_year
left join by_program
  on gap.measure = by_program.measure and gap.school_year = by_program.school_year and gap.svi_year = by_program.svi_year
where
  gap.n + gap.n_unranked + gap.n_missing <> coalesce(asked.schools, -1)
  or gap.n + gap.n_unranked <> coalesce(asked.answered, -1)
  or gap.n <> coalesce(by_program.n, -1)
  or gap.n_unranked <> coalesce(by_program.n_unranked, -1)
  or gap.n_missing <> coalesce(by_program.n_missing, -1)
