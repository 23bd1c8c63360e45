-- Every tract of the state in every vintage landed, with its own vintage's code, rank, bucket and, in the city, its place.
with tract as (
  select
    svi.*,
    case when tract_2010 is not null then 2010 else 2020 end as tract_vintage,
    coalesce(tract_2010, tract_2020) as tract
  from {{ ref('stg_svi') }} as svi
),

place as (
  select
    case when tract_2010 is not null then 2010 else 2020 end as tract_vintage,
    coalesce(tract_2010, tract_2020) as tract,
    district
  from {{ ref('stg_tract_place') }}
)

select
  tract.svi_year,
  tract.tract_vintage,
  tract.tract,
  tract.tract_2010,
  tract.tract_2020,
  borough.borough,
  place.district,
  tract.residents,
  tract.svi_overall,
  tract.svi_theme1,
  tract.svi_theme2,
  tract.svi_theme3,
  tract.svi_theme4,
  coalesce(bucket.bucket, 'Unknown') as svi_bucket
from tract
left join {{ ref('dim_borough') }} as borough on tract.county_fips = borough.county_fips
left join place on tract.tract_vintage = place.tract_vintage and tract.tract = place.tract
left join {{ ref('dim_bucket') }} as bucket
  on tract.svi_overall >= bucket.lower_edge
  and (bucket.upper_edge is null or tract.svi_overall < bucket.upper_edge)
