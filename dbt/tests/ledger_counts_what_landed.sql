{{ config(severity='warn') }}
-- The records of each file that could be read are the records that the ledger says landed.
with file as (
  select dataset, source, max(records) as records
  from {{ ref('stg_file') }}
  where error is null
  group by dataset, source
)

select file.dataset, file.source, file.records, ledger.landed
from file
inner join {{ ref('data_quality') }} as ledger
  on file.dataset = ledger.dataset and file.source = ledger.source and ledger.rule = ''
where file.records <> ledger.landed
