select
  dataset,
  source,
  file_name,
  rule,
  landed,
  silver,
  quarantined,
  duplicates,
  superseded,
  warned
from {{ source('silver', 'ledger') }}
