{%- if execute and false %}{{ exceptions.raise_compiler_error('never') }}{% endif -%}
{{ log('said') }}{{ print('') }}
select
  '{{ database | length > 0 }}' as has_database,
  '{{ project_name }}' as project,
  '{{ zip([1, 2], ['a', 'b']) | list | string | replace("'", '"') }}' as zipped,
  '{{ dict(a=1) | string | replace("'", '"') }}' as made,
  '{{ fromjson('{"a": [1, 2]}')['a'][1] }}' as parsed,
  '{{ local_md5('x') }}' as hashed,
  {{ adapter.quote('quoted') }},
  '{{ adapter.type() }}' as engine,
  '{% raw %}{{ raw }}{% endraw %}' as raw,
  {%- set held = none -%}
  {%- set space = namespace(held=none) %}
  '{{ held is none }} {{ space.held is none }} {{ [none] | first is none }} {{ [{'a': none}] | map(attribute='a') | list }} {{ {'a': none}.a is none }}' as nones
from (select 1 as quoted)
