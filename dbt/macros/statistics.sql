{# Statistics that every engine reckons to the same digits: sums are exact, ties share the mean of their ranks, intervals are analytic. #}

{#
  Below a thousand, with six decimals, more than any publisher gives: the square of such a number has twelve, and Snowflake keeps no more of a product.
  Sums of both are exact on every engine, whatever order rows are read in.
#}
{% macro six_decimals(value) -%}
  cast({{ value }} as decimal(9, 6))
{%- endmacro %}

{% macro sum_of(value) -%}
  cast(sum({{ six_decimals(value) }}) as decimal(18, 6))
{%- endmacro %}

{% macro sum_of_squares(value) -%}
  cast(sum({{ six_decimals(value) }} * {{ six_decimals(value) }}) as decimal(26, 12))
{%- endmacro %}

{#
  Sample variance by exact sums, n Σv² − (Σv)² over n (n − 1): the same in whatever order rows are read, never below zero, and exactly zero where all values
  are equal. Null for fewer than two values. DuckDB holds a product of two of up to 18 digits to 18 digits again, hence 19.
#}
{% macro variance_of(value) -%}
  {{ variance_from('count(' ~ value ~ ')', sum_of(value), sum_of_squares(value)) }}
{%- endmacro %}

{% macro variance_from(n, total, squares) -%}
  {{ ratio(
    'cast(' ~ squares ~ ' as decimal(26, 12)) * cast(' ~ n ~ ' as decimal(10, 0))'
    ~ ' - cast(' ~ total ~ ' as decimal(19, 6)) * cast(' ~ total ~ ' as decimal(18, 6))',
    n ~ ' * (' ~ n ~ ' - 1)'
  ) }}
{%- endmacro %}

{#
  97.5th percentile of Student's t for 4 degrees of freedom and more, whole or not. No engine has it: this is its polynomial of degree 16 in 8/freedom − 1,
  interpolated at Chebyshev nodes in 40 digits, within 3e-16 of it from 4 degrees to infinity.
#}
{% macro student_975(freedom) -%}
  {%- set coefficients = [
    '2.3060041352041667e0', '0.40139096410170866e0', '0.061664500049062966e0', '0.0068141802963978156e0',
    '5.339014344637815e-4', '3.53916792901555e-5', '1.9710244265905172e-6', '2.703896013283945e-8',
    '3.887536350376875e-8', '-3.6682691569343117e-9', '-1.533417327710162e-9', '8.995826110872223e-10',
    '-2.1607798966088418e-10', '-9.962622239467382e-12', '3.0822731678425294e-11', '-8.837564105574355e-12',
    '1.1336940262502608e-13'
  ] -%}
  {%- set horner = namespace(sql=coefficients[16]) -%}
  {%- for coefficient in coefficients[:16] | reverse -%}
    {%- set horner.sql = '(' ~ coefficient ~ ' + (8 / ' ~ freedom ~ ' - 1) * ' ~ horner.sql ~ ')' -%}
  {%- endfor -%}
  {{ horner.sql }}
{%- endmacro %}

{# Twice the rank of a row among those of its group; ties share the mean of their places, so that twice it is whole. #}
{% macro twice_rank_of(value, group) -%}
  cast(rank() over (partition by {{ group }} order by {{ value }}) + count(*) over (
    partition by {{ group }} order by {{ value }} range between unbounded preceding and current row
  ) as bigint)
{%- endmacro %}

{# The same of rows that stand for `n` rows of one value each. #}
{% macro twice_rank_of_tied(n, value, group) -%}
  cast(2 * sum({{ n }}) over (
    partition by {{ group }} order by {{ value }} rows between unbounded preceding and current row
  ) - {{ n }} + 1 as bigint)
{%- endmacro %}

{#
  Spearman's coefficient of n rows from the sums of twice the ranks of both values: of their products, of their squares, of the other's squares.
  Whole numbers up to the last division; null where all values of either are equal. Twice the ranks of n rows add up to n (n + 1), ties or not.
#}
{% macro spearman_from(n, products, squares, other_squares) -%}
  {%- set mean = 'cast(' ~ n ~ ' as bigint) * (cast(' ~ n ~ ' as bigint) + 1) * (cast(' ~ n ~ ' as bigint) + 1)' -%}
  cast(cast({{ products }} as bigint) - {{ mean }} as double)
  / nullif(
    sqrt(
      cast(cast({{ squares }} as bigint) - {{ mean }} as double)
      * cast(cast({{ other_squares }} as bigint) - {{ mean }} as double)
    ),
    0
  )
{%- endmacro %}

{# An end of the 95 % interval of a rank correlation: Fisher's z with the standard error of Bonett and Wright (2000). Null for |r| = 1 and for n below 4. #}
{% macro spearman_end(coefficient, n, sign) -%}
  {%- set z = 'ln((1 + ' ~ coefficient ~ ') / nullif(1 - ' ~ coefficient ~ ', 0)) / 2 ' ~ sign ~ ' 1.959963984540054e0 * sqrt((1 + '
    ~ coefficient ~ ' * ' ~ coefficient ~ ' / 2) / (' ~ n ~ ' - 3))' -%}
  case
    when {{ n }} > 3 and abs({{ coefficient }}) < 1 then 1 - 2 / (exp(2 * ({{ z }})) + 1)
  end
{%- endmacro %}
