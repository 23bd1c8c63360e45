select g.id from {{ ref('good') }} as g, {{ ref('broken_below') }} as b
