-- metrics are laid out along this table
with

{% set spans = namespace(rows=[]) %}
{% for n in range(3) -%}
    {% do spans.rows.append("select " ~ dbt.dateadd('day', n, "cast('2024-05-01' as date)") ~ " as day_start") %}
{%- endfor %}

days as (
    {{ spans.rows | join('\n    union all\n    ') }}
)

select cast(day_start as date) as date_day from days
