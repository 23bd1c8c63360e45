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
  '{% raw %}{{ raw }}{% endraw %}' as raw
from (select 1 as quoted)
