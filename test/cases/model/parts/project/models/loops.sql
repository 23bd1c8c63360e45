{% for letter in ['a', 'b', 'c'] %}
select
  '{{ letter }}' as letter,
  '{{ loop.index }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.revindex0 }} {{ loop.length }}' as counted,
  '{{ loop.first }} {{ loop.last }}' as ends,
  '{{ loop.previtem }}{{ loop.nextitem }}' as neighbours,
  '{{ loop.cycle('odd', 'even') }}' as turn
{{ 'union all' if not loop.last }}
{% else %}
select nothing
{% endfor %}
