{% test rows_between(model, low, high) %}
select n from (select count(*) as n from {{ model }}) as counted where n < {{ low }} or n > {{ high }}
{% endtest %}
