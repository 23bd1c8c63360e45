{#
  Reports in Silver that the model has not counted: of each partition those from its next offset on. Exact, since Silver gains rows only at larger offsets of
  a partition, where a watermark of time would pass over what comes late; where Silver loses a row, the model is built anew.
#}
{% macro uncounted_reports() %}
  select
    report.source,
    report.{{ quoted('partition') }} as source_partition,
    cast(report.{{ quoted('offset') }} as bigint) as source_offset,
    report.dbn,
    report.school_year,
    report.respondent,
    cast(report.invited as bigint) as invited,
    cast(report.responded as bigint) as responded,
    report.event_at
  from {{ source('silver', 'survey_live') }} as report
  {%- if is_incremental() %}
  left join (
    select source as counted_source, {{ quoted('partition') }} as counted_partition, max(next_offset) as next_offset
    from {{ this }}
    group by source, {{ quoted('partition') }}
  ) as counted
    on report.source = counted.counted_source and report.{{ quoted('partition') }} = counted.counted_partition
  where counted.next_offset is null or report.{{ quoted('offset') }} >= counted.next_offset
  {%- endif %}
{% endmacro %}
