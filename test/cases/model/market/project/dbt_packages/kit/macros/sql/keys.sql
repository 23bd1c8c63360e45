{%- macro generate_surrogate_key(fields) -%}
    {{ return(adapter.dispatch('generate_surrogate_key', 'kit')(fields)) }}
{%- endmacro -%}

{%- macro default__generate_surrogate_key(fields) -%}
    {%- set missing = var('no_key', '_none_') -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '" ~ missing ~ "')") -%}
        {%- if not loop.last %}{%- do parts.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro -%}

{# Meant to be replaced by the project. #}
{% macro marked(text) %}{{ return(adapter.dispatch('marked', macro_namespace='kit')(text)) }}{% endmacro %}
{% macro default__marked(text) %}'kit: {{ text }}'{% endmacro %}
{% macro duckdb__marked(text) %}'kit on duckdb: {{ text }}'{% endmacro %}
