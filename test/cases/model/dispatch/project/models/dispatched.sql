{% set columns = columns_of('c') %}
{% set quoted %}it{{ "''" }}s{% endset %}
select
  {{ half(9) }} as half,
  {{ many.third(10) }} as third,
  {{ columns | length }} as locally,
  '{{ quoted }}' as quoted,
  '{{ pair("a", "b", 1, 2, k="kk") }}' as pair,
  {% for c in columns %}{{ loop.index0 }} as {{ c }}{{ "," if not loop.last }}{% endfor %},
  {{ dbt.length("'abc'") }} as overridden_length
