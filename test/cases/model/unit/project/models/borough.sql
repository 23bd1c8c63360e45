{{ config(materialized='view') }}
select 'M' as code, 'Manhattan' as name, true as is_island
