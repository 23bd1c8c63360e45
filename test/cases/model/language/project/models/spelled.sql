select
  cast(1 as {{ dbt.type_bigint() }}) as big,
  {{ dbt.current_timestamp() }} is not null as now_is,
  {{ dbt.equals('1', '1') }} as same,
  (select count(*) from (select 1 {{ dbt.except() }} select 2)) as left_over,
  (select count(*) from (select 1 {{ dbt.intersect() }} select 2)) as shared,
  {{ dbt.array_append('[1]', '2') }} as appended,
  {{ dbt.array_concat('[1]', '[2]') }} as joined
