/** Hand-made tables of one publication, as large as the city's: names and columns of gold.md §3, values from hashes so that each run sees the same. */
export function tables({ schools, rateShift }: { schools: number; rateShift: number }): string {
  return `
CREATE SCHEMA gold; CREATE SCHEMA silver; CREATE SCHEMA bronze;

CREATE MACRO chance(seed, n) AS (hash(seed || ':' || n) % 100000) / 100000.0;
CREATE MACRO bell(seed, n) AS (chance(seed || 'a', n) + chance(seed || 'b', n) + chance(seed || 'c', n) + chance(seed || 'd', n) - 2) / 2;
CREATE MACRO percent(x) AS CAST(least(100, greatest(0, round(x))) AS INTEGER) / 100.0;

CREATE TABLE school AS
WITH numbered AS (SELECT CAST(range AS INTEGER) AS n FROM range(${schools})),
placed AS (
  SELECT n, CASE WHEN n % 8 = 7 THEN 'charter' WHEN n % 30 = 3 THEN 'special_education' WHEN n % 97 = 5 THEN 'alternative' ELSE 'community' END AS program,
    CASE WHEN n < 3 THEN 7 WHEN n % 32 + 1 = 7 THEN 9 ELSE n % 32 + 1 END AS place
  FROM numbered
)
SELECT n, program,
  CASE WHEN n % 67 = 1 THEN NULL ELSE place END AS district,
  CASE WHEN place <= 6 THEN 'M' WHEN place <= 12 THEN 'X' WHEN place <= 23 OR place = 32 THEN 'K' WHEN place <= 30 THEN 'Q' ELSE 'R' END AS borough,
  lpad(CAST(CASE program WHEN 'charter' THEN 84 WHEN 'special_education' THEN 75 WHEN 'alternative' THEN 79 ELSE place END AS VARCHAR), 2, '0')
    || CASE WHEN place <= 6 THEN 'M' WHEN place <= 12 THEN 'X' WHEN place <= 23 OR place = 32 THEN 'K' WHEN place <= 30 THEN 'Q' ELSE 'R' END
    || lpad(CAST(n // 2 + 1 AS VARCHAR), 3, '0') AS dbn0,
  CASE program WHEN 'charter' THEN list_extract(['Harbor', 'Summit', 'Bright Path', 'Cornerstone', 'Lighthouse'], n % 5 + 1) || ' Charter School ' || (n // 8 + 1)
    WHEN 'special_education' THEN 'P' || lpad(CAST(n AS VARCHAR), 3, '0') || ' Learning Center'
    ELSE list_extract(['P.S.', 'M.S.', 'P.S./I.S.', 'H.S.', 'I.S.'], n % 5 + 1) || ' ' || lpad(CAST(n + 1 AS VARCHAR), 3, '0') || ' '
      || list_extract(['Clemente', 'Ashford', 'Silver Lake', 'Roosevelt', 'Simon', 'Szold', 'Straus', 'Twain', 'Orchard', 'East Village', 'Riverside', 'Crown Point', 'Bayview', 'Sunset'], n % 14 + 1) END AS school_name
FROM placed;
CREATE TABLE named AS SELECT * EXCLUDE (dbn0), dbn0 || CASE WHEN row_number() OVER (PARTITION BY dbn0 ORDER BY n) > 1 THEN 'B' ELSE '' END AS dbn FROM school;

CREATE TABLE gold.school_climate_snapshot AS
SELECT dbn, school_year, school_name, borough, district, program,
  CASE WHEN school_year = 2025 OR n % 5 < 2 OR (district = 7 AND n = 2 AND school_year = 2018) THEN NULL WHEN n % 76 = 4 THEN 0.0
    ELSE percent(84 + bell('s', n) * 34 + bell('sy', n * 10 + school_year) * 6 + ${rateShift}) END AS student_response_rate,
  CASE WHEN school_year = 2025 THEN NULL WHEN n % 83 = 9 THEN 0.0 ELSE percent(88 + bell('t', n) * 30) END AS teacher_response_rate,
  CASE WHEN school_year = 2025 THEN NULL ELSE percent(57 + bell('p', n) * 55 + (CASE school_year WHEN 2019 THEN 2 ELSE 0 END)) END AS parent_response_rate,
  CASE WHEN school_year = 2025 OR n % 9 = 0 THEN NULL ELSE round(3.4 + bell('c1', n) * 1.4, 2) END AS collaborative_teachers_score,
  CASE WHEN school_year = 2025 OR n % 9 = 0 THEN NULL ELSE round(3.5 + bell('c2', n) * 1.4, 2) END AS effective_school_leadership_score,
  CASE WHEN school_year = 2025 OR n % 9 = 0 THEN NULL ELSE round(3.3 + bell('c3', n) * 1.4, 2) END AS rigorous_instruction_score,
  CAST(NULL AS DOUBLE) AS supportive_environment_score,
  CASE WHEN school_year = 2025 OR n % 8 = 0 THEN NULL ELSE round(3.7 + bell('c5', n) * 1.2, 2) END AS strong_family_community_ties_score,
  CASE WHEN school_year = 2025 OR n % 25 = 0 THEN NULL ELSE round(3.6 + bell('c6', n) * 1.4, 2) END AS trust_score,
  CAST(200 + n % 900 AS INTEGER) AS total_enrollment, sha256('survey' || school_year) AS source, make_timestamptz(school_year, 6, 30, 0, 0, 0) AS event_ts
FROM named CROSS JOIN (VALUES (2018), (2019), (2025)) AS years(school_year);

CREATE TABLE gold.climate_measure AS
WITH wide AS (
  SELECT dbn, school_year, measure, value FROM (SELECT * FROM gold.school_climate_snapshot WHERE school_year <> 2025)
  UNPIVOT INCLUDE NULLS (value FOR measure IN (student_response_rate, teacher_response_rate, parent_response_rate, collaborative_teachers_score,
    effective_school_leadership_score, rigorous_instruction_score, supportive_environment_score, strong_family_community_ties_score, trust_score))
)
SELECT dbn, school_year, measure,
  CASE measure WHEN 'student_response_rate' THEN 'student' WHEN 'teacher_response_rate' THEN 'teacher' WHEN 'parent_response_rate' THEN 'family' ELSE 'school' END AS respondent,
  CASE measure WHEN 'student_response_rate' THEN 'Response rate' WHEN 'teacher_response_rate' THEN 'Response rate' WHEN 'parent_response_rate' THEN 'Response rate'
    WHEN 'collaborative_teachers_score' THEN 'Collaborative Teachers' WHEN 'effective_school_leadership_score' THEN 'Effective School Leadership'
    WHEN 'rigorous_instruction_score' THEN 'Rigorous Instruction' WHEN 'supportive_environment_score' THEN 'Supportive Environment' WHEN 'strong_family_community_ties_score' THEN 'Strong Family-Community Ties' ELSE 'Trust' END AS construct,
  CASE WHEN measure LIKE '%_rate' THEN 'rate' ELSE 'score_1_5' END AS scale, value, CASE WHEN value IS NULL THEN 'N/A' END AS missing_reason
FROM wide
UNION ALL
SELECT dbn, 2025, respondent || '_' || lower(regexp_replace(construct, '[^A-Za-z]+', '_', 'g')), respondent, construct, 'percent_positive',
  CASE WHEN respondent = 'student' AND n % 5 < 2 THEN NULL ELSE round(least(100, greatest(0, base + bell(respondent || construct, n) * 28))) END, CASE WHEN respondent = 'student' AND n % 5 < 2 THEN 'N/A' END
FROM named CROSS JOIN (VALUES ('student', 'Academic Press', 78.0), ('student', 'Classroom Behavior', 61.0), ('student', 'Personal Attention and Support', 74.0), ('student', 'Safety', 82.0),
  ('student', 'Student-Teacher Trust', 79.0), ('student', 'Guidance', 76.0), ('teacher', 'Academic Press', 86.0), ('teacher', 'Instructional Leadership', 88.0), ('teacher', 'Innovation and Collective Responsibility', 84.0),
  ('teacher', 'Program Coherence', 81.0), ('teacher', 'Teacher-Principal Trust', 85.0), ('teacher', 'Safety', 80.0), ('family', 'Outreach to Parents', 93.0), ('family', 'Parent-Teacher Trust', 95.0),
  ('family', 'Parent Involvement in School', 88.0), ('family', 'Parent-Principal Trust', 93.0)) AS c(respondent, construct, base);

CREATE TABLE gold.climate_vulnerability AS
WITH ranked AS (
  SELECT n, dbn, district, borough, program, svi_year,
    CASE WHEN n % 38 = 1 THEN NULL ELSE round(least(1, greatest(0, 0.62 + bell('v', n) * 0.62 + (svi_year - 2018) * 0.004 + CASE borough WHEN 'X' THEN 0.2 WHEN 'R' THEN -0.2 ELSE 0 END)), 4) END AS svi_overall
  FROM named CROSS JOIN (VALUES (2018), (2022)) AS v(svi_year)
)
SELECT dbn, s.school_year, svi_year,
  CASE WHEN svi_year = 2018 THEN '36' || CASE r.borough WHEN 'M' THEN '061' WHEN 'X' THEN '005' WHEN 'K' THEN '047' WHEN 'Q' THEN '081' ELSE '085' END || lpad(CAST(n * 13 % 1000 AS VARCHAR), 4, '0') || '00' END AS tract_2010,
  CASE WHEN svi_year = 2022 THEN '36' || CASE r.borough WHEN 'M' THEN '061' WHEN 'X' THEN '005' WHEN 'K' THEN '047' WHEN 'Q' THEN '081' ELSE '085' END || lpad(CAST(n * 13 % 1000 AS VARCHAR), 4, '0') || '01' END AS tract_2020,
  n % 180 <> 3 AS tract_agrees, svi_overall,
  svi_overall AS svi_theme1, svi_overall AS svi_theme2, svi_overall AS svi_theme3, svi_overall AS svi_theme4,
  CASE WHEN svi_overall IS NULL THEN 'Unknown' WHEN svi_overall < 1/3 THEN 'Low' WHEN svi_overall < 2/3 THEN 'Moderate' ELSE 'High' END AS svi_bucket,
  CASE WHEN svi_overall IS NULL THEN 'tract without a rank' END AS svi_missing_reason,
  r.district, r.borough, r.program, s.student_response_rate, s.teacher_response_rate, s.parent_response_rate, s.trust_score
FROM ranked r JOIN gold.school_climate_snapshot s USING (dbn);

CREATE TABLE paired AS SELECT m.measure, m.school_year, v.svi_year, unnest(['all', v.program]) AS program, m.respondent, m.construct, m.scale, v.svi_bucket, m.value, v.svi_overall
  FROM gold.climate_measure m JOIN gold.climate_vulnerability v USING (dbn, school_year);
CREATE TABLE gold.climate_by_bucket AS SELECT * REPLACE (CASE WHEN few THEN NULL ELSE mean_of_schools END AS mean_of_schools, CASE WHEN few THEN NULL ELSE sd END AS sd, CASE WHEN few THEN NULL ELSE median END AS median,
    CASE WHEN few THEN NULL ELSE p25 END AS p25, CASE WHEN few THEN NULL ELSE p75 END AS p75),
  CASE WHEN few THEN NULL ELSE mean_of_schools - 1.96 * sd / sqrt(n_schools) END AS mean_low95, CASE WHEN few THEN NULL ELSE mean_of_schools + 1.96 * sd / sqrt(n_schools) END AS mean_high95,
  CAST(NULL AS DOUBLE) AS student_weighted_mean, few AND n_schools > 0 AS suppressed, CASE WHEN few AND n_schools > 0 THEN 'few_schools' ELSE 'none' END AS suppression
  FROM (SELECT measure, school_year, svi_year, program, svi_bucket, respondent, construct, scale, count(value) AS n_schools, count(*) - count(value) AS n_missing, avg(value) AS mean_of_schools, stddev_samp(value) AS sd,
    median(value) AS median, quantile_cont(value, 0.25) AS p25, quantile_cont(value, 0.75) AS p75, count(value) < 5 AS few FROM paired GROUP BY ALL);
CREATE TABLE gap AS WITH ranked AS (SELECT *, rank() OVER (PARTITION BY program, measure, school_year, svi_year ORDER BY value) AS a, rank() OVER (PARTITION BY program, measure, school_year, svi_year ORDER BY svi_overall) AS b
    FROM paired WHERE value IS NOT NULL AND svi_overall IS NOT NULL),
  related AS (SELECT program, measure, school_year, svi_year, count(*) AS n, corr(a, b) AS spearman, stddev_samp(value) AS sd FROM ranked GROUP BY ALL),
  compared AS (SELECT program, measure, school_year, svi_year, respondent, construct, scale, coalesce(any_value(n_schools) FILTER (WHERE svi_bucket = 'Low'), 0) AS n_low, coalesce(any_value(n_schools) FILTER (WHERE svi_bucket = 'High'), 0) AS n_high,
    coalesce(any_value(n_schools) FILTER (WHERE svi_bucket = 'Unknown'), 0) AS n_unranked, sum(n_missing) AS n_missing, any_value(mean_of_schools) FILTER (WHERE svi_bucket = 'Low') AS mean_low, any_value(mean_of_schools) FILTER (WHERE svi_bucket = 'High') AS mean_high
    FROM gold.climate_by_bucket GROUP BY ALL)
SELECT c.*, coalesce(n, 0) AS n, mean_high - mean_low AS gap, mean_high - mean_low - 1.96 * sd * sqrt(1 / n_low + 1 / n_high) AS gap_low95, mean_high - mean_low + 1.96 * sd * sqrt(1 / n_low + 1 / n_high) AS gap_high95, (mean_high - mean_low) / sd AS gap_in_sd,
  spearman, CASE WHEN n > 3 AND abs(spearman) < 1 THEN tanh(atanh(spearman) - 1.96 / sqrt(n - 3)) END AS spearman_low95, CASE WHEN n > 3 AND abs(spearman) < 1 THEN tanh(atanh(spearman) + 1.96 / sqrt(n - 3)) END AS spearman_high95,
  CASE WHEN n IS NULL THEN 'no value' WHEN mean_low IS NULL OR mean_high IS NULL THEN 'cannot be judged' WHEN abs((mean_high - mean_low) / sd) >= 0.2 AND gap_low95 * gap_high95 > 0 AND spearman_low95 * spearman_high95 > 0 THEN CASE WHEN mean_high > mean_low THEN 'higher where vulnerability is high' ELSE 'lower where vulnerability is high' END
    ELSE 'no clear relation' END AS verdict,
  CASE WHEN n IS NULL THEN 'no school has both a value and a rank' WHEN mean_low IS NULL OR mean_high IS NULL THEN 'withheld: few schools in a bucket that is compared' END AS note
FROM compared c LEFT JOIN related r USING (program, measure, school_year, svi_year);
CREATE TABLE gold.equity_gap AS SELECT * EXCLUDE (program) FROM gap WHERE program = 'all';
CREATE TABLE gold.equity_gap_by_program AS SELECT * FROM gap WHERE program <> 'all';

CREATE TABLE gold.dim_climate_metric AS SELECT 'student_response_rate' AS measure, 2019 AS school_year, 'Share of the students in grades 6 to 12 who were asked and answered the survey; whole percents as published' AS definition;
CREATE TABLE gold.dim_bucket AS SELECT * FROM (VALUES ('Low', 0.0, 1/3, 1), ('Moderate', 1/3, 2/3, 2), ('High', 2/3, NULL, 3), ('Unknown', NULL, NULL, 4)) AS b(bucket, lower_edge, upper_edge, position);

CREATE TABLE gold.district_summary AS SELECT district, school_year, 'student_response_rate' AS measure, 'rate' AS scale, count(student_response_rate) AS n_schools, count(*) - count(student_response_rate) AS n_missing,
  avg(student_response_rate) AS mean_of_schools, avg(student_response_rate) - 0.012 AS student_weighted_mean, median(student_response_rate) AS median,
  quantile_cont(student_response_rate, 0.25) AS p25, quantile_cont(student_response_rate, 0.75) AS p75 FROM gold.school_climate_snapshot GROUP BY ALL;
CREATE TABLE gold.borough_summary AS SELECT borough, school_year, 'student_response_rate' AS measure, 'rate' AS scale, count(student_response_rate) AS n_schools, count(*) - count(student_response_rate) AS n_missing,
  avg(student_response_rate) AS mean_of_schools, avg(student_response_rate) - 0.012 AS student_weighted_mean, median(student_response_rate) AS median,
  quantile_cont(student_response_rate, 0.25) AS p25, quantile_cont(student_response_rate, 0.75) AS p75 FROM gold.school_climate_snapshot GROUP BY ALL;
CREATE TABLE gold.svi_by_borough AS SELECT * FROM (VALUES ('M', 2022, 310, 1645867, 0.53, 0.24, 0.83, 0.31, 0.24, 0.43, 0.02, 0.5, 0.5, 0.7, 0.6), ('X', 2022, 361, 1443229, 0.92, 0.83, 0.97, 0.03, 0.09, 0.86, 0.02, 0.9, 0.8, 0.9, 0.9),
  ('K', 2022, 804, 2679620, 0.70, 0.49, 0.87, 0.13, 0.30, 0.55, 0.02, 0.7, 0.7, 0.7, 0.6), ('Q', 2022, 724, 2360826, 0.64, 0.45, 0.80, 0.13, 0.40, 0.45, 0.02, 0.6, 0.7, 0.8, 0.5), ('R', 2022, 125, 492925, 0.39, 0.26, 0.68, 0.42, 0.30, 0.27, 0.01, 0.4, 0.5, 0.5, 0.3),
  ('M', 2018, 288, 1632480, 0.47, 0.2, 0.8, 0.35, 0.24, 0.40, 0.01, 0.5, 0.5, 0.7, 0.6), ('X', 2018, 339, 1437872, 0.91, 0.83, 0.97, 0.03, 0.09, 0.87, 0.01, 0.9, 0.8, 0.9, 0.9)) AS
  t(borough, svi_year, tracts, residents, median_svi, p25_svi, p75_svi, share_low, share_moderate, share_high, share_unknown, median_theme1, median_theme2, median_theme3, median_theme4);
CREATE TABLE gold.svi_by_district AS SELECT CAST(range + 1 AS INTEGER) AS district, svi_year, 60 + range % 9 AS tracts, 200000 + range * 3000 AS residents, 0.4 + chance('d', range) / 2 AS median_svi, 0.3 AS p25_svi, 0.9 AS p75_svi,
  0.2 AS share_low, 0.3 AS share_moderate, 0.48 AS share_high, 0.02 AS share_unknown, 0.5 AS median_theme1, 0.5 AS median_theme2, 0.5 AS median_theme3, 0.5 AS median_theme4
  FROM range(32) CROSS JOIN (VALUES (2018), (2022)) AS v(svi_year);

CREATE TABLE silver.ledger AS SELECT * FROM (VALUES
  ('school_survey', sha256('survey2018'), 'survey/2018.json', '', 1822, 1822, 0, 0, 0, 3), ('school_survey', sha256('survey2019'), 'survey/2019_PublicDataFile_Students.csv', '', 1829, 1829, 0, 0, 0, 0),
  ('school_survey', sha256('survey2025'), 'survey/leadership-2025.csv', '', 2868, 1816, 1052, 0, 0, 0), ('school_survey', sha256('survey2025'), 'survey/leadership-2025.csv', 'not_a_school', 0, 0, 1052, 0, 0, 0),
  ('school_survey', sha256('survey2018'), 'survey/2018.json', 'rate_is_zero', 0, 0, 0, 0, 0, 3),
  ('svi', sha256('svi2018'), 'svi/2018/NewYork.csv', '', 4906, 4906, 0, 0, 0, 0), ('svi', sha256('svi2022'), 'svi/2022/NewYork.csv', '', 5394, 5394, 0, 0, 0, 0),
  ('school_location', sha256('loc'), 'locations/2019_School_Locations.csv', '', 1941, 1881, 0, 60, 0, 0), ('school_location', sha256('noise'), 'locations/broken.csv', '', 1, 0, 1, 0, 0, 0),
  ('school_location', sha256('noise'), 'locations/broken.csv', 'unreadable_file', 0, 0, 1, 0, 0, 0)
) AS l(dataset, source, file_name, rule, landed, silver, quarantined, duplicates, superseded, warned);
CREATE TABLE silver.quarantine AS
SELECT 'school_survey' AS dataset, 'school_survey' AS topic, sha256('survey2025') AS source, 0 AS partition, range + 1816 AS "offset", TIMESTAMPTZ '2025-11-22 10:00:00Z' AS timestamp, CAST(NULL AS BLOB) AS key,
  encode('{"Name":"secret person"}') AS value, 'clean' AS stage, 'not_a_school' AS rule, 'dbn' AS "column", 'M' || (range % 900 + 100) AS received, 'A centre code, not a DBN.' AS message, 'abc' AS contract, TIMESTAMPTZ '2026-11-23 09:00:00Z' AS ingest_ts FROM range(1052)
UNION ALL SELECT 'school_location', 'school_location', sha256('noise'), 0, 0, TIMESTAMPTZ '2025-11-22 10:00:00Z', NULL, NULL, 'land', 'unreadable_file', NULL, NULL, 'No delimiter gives a layout that any contract knows.', 'abc', TIMESTAMPTZ '2026-11-23 09:00:00Z';
CREATE TABLE silver.displaced AS SELECT 'school_location' AS dataset, 'school_location' AS topic, sha256('loc') AS source, 0 AS partition, range + 1881 AS "offset", TIMESTAMPTZ '2019-11-22 10:00:00Z' AS event_ts, 'k' AS key_hash, 'v' AS value_hash,
  'duplicate' AS fate, sha256('loc') AS by_source, range AS by_offset, TIMESTAMPTZ '2026-11-23 09:00:00Z' AS ingest_ts FROM range(60);
CREATE TABLE silver.svi AS SELECT CASE WHEN range < 4906 THEN 2018 ELSE 2022 END AS svi_year, '36' || lpad(CAST(range AS VARCHAR), 9, '0') AS tract, CASE WHEN range < 4906 THEN sha256('svi2018') ELSE sha256('svi2022') END AS source FROM range(10300);
CREATE TABLE bronze.file AS SELECT * FROM (VALUES
  ('school_survey', sha256('survey2018'), 'survey/2018.json', 'https://data.example.test/api/views/5e7x-8jy6/rows.json', 210033, 1822, 'json', 'utf-8', 'socrata'), ('school_survey', sha256('survey2019'), 'survey/2019_PublicDataFile_Students.csv', NULL, 138864, 1829, 'csv', 'utf-8', '2019'),
  ('school_survey', sha256('survey2025'), 'survey/leadership-2025.csv', NULL, 683766, 2868, 'csv', 'utf-8', '2025'), ('svi', sha256('svi2018'), 'svi/2018/NewYork.csv', NULL, 2944405, 4906, 'csv', 'utf-8', '2018'),
  ('svi', sha256('svi2022'), 'svi/2022/NewYork.csv', NULL, 3922672, 5394, 'csv', 'utf-8', '2022'), ('school_location', sha256('loc'), 'locations/2019_School_Locations.csv', NULL, 283457, 1941, 'csv', 'utf-8', '2019'),
  ('school_location', sha256('noise'), 'locations/broken.csv', NULL, 1024, 1, 'csv', NULL, NULL)
) AS f(dataset, source, name, url, size_bytes, records, format, encoding, layout)
CROSS JOIN (SELECT sha256('bytes') AS sha256, TIMESTAMPTZ '2025-11-20 08:00:00Z' AS modified_at, TIMESTAMPTZ '2026-11-23 09:00:00Z' AS fetched_at, '[]' AS headers, '42' AS sample, CAST(NULL AS VARCHAR) AS error, CAST(NULL AS VARCHAR) AS same_as);
`
}
