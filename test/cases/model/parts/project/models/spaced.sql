{#- Blanks go where a dash is, and stay where none is. -#}
{%- set listed -%}
  one   {%- if true -%}
  , two
  {%- endif %}
  {{- ', three' -}}
{%- endset -%}
{% set shouted | upper %}quiet{% endset %}
select $${{ listed }}$$ as listed, $${{ shouted }}$$ as shouted, $$ {{- ' a ' -}} $$ as tight, $$ {{+ ' b ' }} $$ as loose,
  '{{ [1, 2, 3, 4][1:3] }} {{ 'abcd'[::-1] }} {{ (1, 2)[-1] }} {{ 'yes' if 2 in [1, 2] and not (3 > 4 or 1 != 1) else 'no' }}' as cut,
  '{{ 1 ~ 'x' }} {{ 'ab' * 2 }} {{ -(2) }} {{ {'k': {'n': 1}}['k'].n }}' as told
