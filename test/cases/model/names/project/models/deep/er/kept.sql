{{ config(materialized='table', schema=none, meta={'a': 1}, persist_docs={'relation': true}) }}
select * from {{ ref('passing') }}
