{# What asks the database while the project is compiled is no hindrance as long as nobody calls it. #}
{% macro values_of(relation, column) %}
    {%- call statement('values_of', fetch_result=true) -%}
        select distinct {{ column }} from {{ relation }}
    {%- endcall -%}
    {{ return(load_result('values_of')['data']) }}
{% endmacro %}

{% macro pivot(column, values, alias=True, agg='sum', then_value=1, else_value=0, suffix='') %}
    {%- for value in values %}
    {{ agg }}(case when {{ column }} = '{{ dbt.escape_single_quotes(value) }}' then {{ then_value }} else {{ else_value }} end)
        {%- if alias %} as {{ adapter.quote(value | lower ~ suffix) }}{% endif -%}
        {%- if not loop.last %},{% endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro same_width(relation) %}
    {%- if not (relation is mapping and relation.get('metadata', {}).get('type', '').endswith('Relation')) -%}
        {{ exceptions.raise_compiler_error("same_width wants a relation, not " ~ relation) }}
    {%- endif -%}
    (select count(*) from {{ relation }})
{% endmacro %}

{% macro default__right(string_text, length_expression) %}
    substr({{ string_text }}, length({{ string_text }}) - {{ length_expression }} + 1)
{% endmacro %}
