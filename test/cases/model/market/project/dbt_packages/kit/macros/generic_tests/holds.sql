{% test holds(model, expression, column_name=None) %}
    {{ return(adapter.dispatch('test_holds', 'kit')(model, expression, column_name)) }}
{% endtest %}

{% macro default__test_holds(model, expression, column_name) %}
{% set condition = (column_name ~ ' ' if column_name is not none else '') ~ expression %}
select 1 as broken
from {{ model }}
where not ({{ condition }})
{% endmacro %}

{% test one_row_for_each(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
