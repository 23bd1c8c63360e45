{# Every record that landed is in one place: Silver, quarantine, or displaced by an equal or a newer one. The totals of a source are its row of rule ''. #}
{% test conservation(model) %}
select *
from {{ model }}
where rule = '' and landed <> silver + quarantined + duplicates + superseded
{% endtest %}
