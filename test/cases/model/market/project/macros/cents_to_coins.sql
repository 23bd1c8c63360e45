{# A macro of the project with one way for all engines and another for some. #}

{% macro cents_to_coins(column_name) -%}
    {{ return(adapter.dispatch('cents_to_coins')(column_name)) }}
{%- endmacro %}

{% macro default__cents_to_coins(column_name) -%}
    ({{ column_name }} / 100)::numeric(16, 2)
{%- endmacro %}

{% macro postgres__cents_to_coins(column_name) -%}
    ({{ column_name }}::numeric(16, 2) / 100)
{%- endmacro %}

{% macro bigquery__cents_to_coins(column_name) %}
    round(cast(({{ column_name }} / 100) as numeric), 2)
{% endmacro %}

{% macro default__marked(text) %}'market: {{ text }}'{% endmacro %}
