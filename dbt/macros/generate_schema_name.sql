{# A model's schema is the one it names, so that `gold` is `gold` on every target and not `main_gold`; a developer's are all in the target's own. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- if custom_schema_name and target.name != 'snowflake_dev' -%}{{ custom_schema_name | trim }}{%- else -%}{{ target.schema }}{%- endif -%}
{%- endmacro %}
