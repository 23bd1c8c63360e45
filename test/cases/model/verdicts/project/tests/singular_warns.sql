{{ config(severity='warn', tags=['odd']) }}
select * from {{ ref('fine') }}
