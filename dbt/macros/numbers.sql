{# Nine decimals, held exactly: a sum of these is the same in whatever order rows are read, on every engine and every run. #}
{% macro exact(expression) -%}
  cast({{ expression }} as decimal(18, 9))
{%- endmacro %}

{# null over zero is null on all engines, where a bare division is infinity on one and an error on another. #}
{% macro ratio(numerator, denominator) -%}
  cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# Mean of the rows that have a value. #}
{% macro mean_of(value) -%}
  {{ ratio('sum(' ~ exact(value) ~ ')', 'count(' ~ value ~ ')') }}
{%- endmacro %}

{# Mean weighted over the rows that have both a value and a weight (a whole number). #}
{% macro weighted_mean_of(value, weight) -%}
  {{ ratio(
    'sum(' ~ exact(value) ~ ' * cast(' ~ weight ~ ' as decimal(10, 0)))',
    'sum(case when ' ~ value ~ ' is not null then ' ~ weight ~ ' end)'
  ) }}
{%- endmacro %}

{# Rows for which a condition holds. A sum of booleans is an error on one engine. #}
{% macro count_where(condition) -%}
  cast(count(case when {{ condition }} then 1 end) as bigint)
{%- endmacro %}
