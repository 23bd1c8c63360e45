{{ config(alias='other') }}
select 1 as one
