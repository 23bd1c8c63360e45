{% macro half(x) %}{{ return(adapter.dispatch('half', 'many')(x)) }}{% endmacro %}
{% macro default__half(x) %}({{ x }} / 2){% endmacro %}
{% macro duckdb__half(x) -%} ({{ x }} * 0.5) {%- endmacro %}
{% macro snowflake__half(x) %}nonsense{% endmacro %}

{% macro third(x) %}{{ adapter.dispatch('third')(x) }}{% endmacro %}
{% macro default__third(x) %}({{ x }} // 3){% endmacro %}

{% macro columns_of(prefix) %}
  {% set found = [] %}
  {% for i in range(3) %}
    {% if i == 1 %}{% continue %}{% endif %}
    {% do found.append(prefix ~ i) %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}

{% macro pair(a, b='z') %}{{ a }}-{{ b }}{{ varargs | length }}{{ kwargs.get('k', '') }}{% endmacro %}
{% macro default__length(expression) %}(length({{ expression }}) + 100){% endmacro %}
