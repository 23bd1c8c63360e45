{% macro month_of(column) -%}
  strftime({{ column }}, '%Y-%m')
{%- endmacro %}

{% macro taxed(expression, rate=0.1, digits=2) -%}
  round(({{ expression }}) * (1 + {{ rate }}), {{ digits }})
{%- endmacro %}

{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- if custom_schema_name is none -%}{{ target.schema }}
  {%- elif node.resource_type == 'seed' -%}seed_{{ custom_schema_name | trim }}
  {%- else -%}{{ custom_schema_name | trim }}
  {%- endif -%}
{%- endmacro %}
