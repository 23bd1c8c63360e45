{% macro least_invited() %}{{ var('least') }}{% endmacro %}
