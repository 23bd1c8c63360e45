{# What engines say differently, said once. Everything else in the project is plain SQL that all of them read alike. #}

{# A column whose name is a reserved word on some engine. Snowflake keeps names in upper case and takes a quoted one as it is written. #}
{% macro quoted(name) -%}
  {%- if target.type == 'databricks' -%}`{{ name }}`
  {%- elif target.type == 'snowflake' -%}"{{ name | upper }}"
  {%- else -%}"{{ name }}"
  {%- endif -%}
{%- endmacro %}

{# Percentile with linear interpolation between neighbours; nulls are left out. #}
{% macro percentile_of(expression, fraction) -%}
  {%- if target.type == 'databricks' -%}percentile({{ expression }}, {{ fraction }})
  {%- elif target.type == 'snowflake' -%}percentile_cont({{ fraction }}) within group (order by {{ expression }})
  {%- else -%}quantile_cont({{ expression }}, {{ fraction }})
  {%- endif -%}
{%- endmacro %}

{% macro median_of(expression) -%}
  {{ percentile_of(expression, 0.5) }}
{%- endmacro %}

{# A number from text that may be none; null then. dbt's own safe_cast is a plain cast on DuckDB and fails on `N/A`. #}
{% macro number_or_null(expression) -%}
  try_cast({{ expression }} as double)
{%- endmacro %}

{# True where the whole text fits the pattern. Only DuckDB and Databricks look anywhere in it, so the anchors stand here; no backslashes in patterns. #}
{% macro matches(expression, pattern) -%}
  {%- if target.type == 'databricks' -%}({{ expression }} rlike '^({{ pattern }})$')
  {%- elif target.type == 'snowflake' -%}regexp_like({{ expression }}, '^({{ pattern }})$')
  {%- else -%}regexp_matches({{ expression }}, '^({{ pattern }})$')
  {%- endif -%}
{%- endmacro %}

{# Order-free fingerprint of a set of rows without twins, for columns that identify them. #}
{% macro fingerprint_of(columns) -%}
  {%- if target.type == 'databricks' -%}bit_xor(xxhash64({{ columns | join(', ') }}))
  {%- elif target.type == 'snowflake' -%}sum(hash({{ columns | join(', ') }}))
  {%- else -%}bit_xor(hash({{ columns | join(', ') }}))
  {%- endif -%}
{%- endmacro %}

{# Start of the interval of so many seconds, counted from 1970, that an instant lies in. #}
{% macro bucket_of(instant, seconds) -%}
  {%- if target.type == 'databricks' -%}timestamp_seconds(cast(floor(unix_timestamp({{ instant }}) / {{ seconds }}) * {{ seconds }} as bigint))
  {%- elif target.type == 'snowflake' -%}dateadd(second, floor(date_part(epoch_second, {{ instant }}) / {{ seconds }}) * {{ seconds }}, cast('1970-01-01 00:00:00 +00:00' as timestamp_tz))
  {%- else -%}to_timestamp(floor(epoch({{ instant }}) / {{ seconds }}) * {{ seconds }})
  {%- endif -%}
{%- endmacro %}
