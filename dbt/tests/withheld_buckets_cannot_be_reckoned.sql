-- What is withheld in a line of buckets, or in a column of programs whose whole is shown, holds together enough schools, unless nothing is left to withhold beside it.
with line as (
  select
    measure,
    school_year,
    svi_year,
    program as of_what,
    sum(case when suppressed then n_schools else 0 end) as withheld,
    count(case when not suppressed and n_schools > 0 then 1 end) as shown
  from {{ ref('climate_by_bucket') }}
  group by measure, school_year, svi_year, program
),

bucket_column as (
  select
    measure,
    school_year,
    svi_year,
    svi_bucket as of_what,
    sum(case when program <> 'all' and suppressed then n_schools else 0 end) as withheld,
    count(case when program <> 'all' and not suppressed and n_schools > 0 then 1 end) as shown,
    count(case when program = 'all' and suppressed then 1 end) as whole_withheld
  from {{ ref('climate_by_bucket') }}
  group by measure, school_year, svi_year, svi_bucket
)

select measure, school_year, svi_year, of_what, withheld, shown
from line
where shown > 0 and withheld between 1 and {{ var('suppress_below') }} - 1
union all
select measure, school_year, svi_year, of_what, withheld, shown
from bucket_column
where shown > 0 and (whole_withheld > 0 or withheld between 1 and {{ var('suppress_below') }} - 1)
