select
  '{{ var("rate") }}' as rate,
  '{{ var("share") }}' as share,
  '{{ var("big") }}' as big,
  '{{ var("since") }}' as since,
  '{{ var("flag") }}' as flag,
  '{{ var("short") }}' as short,
  '{{ var("octal") }}' as octal,
  '{{ var("nothing") }}' as nothing,
  '{{ var("absent", none) }}' as absent,
  $${{ var("letters") }}$$ as letters,
  $${{ var("table") }}$$ as nested,
  '{{ var("rate") * 2 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 3 }}' as sums,
  '{{ [3, 1, 2] | sort | join(",") }} {{ "a b" | title }} {{ " x " | trim }} {{ [1, 1, 2] | unique | list }} {{ 3.7 | round | int }} {{ "7" | int + 1 }}' as filtered,
  '{{ var("letters") | map("upper") | join("-") | replace("'", "") }} {{ var("letters") | length }} {{ "b" in var("letters") }}' as mapped
from {{ source('inside', 'plain') }}
