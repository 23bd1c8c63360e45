select
  dataset,
  source,
  name as file_name,
  url,
  sha256,
  modified_at,
  fetched_at,
  records,
  {{ quoted('sample') }} as sample_seed,
  error
from {{ source('bronze', 'file') }}
