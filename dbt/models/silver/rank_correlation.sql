-- How far the ranks of schools' values go with the ranks of their tracts: of all schools, and of each program by itself.
with placed as (
  select
    measure_key,
    svi_year,
    program,
    value,
    {{ twice_rank_of('value', 'measure_key, svi_year') }} as value_in_all,
    {{ twice_rank_of('svi_overall', 'measure_key, svi_year') }} as tract_in_all,
    {{ twice_rank_of('value', 'measure_key, svi_year, program') }} as value_in_program,
    {{ twice_rank_of('svi_overall', 'measure_key, svi_year, program') }} as tract_in_program
  from {{ ref('ranked_measure') }}
  where value is not null and svi_overall is not null
)

select
  measure_key,
  svi_year,
  'all' as program,
  cast(count(*) as bigint) as n,
  sqrt({{ variance_of('value') }}) as sd,
  {{ spearman_of('value_in_all', 'tract_in_all') }} as spearman
from placed
group by measure_key, svi_year
union all
select
  measure_key,
  svi_year,
  program,
  cast(count(*) as bigint) as n,
  sqrt({{ variance_of('value') }}) as sd,
  {{ spearman_of('value_in_program', 'tract_in_program') }} as spearman
from placed
group by measure_key, svi_year, program
