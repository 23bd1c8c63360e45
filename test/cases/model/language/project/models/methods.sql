{%- set shown = [
  ' x '.strip(), 'xxa'.lstrip('x'), 'axx'.rstrip('x'), 'A'.lower(), 'b'.upper(), 'of mice'.title(), 'oF'.capitalize(), 'aB'.swapcase(),
  'a,b'.split(','), 'a\nb'.splitlines(), 'abc'.startswith('ab'), 'abc'.endswith('x'), '-'.join(['a', 'b']), '7'.zfill(3), 'a'.rjust(3, '.'),
  'a'.ljust(3, '.'), '12'.isdigit(), 'a1'.isalpha(), 'a1'.isalnum(), 'A'.isupper(), 'A'.islower(), 'banana'.count('an'), 'banana'.find('n'),
  'prefix'.removeprefix('pre'), 'suffix'.removesuffix('fix'),
] -%}
{%- set all = [3, 1] -%}
{%- do all.extend([2, 2]) -%}
{%- do all.insert(0, 9) -%}
{%- do shown.append(all.pop()) -%}
{%- do all.remove(9) -%}
{%- do shown.append(all.index(1)) -%}
{%- do shown.append(all.count(2)) -%}
{%- do all.reverse() -%}
{%- do shown.append(all | string) -%}
{%- do all.sort() -%}
{%- set copied = all.copy() -%}
{%- do all.clear() -%}
{%- do shown.append(copied | string ~ all | string) -%}
{%- set many = {'a': 1} -%}
{%- do many.update({'b': 2}) -%}
{%- do shown.append(many.keys() | list) -%}
{%- do shown.append(many.values() | list) -%}
{%- do shown.append(many.items() | list) -%}
{%- do shown.append(many.pop('a')) -%}
{%- do shown.append(many.setdefault('c', 3)) -%}
{%- set other = many.copy() -%}
{%- do other.update({'d': 4}) -%}
{%- do shown.append(many | string ~ other | string) -%}
{%- for printed in shown %}
{%- if loop.index > 90 %}{% break %}{% endif %}
select {{ loop.index }} as at, '{{ printed | string | replace("'", '"') }}' as printed
{{ 'union all' if not loop.last }}
{%- endfor %}
