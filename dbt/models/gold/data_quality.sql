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
from {{ ref('stg_ledger') }}
