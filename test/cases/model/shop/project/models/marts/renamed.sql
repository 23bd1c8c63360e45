{{ config(alias='outlet_' ~ target.type, tags=['own', 'marts'], meta={'owner': 'ann'}) }}
select 1 as one, '{{ target.name }}' as target_name, '{{ env_var("SHOP_MODE", "quiet") }}' as mode,
  '{{ True }} {{ none }} {{ 1.0 }} {{ 7 // 2 }} {{ [1, "a"] | tojson }}' as printed
