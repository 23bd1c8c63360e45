// Made by scripts/generate.ts from the datasets’ contracts. Change those.

declare const vintage: unique symbol

/** GEOID of a census tract of 2010. */
export type Tract2010 = string & { readonly [vintage]: 2010 }

/** GEOID of a census tract of 2020. */
export type Tract2020 = string & { readonly [vintage]: 2020 }

/** What every Silver row says of where it came from. */
export interface Lineage {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly event_ts: string
  readonly ingest_ts: string
  readonly missing: string | null
  readonly warnings: string | null
}

/** One row of silver.boundary: one area of one kind, or one of its separate parts. */
export interface BoundaryRow extends Lineage {
  /** What kind of area: school_district, tract_2010, tract_2020, borough (code). */
  readonly kind: string
  /** District number, tract GEOID of the kind’s own vintage, or borough letter (code). */
  readonly code: string
  /** Tells apart the features of one area: the area as published for school districts, else empty (text). */
  readonly part: string | null
  /** Name of the area (text). */
  readonly name: string | null
  /** County; null for school districts, which cross counties (FIPS code, 5 digits). */
  readonly county_fips: string | null
  /** The tract, where it is one of 2010 (GEOID, 11 digits). */
  readonly tract_2010: Tract2010 | null
  /** The tract, where it is one of 2020 (GEOID, 11 digits). */
  readonly tract_2020: Tract2020 | null
  /** Outline, longitude before latitude (GeoJSON geometry, degrees, WGS 84). */
  readonly geometry: string
}

/** One row of silver.demographics: one school in one school year. */
export interface DemographicsRow extends Lineage {
  /** District, borough and number of the school (DBN). */
  readonly dbn: string
  /** Year in which the school year ends: 2014-15 is 2015 (year). */
  readonly school_year: number
  /** Name of the school that year (text). */
  readonly school_name: string | null
  /** All pupils (pupils). */
  readonly total_enrollment: number | null
  /** Pupils in pre-kindergarten (pupils). */
  readonly grade_pk: number | null
  /** Pupils in kindergarten (pupils). */
  readonly grade_k: number | null
  /** Pupils in grade 1 (pupils). */
  readonly grade_1: number | null
  /** Pupils in grade 2 (pupils). */
  readonly grade_2: number | null
  /** Pupils in grade 3 (pupils). */
  readonly grade_3: number | null
  /** Pupils in grade 4 (pupils). */
  readonly grade_4: number | null
  /** Pupils in grade 5 (pupils). */
  readonly grade_5: number | null
  /** Pupils in grade 6 (pupils). */
  readonly grade_6: number | null
  /** Pupils in grade 7 (pupils). */
  readonly grade_7: number | null
  /** Pupils in grade 8 (pupils). */
  readonly grade_8: number | null
  /** Pupils in grade 9 (pupils). */
  readonly grade_9: number | null
  /** Pupils in grade 10 (pupils). */
  readonly grade_10: number | null
  /** Pupils in grade 11 (pupils). */
  readonly grade_11: number | null
  /** Pupils in grade 12 (pupils). */
  readonly grade_12: number | null
  /** Share of pupils who are female (fraction 0–1). */
  readonly female: number | null
  /** Share of pupils who are male (fraction 0–1). */
  readonly male: number | null
  /** Share of pupils who are Asian (fraction 0–1). */
  readonly asian: number | null
  /** Share of pupils who are Black (fraction 0–1). */
  readonly black: number | null
  /** Share of pupils who are Hispanic (fraction 0–1). */
  readonly hispanic: number | null
  /** Share of pupils in several or other categories (fraction 0–1). */
  readonly multiple: number | null
  /** Share of pupils who are white (fraction 0–1). */
  readonly white: number | null
  /** Share of pupils with a disability (fraction 0–1). */
  readonly disability: number | null
  /** Share of pupils learning English (fraction 0–1). */
  readonly ell: number | null
  /** Share of pupils in poverty (fraction 0–1). */
  readonly poverty: number | null
  /** Economic Need Index of the school (fraction 0–1). */
  readonly need_index: number | null
}

/** One row of silver.school_location: one location in one fiscal year. */
export interface SchoolLocationRow extends Lineage {
  /** City fiscal year, July to June, named by the year it ends in (year). */
  readonly fiscal_year: number
  /** Borough letter and number; the last four characters of a school’s DBN (code). */
  readonly location_code: string
  /** District, borough and number of the school; null where the file has none (DBN). */
  readonly dbn: string | null
  /** Name of the school or office (text). */
  readonly location_name: string | null
  /** Who runs it: DOE or Charter (text). */
  readonly managed_by: string | null
  /** General academic, special education, transfer… (text). */
  readonly location_type: string | null
  /** Elementary, high school, K-8… (text). */
  readonly location_category: string | null
  /** Open or closed (text). */
  readonly status: string | null
  /** Street address (text). */
  readonly address: string | null
  /** Building (code). */
  readonly building_code: string | null
  /** Latitude; the 0 of unknown places is null (degrees, WGS 84). */
  readonly latitude: number | null
  /** Longitude; the 0 of unknown places is null (degrees, WGS 84). */
  readonly longitude: number | null
  /** School district the building stands in, as stated (number). */
  readonly geographical_district: number | null
  /** District that runs the school, from the DBN: 75 special education, 79 alternative, 84 charter (number). */
  readonly administrative_district: number | null
  /** Community board: borough number and district (number). */
  readonly community_district: number | null
  /** City council district (number). */
  readonly council_district: number | null
  /** Borough letter of the location code; of the neighbourhood where the code has none (M Manhattan, X Bronx, K Brooklyn, Q Queens, R Staten Island). */
  readonly borough: string | null
  /** County of the stated neighbourhood, else of the lot, else of the borough letter (FIPS code, 5 digits). */
  readonly county_fips: string | null
  /** Census tract of 2010 as stated; the polygon decides where the two differ (GEOID, 11 digits). */
  readonly tract_2010: Tract2010 | null
  /** Borough, block and lot (BBL, 10 digits). */
  readonly bbl: string | null
  /** Neighbourhood tabulation area (code). */
  readonly nta: string | null
  /** Name of the neighbourhood (text). */
  readonly nta_name: string | null
  /** Grades taught (text). */
  readonly grades: string | null
  /** When the school opened (date). */
  readonly open_date: string | null
}

/** One row of silver.school_survey: one school in one school year. */
export interface SchoolSurveyRow extends Lineage {
  /** District, borough and number of the school (DBN). */
  readonly dbn: string
  /** Year in which the school year ends (year). */
  readonly school_year: number
  /** Name of the school that year (text). */
  readonly school_name: string | null
  /** Share of the school’s students who answered the survey (fraction 0–1). */
  readonly student_response_rate: number | null
  /** Share of the school’s teachers who answered the survey (fraction 0–1). */
  readonly teacher_response_rate: number | null
  /** Share of the school’s parents who answered the survey (fraction 0–1). */
  readonly parent_response_rate: number | null
  /** Collaborative Teachers, the department’s score of the school over all who were asked (score 1–5). */
  readonly collaborative_teachers_score: number | null
  /** Effective School Leadership, the department’s score of the school over all who were asked (score 1–5). */
  readonly effective_school_leadership_score: number | null
  /** Rigorous Instruction, the department’s score of the school over all who were asked (score 1–5). */
  readonly rigorous_instruction_score: number | null
  /** Supportive Environment, the department’s score of the school over all who were asked (score 1–5). */
  readonly supportive_environment_score: number | null
  /** Strong Family-Community Ties, the department’s score of the school over all who were asked (score 1–5). */
  readonly strong_family_community_ties_score: number | null
  /** Trust, the department’s score of the school over all who were asked (score 1–5). */
  readonly trust_score: number | null
}

/** One row of silver.survey_live: one report. */
export interface SurveyLiveRow extends Lineage {
  /** Identity of the report; the same report sent again has the same (id). */
  readonly event_id: string
  /** School: district, borough, number (DBN). */
  readonly dbn: string
  /** Year in which the school year ends (year). */
  readonly school_year: number
  /** Who answers (student, teacher or parent). */
  readonly respondent: string
  /** Invited so far (people). */
  readonly invited: number
  /** Answered so far (people). */
  readonly responded: number
  /** When the school reported, by its own clock, UTC (instant). */
  readonly event_at: string
}

/** One row of silver.svi: one census tract in one edition. */
export interface SviRow extends Lineage {
  /** Edition of the index (year). */
  readonly svi_year: number
  /** The tract, in the edition of 2018 (GEOID, 11 digits). */
  readonly tract_2010: Tract2010 | null
  /** The tract, in the edition of 2022 (GEOID, 11 digits). */
  readonly tract_2020: Tract2020 | null
  /** County (FIPS code, 5 digits). */
  readonly county_fips: string | null
  /** State (FIPS code, 2 digits). */
  readonly st: string | null
  /** Name of the state, as that year writes it (text). */
  readonly state: string | null
  /** State (postal code). */
  readonly st_abbr: string | null
  /** County (FIPS code, 5 digits). */
  readonly stcnty: string | null
  /** Name of the county, as that year writes it (text). */
  readonly county: string | null
  /** The tract in words (text). */
  readonly location: string | null
  /** Land area (square miles). */
  readonly area_sqmi: number | null
  /** Estimate: residents (residents). */
  readonly e_totpop: number | null
  /** Margin of error (90%) of e_totpop (residents). */
  readonly m_totpop: number | null
  /** Estimate: housing units (housing). */
  readonly e_hu: number | null
  /** Margin of error (90%) of e_hu (housing). */
  readonly m_hu: number | null
  /** Estimate: households (households). */
  readonly e_hh: number | null
  /** Margin of error (90%) of e_hh (households). */
  readonly m_hh: number | null
  /** Estimate: persons below the poverty line (persons). */
  readonly e_pov: number | null
  /** Margin of error (90%) of e_pov (persons). */
  readonly m_pov: number | null
  /** Estimate: persons below 150% of the poverty line (persons). */
  readonly e_pov150: number | null
  /** Margin of error (90%) of e_pov150 (persons). */
  readonly m_pov150: number | null
  /** Estimate: civilians of 16 and over who are unemployed (civilians). */
  readonly e_unemp: number | null
  /** Margin of error (90%) of e_unemp (civilians). */
  readonly m_unemp: number | null
  /** Estimate: income per head (dollars a year). */
  readonly e_pci: number | null
  /** Margin of error (90%) of e_pci (dollars a year). */
  readonly m_pci: number | null
  /** Estimate: occupied housing units with annual income below $75,000 and housing costs of 30% of income or more (occupied). */
  readonly e_hburd: number | null
  /** Margin of error (90%) of e_hburd (occupied). */
  readonly m_hburd: number | null
  /** Estimate: persons of 25 and over without a high school diploma (persons). */
  readonly e_nohsdp: number | null
  /** Margin of error (90%) of e_nohsdp (persons). */
  readonly m_nohsdp: number | null
  /** Estimate: civilians without health insurance (civilians). */
  readonly e_uninsur: number | null
  /** Margin of error (90%) of e_uninsur (civilians). */
  readonly m_uninsur: number | null
  /** Estimate: persons aged 65 and over (persons). */
  readonly e_age65: number | null
  /** Margin of error (90%) of e_age65 (persons). */
  readonly m_age65: number | null
  /** Estimate: persons aged 17 and under (persons). */
  readonly e_age17: number | null
  /** Margin of error (90%) of e_age17 (persons). */
  readonly m_age17: number | null
  /** Estimate: civilians with a disability (civilians). */
  readonly e_disabl: number | null
  /** Margin of error (90%) of e_disabl (civilians). */
  readonly m_disabl: number | null
  /** Estimate: single-parent households with children under 18 (single-parent). */
  readonly e_sngpnt: number | null
  /** Margin of error (90%) of e_sngpnt (single-parent). */
  readonly m_sngpnt: number | null
  /** Estimate: persons of 5 and over who speak English less than well (persons). */
  readonly e_limeng: number | null
  /** Margin of error (90%) of e_limeng (persons). */
  readonly m_limeng: number | null
  /** Estimate: persons of a racial or ethnic minority (persons). */
  readonly e_minrty: number | null
  /** Margin of error (90%) of e_minrty (persons). */
  readonly m_minrty: number | null
  /** Estimate: housing units in structures of 10 or more units (housing). */
  readonly e_munit: number | null
  /** Margin of error (90%) of e_munit (housing). */
  readonly m_munit: number | null
  /** Estimate: mobile homes (mobile). */
  readonly e_mobile: number | null
  /** Margin of error (90%) of e_mobile (mobile). */
  readonly m_mobile: number | null
  /** Estimate: occupied housing units with more people than rooms (occupied). */
  readonly e_crowd: number | null
  /** Margin of error (90%) of e_crowd (occupied). */
  readonly m_crowd: number | null
  /** Estimate: households without a vehicle (households). */
  readonly e_noveh: number | null
  /** Margin of error (90%) of e_noveh (households). */
  readonly m_noveh: number | null
  /** Estimate: persons in group quarters (persons). */
  readonly e_groupq: number | null
  /** Margin of error (90%) of e_groupq (persons). */
  readonly m_groupq: number | null
  /** Share: persons below the poverty line (percent 0–100). */
  readonly ep_pov: number | null
  /** Margin of error (90%) of ep_pov (percent 0–100). */
  readonly mp_pov: number | null
  /** Share: persons below 150% of the poverty line (percent 0–100). */
  readonly ep_pov150: number | null
  /** Margin of error (90%) of ep_pov150 (percent 0–100). */
  readonly mp_pov150: number | null
  /** Share: civilians of 16 and over who are unemployed (percent 0–100). */
  readonly ep_unemp: number | null
  /** Margin of error (90%) of ep_unemp (percent 0–100). */
  readonly mp_unemp: number | null
  /** Share: income per head (dollars a year). */
  readonly ep_pci: number | null
  /** Margin of error (90%) of ep_pci (dollars a year). */
  readonly mp_pci: number | null
  /** Share: occupied housing units with annual income below $75,000 and housing costs of 30% of income or more (percent 0–100). */
  readonly ep_hburd: number | null
  /** Margin of error (90%) of ep_hburd (percent 0–100). */
  readonly mp_hburd: number | null
  /** Share: persons of 25 and over without a high school diploma (percent 0–100). */
  readonly ep_nohsdp: number | null
  /** Margin of error (90%) of ep_nohsdp (percent 0–100). */
  readonly mp_nohsdp: number | null
  /** Share: civilians without health insurance (percent 0–100). */
  readonly ep_uninsur: number | null
  /** Margin of error (90%) of ep_uninsur (percent 0–100). */
  readonly mp_uninsur: number | null
  /** Share: persons aged 65 and over (percent 0–100). */
  readonly ep_age65: number | null
  /** Margin of error (90%) of ep_age65 (percent 0–100). */
  readonly mp_age65: number | null
  /** Share: persons aged 17 and under (percent 0–100). */
  readonly ep_age17: number | null
  /** Margin of error (90%) of ep_age17 (percent 0–100). */
  readonly mp_age17: number | null
  /** Share: civilians with a disability (percent 0–100). */
  readonly ep_disabl: number | null
  /** Margin of error (90%) of ep_disabl (percent 0–100). */
  readonly mp_disabl: number | null
  /** Share: single-parent households with children under 18 (percent 0–100). */
  readonly ep_sngpnt: number | null
  /** Margin of error (90%) of ep_sngpnt (percent 0–100). */
  readonly mp_sngpnt: number | null
  /** Share: persons of 5 and over who speak English less than well (percent 0–100). */
  readonly ep_limeng: number | null
  /** Margin of error (90%) of ep_limeng (percent 0–100). */
  readonly mp_limeng: number | null
  /** Share: persons of a racial or ethnic minority (percent 0–100). */
  readonly ep_minrty: number | null
  /** Margin of error (90%) of ep_minrty (percent 0–100). */
  readonly mp_minrty: number | null
  /** Share: housing units in structures of 10 or more units (percent 0–100). */
  readonly ep_munit: number | null
  /** Margin of error (90%) of ep_munit (percent 0–100). */
  readonly mp_munit: number | null
  /** Share: mobile homes (percent 0–100). */
  readonly ep_mobile: number | null
  /** Margin of error (90%) of ep_mobile (percent 0–100). */
  readonly mp_mobile: number | null
  /** Share: occupied housing units with more people than rooms (percent 0–100). */
  readonly ep_crowd: number | null
  /** Margin of error (90%) of ep_crowd (percent 0–100). */
  readonly mp_crowd: number | null
  /** Share: households without a vehicle (percent 0–100). */
  readonly ep_noveh: number | null
  /** Margin of error (90%) of ep_noveh (percent 0–100). */
  readonly mp_noveh: number | null
  /** Share: persons in group quarters (percent 0–100). */
  readonly ep_groupq: number | null
  /** Margin of error (90%) of ep_groupq (percent 0–100). */
  readonly mp_groupq: number | null
  /** Percentile rank within New York State: persons below the poverty line (percentile 0–1). */
  readonly epl_pov: number | null
  /** Percentile rank within New York State: persons below 150% of the poverty line (percentile 0–1). */
  readonly epl_pov150: number | null
  /** Percentile rank within New York State: civilians of 16 and over who are unemployed (percentile 0–1). */
  readonly epl_unemp: number | null
  /** Percentile rank within New York State: income per head (percentile 0–1). */
  readonly epl_pci: number | null
  /** Percentile rank within New York State: occupied housing units with annual income below $75,000 and housing costs of 30% of income or more (percentile 0–1). */
  readonly epl_hburd: number | null
  /** Percentile rank within New York State: persons of 25 and over without a high school diploma (percentile 0–1). */
  readonly epl_nohsdp: number | null
  /** Percentile rank within New York State: civilians without health insurance (percentile 0–1). */
  readonly epl_uninsur: number | null
  /** Percentile rank within New York State: persons aged 65 and over (percentile 0–1). */
  readonly epl_age65: number | null
  /** Percentile rank within New York State: persons aged 17 and under (percentile 0–1). */
  readonly epl_age17: number | null
  /** Percentile rank within New York State: civilians with a disability (percentile 0–1). */
  readonly epl_disabl: number | null
  /** Percentile rank within New York State: single-parent households with children under 18 (percentile 0–1). */
  readonly epl_sngpnt: number | null
  /** Percentile rank within New York State: persons of 5 and over who speak English less than well (percentile 0–1). */
  readonly epl_limeng: number | null
  /** Percentile rank within New York State: persons of a racial or ethnic minority (percentile 0–1). */
  readonly epl_minrty: number | null
  /** Percentile rank within New York State: housing units in structures of 10 or more units (percentile 0–1). */
  readonly epl_munit: number | null
  /** Percentile rank within New York State: mobile homes (percentile 0–1). */
  readonly epl_mobile: number | null
  /** Percentile rank within New York State: occupied housing units with more people than rooms (percentile 0–1). */
  readonly epl_crowd: number | null
  /** Percentile rank within New York State: households without a vehicle (percentile 0–1). */
  readonly epl_noveh: number | null
  /** Percentile rank within New York State: persons in group quarters (percentile 0–1). */
  readonly epl_groupq: number | null
  /** Sum of percentiles, theme 1, socioeconomic status (sum of percentiles). */
  readonly spl_theme1: number | null
  /** Percentile rank within New York State, theme 1, socioeconomic status; 1 is the most vulnerable (percentile 0–1). */
  readonly rpl_theme1: number | null
  /** Sum of percentiles, theme 2, household characteristics (2018: household composition and disability) (sum of percentiles). */
  readonly spl_theme2: number | null
  /** Percentile rank within New York State, theme 2, household characteristics (2018: household composition and disability); 1 is the most vulnerable (percentile 0–1). */
  readonly rpl_theme2: number | null
  /** Sum of percentiles, theme 3, racial and ethnic minority status (2018: minority status and language) (sum of percentiles). */
  readonly spl_theme3: number | null
  /** Percentile rank within New York State, theme 3, racial and ethnic minority status (2018: minority status and language); 1 is the most vulnerable (percentile 0–1). */
  readonly rpl_theme3: number | null
  /** Sum of percentiles, theme 4, housing type and transportation (sum of percentiles). */
  readonly spl_theme4: number | null
  /** Percentile rank within New York State, theme 4, housing type and transportation; 1 is the most vulnerable (percentile 0–1). */
  readonly rpl_theme4: number | null
  /** Sum of percentiles, all four themes (sum of percentiles). */
  readonly spl_themes: number | null
  /** Percentile rank within New York State, all four themes; 1 is the most vulnerable (percentile 0–1). */
  readonly rpl_themes: number | null
  /** 1 where the tract is in the highest tenth of the state: persons below the poverty line (flags). */
  readonly f_pov: number | null
  /** 1 where the tract is in the highest tenth of the state: persons below 150% of the poverty line (flags). */
  readonly f_pov150: number | null
  /** 1 where the tract is in the highest tenth of the state: civilians of 16 and over who are unemployed (flags). */
  readonly f_unemp: number | null
  /** 1 where the tract is in the highest tenth of the state: income per head (flags). */
  readonly f_pci: number | null
  /** 1 where the tract is in the highest tenth of the state: occupied housing units with annual income below $75,000 and housing costs of 30% of income or more (flags). */
  readonly f_hburd: number | null
  /** 1 where the tract is in the highest tenth of the state: persons of 25 and over without a high school diploma (flags). */
  readonly f_nohsdp: number | null
  /** 1 where the tract is in the highest tenth of the state: civilians without health insurance (flags). */
  readonly f_uninsur: number | null
  /** 1 where the tract is in the highest tenth of the state: persons aged 65 and over (flags). */
  readonly f_age65: number | null
  /** 1 where the tract is in the highest tenth of the state: persons aged 17 and under (flags). */
  readonly f_age17: number | null
  /** 1 where the tract is in the highest tenth of the state: civilians with a disability (flags). */
  readonly f_disabl: number | null
  /** 1 where the tract is in the highest tenth of the state: single-parent households with children under 18 (flags). */
  readonly f_sngpnt: number | null
  /** 1 where the tract is in the highest tenth of the state: persons of 5 and over who speak English less than well (flags). */
  readonly f_limeng: number | null
  /** 1 where the tract is in the highest tenth of the state: persons of a racial or ethnic minority (flags). */
  readonly f_minrty: number | null
  /** 1 where the tract is in the highest tenth of the state: housing units in structures of 10 or more units (flags). */
  readonly f_munit: number | null
  /** 1 where the tract is in the highest tenth of the state: mobile homes (flags). */
  readonly f_mobile: number | null
  /** 1 where the tract is in the highest tenth of the state: occupied housing units with more people than rooms (flags). */
  readonly f_crowd: number | null
  /** 1 where the tract is in the highest tenth of the state: households without a vehicle (flags). */
  readonly f_noveh: number | null
  /** 1 where the tract is in the highest tenth of the state: persons in group quarters (flags). */
  readonly f_groupq: number | null
  /** Sum of flags, theme 1, socioeconomic status (flags). */
  readonly f_theme1: number | null
  /** Sum of flags, theme 2, household characteristics (2018: household composition and disability) (flags). */
  readonly f_theme2: number | null
  /** Sum of flags, theme 3, racial and ethnic minority status (2018: minority status and language) (flags). */
  readonly f_theme3: number | null
  /** Sum of flags, theme 4, housing type and transportation (flags). */
  readonly f_theme4: number | null
  /** Sum of all flags (flags). */
  readonly f_total: number | null
  /** Estimate: daytime population (persons). */
  readonly e_daypop: number | null
  /** Estimate: households without an internet subscription (households). */
  readonly e_noint: number | null
  /** Margin of error (90%) of e_noint (households). */
  readonly m_noint: number | null
  /** Estimate: Black or African American persons, not Hispanic (Black). */
  readonly e_afam: number | null
  /** Margin of error (90%) of e_afam (Black). */
  readonly m_afam: number | null
  /** Estimate: Hispanic or Latino persons (Hispanic). */
  readonly e_hisp: number | null
  /** Margin of error (90%) of e_hisp (Hispanic). */
  readonly m_hisp: number | null
  /** Estimate: Asian persons, not Hispanic (Asian). */
  readonly e_asian: number | null
  /** Margin of error (90%) of e_asian (Asian). */
  readonly m_asian: number | null
  /** Estimate: American Indian or Alaska Native persons, not Hispanic (American). */
  readonly e_aian: number | null
  /** Margin of error (90%) of e_aian (American). */
  readonly m_aian: number | null
  /** Estimate: Native Hawaiian or other Pacific Islander persons, not Hispanic (Native). */
  readonly e_nhpi: number | null
  /** Margin of error (90%) of e_nhpi (Native). */
  readonly m_nhpi: number | null
  /** Estimate: persons of two or more races, not Hispanic (persons). */
  readonly e_twomore: number | null
  /** Margin of error (90%) of e_twomore (persons). */
  readonly m_twomore: number | null
  /** Estimate: persons of some other race, not Hispanic (persons). */
  readonly e_otherrace: number | null
  /** Margin of error (90%) of e_otherrace (persons). */
  readonly m_otherrace: number | null
  /** Share: households without an internet subscription (percent 0–100). */
  readonly ep_noint: number | null
  /** Margin of error (90%) of ep_noint (percent 0–100). */
  readonly mp_noint: number | null
  /** Share: Black or African American persons, not Hispanic (percent 0–100). */
  readonly ep_afam: number | null
  /** Margin of error (90%) of ep_afam (percent 0–100). */
  readonly mp_afam: number | null
  /** Share: Hispanic or Latino persons (percent 0–100). */
  readonly ep_hisp: number | null
  /** Margin of error (90%) of ep_hisp (percent 0–100). */
  readonly mp_hisp: number | null
  /** Share: Asian persons, not Hispanic (percent 0–100). */
  readonly ep_asian: number | null
  /** Margin of error (90%) of ep_asian (percent 0–100). */
  readonly mp_asian: number | null
  /** Share: American Indian or Alaska Native persons, not Hispanic (percent 0–100). */
  readonly ep_aian: number | null
  /** Margin of error (90%) of ep_aian (percent 0–100). */
  readonly mp_aian: number | null
  /** Share: Native Hawaiian or other Pacific Islander persons, not Hispanic (percent 0–100). */
  readonly ep_nhpi: number | null
  /** Margin of error (90%) of ep_nhpi (percent 0–100). */
  readonly mp_nhpi: number | null
  /** Share: persons of two or more races, not Hispanic (percent 0–100). */
  readonly ep_twomore: number | null
  /** Margin of error (90%) of ep_twomore (percent 0–100). */
  readonly mp_twomore: number | null
  /** Share: persons of some other race, not Hispanic (percent 0–100). */
  readonly ep_otherrace: number | null
  /** Margin of error (90%) of ep_otherrace (percent 0–100). */
  readonly mp_otherrace: number | null
}
