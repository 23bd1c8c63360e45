{% test shaped(model, spec, mark, column_name=none) %}
select 1 as one from {{ model }} where 'never' = '{{ mark }}'
{% endtest %}
