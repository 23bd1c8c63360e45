{% macro generate_schema_name(custom_schema_name, node) %}

    {% set default_schema = target.schema %}

    {# Seeds go where they are sent, whatever the target. #}
    {% if node.resource_type == 'seed' %}
        {{ custom_schema_name | trim }}

    {# Elsewhere a schema that is not asked for is the target's. #}
    {% elif custom_schema_name is none %}
        {{ default_schema }}

    {% elif target.name == 'prod' %}
        {{ custom_schema_name | trim }}

    {% else %}
        {{ default_schema }}

    {% endif %}

{% endmacro %}
