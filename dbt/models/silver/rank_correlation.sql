-- How far the ranks of schools' values go with the ranks of their tracts: of all schools, and of each program by itself.
with placed as (
  select
    measure_key,
    svi_year,
    program,
    value,
    {{ twice_rank_of('svi_overall', 'measure_key, svi_year') }} as tract_in_all,
    {{ twice_rank_of('svi_overall', 'measure_key, svi_year, program') }} as tract_in_program
  from {{ ref('ranked_measure') }}
  where value is not null and svi_overall is not null
),

-- Schools of one value share its rank: a row for them all is enough, and there are few values.
tied as (
  select
    measure_key,
    svi_year,
    program,
    value,
    count(*) as n,
    {{ sum_of('value') }} as total,
    {{ sum_of_squares('value') }} as squares,
    sum(tract_in_all) as tracts_in_all,
    sum(tract_in_all * tract_in_all) as tract_squares_in_all,
    sum(tract_in_program) as tracts_in_program,
    sum(tract_in_program * tract_in_program) as tract_squares_in_program
  from placed
  group by measure_key, svi_year, program, value
),

grouped as (
  select
    measure_key,
    svi_year,
    'all' as program,
    value,
    sum(n) as n,
    sum(total) as total,
    sum(squares) as squares,
    sum(tracts_in_all) as tracts,
    sum(tract_squares_in_all) as tract_squares
  from tied
  group by measure_key, svi_year, value
  union all
  select
    measure_key,
    svi_year,
    program,
    value,
    n,
    total,
    squares,
    tracts_in_program as tracts,
    tract_squares_in_program as tract_squares
  from tied
),

ranked as (
  select
    grouped.*,
    {{ twice_rank_of_tied('n', 'value', 'measure_key, svi_year, program') }} as twice_rank
  from grouped
)

select
  measure_key,
  svi_year,
  program,
  cast(sum(n) as bigint) as n,
  sqrt({{ variance_from('sum(n)', 'sum(total)', 'sum(squares)') }}) as sd,
  {{ spearman_from('sum(n)', 'sum(twice_rank * tracts)', 'sum(n * twice_rank * twice_rank)', 'sum(tract_squares)') }} as spearman
from ranked
group by measure_key, svi_year, program
