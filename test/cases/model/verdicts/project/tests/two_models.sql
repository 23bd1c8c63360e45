select f.id from {{ ref('fine') }} as f inner join {{ ref('good') }} as g on f.id = g.id
