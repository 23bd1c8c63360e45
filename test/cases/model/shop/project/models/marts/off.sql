{{ config(enabled=false) }}
select nonsense from nowhere
