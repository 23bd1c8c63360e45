{% macro greet(name, times=1, mark='!') -%}
  {%- for _ in range(times) -%}{{ env_var('GREETING') }} {{ name }}{{ mark }}{%- endfor -%}
{%- endmacro %}
