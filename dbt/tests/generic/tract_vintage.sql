{# A column of one vintage's codes holds only codes that the vintage has. #}
{% test tract_vintage(model, column_name, vintage) %}
select coded.{{ column_name }}
from {{ model }} as coded
left join {{ source('silver', 'tract_place') }} as tract on coded.{{ column_name }} = tract.tract_{{ vintage }}
where coded.{{ column_name }} is not null and tract.tract_{{ vintage }} is null
{% endtest %}
