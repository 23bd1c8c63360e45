{# Unknown counts as false: a rule that a null may break says so in the expression. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
