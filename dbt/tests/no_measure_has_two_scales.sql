-- A measure of a year has one scale, so that no mean is ever taken over two.
select school_year, measure, count(distinct scale) as scales
from {{ ref('climate_measure') }}
group by school_year, measure
having count(distinct scale) > 1
