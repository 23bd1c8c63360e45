{{ config(tags=['asked'], meta={'owner': 'nell'}) }}
{%- set it = source('till', 'visit') -%}
{%- if var.has_var('nobody') %}{{ exceptions.raise_compiler_error('nobody has no value') }}{% endif -%}
{%- do exceptions.warn('said once') -%}
select
  id,
  '{{ it.database | length > 0 }} {{ it.schema }} {{ it.identifier }} {{ it.name }} {{ it.table }}' as parts,
  '{{ it.include(database=false) }} {{ it.include(database=false, schema=false) }}' as included,
  '{{ this.render() | replace('"memory".', '') }}' as rendered,
  '{{ this.without_identifier() | replace('"memory".', '') }}' as held_in,
  '{{ this is mapping }} {{ this.get('metadata', {}).get('type', '') | length > 0 }}' as known,
  '{{ target.name }} {{ target.target_name }} {{ target.schema }} {{ target.type }} {{ target.profile_name }}' as goal,
  '{{ target.get('schema') }} {{ target.get('nothing', 'else') }} {{ target.threads > 0 }} {{ target.database | length > 0 }}' as goal_asked,
  '{{ config.get('materialized') }} {{ config.get('nothing', 'else') }} {{ config.require('materialized') if execute else '' }}' as configured
from {{ ref('loops') }}
cross join {{ it }}
where letter = 'a'
