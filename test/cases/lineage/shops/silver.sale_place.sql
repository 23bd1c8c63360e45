-- Looked up twice: the shop by its number, and the region by the shop that was found.
select
  sale.day,
  sale.amount,
  shop.name as shop,
  coalesce(region.label, 'none') as region
from raw.sale as sale
left join raw.shop as shop on sale.shop_id = shop.id
left join raw.region as region on shop.region_id = region.id
where sale.cancelled is null
