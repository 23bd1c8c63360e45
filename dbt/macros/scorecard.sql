{# The measures of the wide table, by the name that their columns begin with. Written out: a scorecard's columns do not come and go with the files that land. #}
{% macro scorecard_measures() %}
  {{ return({
    'student_response': 'student_response_rate',
    'teacher_response': 'teacher_response_rate',
    'parent_response': 'parent_response_rate',
    'collaborative_teachers': 'collaborative_teachers_score',
    'effective_school_leadership': 'effective_school_leadership_score',
    'rigorous_instruction': 'rigorous_instruction_score',
    'supportive_environment': 'supportive_environment_score',
    'strong_family_community_ties': 'strong_family_community_ties_score',
    'trust': 'trust_score'
  }) }}
{% endmacro %}
