select * from (values (1, 'a'), (2, 'b'), (2, 'c'), (cast(null as integer), 'd')) as t(id, letter)
