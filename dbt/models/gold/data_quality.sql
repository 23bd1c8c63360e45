-- Of several files with the same records one has the counts, and it alone stands here.
select
  dataset,
  source,
  rule,
  landed,
  silver,
  quarantined,
  duplicates,
  superseded,
  warned,
  file_name
from (
  select
    *,
    row_number() over (partition by dataset, source, rule order by landed desc, file_name) as place
  from {{ ref('stg_ledger') }}
) as ledger
where place = 1
