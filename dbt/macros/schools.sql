{# What a DBN says by itself: two digits of administrative district, the borough's letter, three digits. #}

{% macro borough_of(dbn) -%}
  substr({{ dbn }}, 3, 1)
{%- endmacro %}

{# Last four characters: the location code, by which files without a DBN name a school. #}
{% macro location_code_of(dbn) -%}
  substr({{ dbn }}, 3, 4)
{%- endmacro %}

{# Administrative districts 84, 75 and 79 are programmes that draw from the whole city. #}
{% macro program_of(dbn) -%}
  case substr({{ dbn }}, 1, 2)
    when '84' then 'charter'
    when '75' then 'special_education'
    when '79' then 'alternative'
    else 'community'
  end
{%- endmacro %}
