-- Each school as its newest reports have it, whatever topic or partition they came by; of the school year that it reported of last.
with progress as (
  select
    source,
    {{ quoted('partition') }} as source_partition,
    dbn,
    respondent,
    school_year,
    invited,
    responded,
    event_at,
    event_offset,
    first_event_at,
    events,
    first_value(school_year) over (
      partition by dbn
      order by event_at desc, source, {{ quoted('partition') }}, event_offset desc
    ) as newest_school_year
  from {{ ref('live_progress') }}
),

of_newest_year as (
  select
    progress.*,
    row_number() over (
      partition by dbn, respondent
      order by event_at desc, source, source_partition, event_offset desc
    ) as age
  from progress
  where school_year = newest_school_year
),

school as (
  select
    dbn,
    school_year,
    {%- for respondent in ['student', 'teacher', 'parent'] %}
    max(case when respondent = '{{ respondent }}' and age = 1 then invited end) as {{ respondent }}_invited,
    max(case when respondent = '{{ respondent }}' and age = 1 then responded end) as {{ respondent }}_responded,
    {%- endfor %}
    min(first_event_at) as first_event_ts,
    max(event_at) as last_event_ts,
    cast(sum(events) as bigint) as events
  from of_newest_year
  group by dbn, school_year
)

select
  dbn,
  school_year,
  {{ borough_of('dbn') }} as borough,
  {%- for respondent in ['student', 'teacher', 'parent'] %}
  {{ ratio(respondent ~ '_responded', respondent ~ '_invited') }} as {{ respondent }}_response_rate,
  {{ respondent }}_invited,
  {{ respondent }}_responded,
  {%- endfor %}
  first_event_ts,
  last_event_ts,
  events,
  true as simulated
from school
