WITH concepts1 AS (
SELECT unnest(CAST($1 AS BIGINT[])) AS concept_id UNION SELECT CAST(a.descendant_concept_id AS BIGINT) FROM omop.concept_ancestor AS a WHERE a.descendant_concept_id IS NOT NULL AND a.ancestor_concept_id IN (SELECT unnest(CAST($1 AS BIGINT[])))
),
condition2 AS (
SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply FROM (
  SELECT CAST(r.person_id AS BIGINT) AS person_id, CAST(0 AS INTEGER) AS domain, CAST(r.condition_occurrence_id AS BIGINT) AS record_id, CAST(r.condition_concept_id AS BIGINT) AS concept_id, CASE WHEN r.condition_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.condition_start_date AS DATE) END AS start_date, COALESCE(CASE WHEN r.condition_end_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.condition_end_date AS DATE) END, CASE WHEN r.condition_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.condition_start_date AS DATE) END + 1) AS end_date, CAST(r.visit_occurrence_id AS BIGINT) AS visit_id, CAST(NULL AS DOUBLE PRECISION) AS value, CAST(NULL AS DOUBLE PRECISION) AS quantity, CAST(NULL AS BIGINT) AS days_supply
  FROM omop.condition_occurrence AS r WHERE r.person_id IS NOT NULL AND r.condition_concept_id IN (SELECT concept_id FROM concepts1)
) AS e
),
cohort3 AS (
SELECT CAST(p.person_id AS BIGINT) AS person_id FROM omop.person AS p
WHERE p.person_id IN (SELECT person_id FROM condition2)
),
concepts4 AS (
SELECT unnest(CAST($2 AS BIGINT[])) AS concept_id
),
measurement5 AS (
SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply FROM (
  SELECT CAST(r.person_id AS BIGINT) AS person_id, CAST(6 AS INTEGER) AS domain, CAST(r.measurement_id AS BIGINT) AS record_id, CAST(r.measurement_concept_id AS BIGINT) AS concept_id, CASE WHEN r.measurement_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.measurement_date AS DATE) END AS start_date, CASE WHEN r.measurement_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.measurement_date AS DATE) END + 1 AS end_date, CAST(r.visit_occurrence_id AS BIGINT) AS visit_id, CASE WHEN isfinite(r.value_as_number) THEN r.value_as_number END AS value, CAST(NULL AS DOUBLE PRECISION) AS quantity, CAST(NULL AS BIGINT) AS days_supply
  FROM omop.measurement AS r WHERE r.person_id IS NOT NULL AND r.measurement_concept_id IN (SELECT concept_id FROM concepts4)
) AS e
),
counted6 AS (
SELECT e.person_id, count(*) AS n FROM measurement5 AS e GROUP BY e.person_id
),
eligible7 AS MATERIALIZED (
SELECT p.person_id, CAST(NULL AS BIGINT) AS born, CASE WHEN (k.bits & p.mask) <> 0 THEN 0 + (least(COALESCE(j1.n, 0), 2)) * 1 END AS place
FROM medmarket.patient AS p
JOIN medmarket.active AS k ON k.word = p.word
LEFT JOIN counted6 AS j1 ON j1.person_id = p.person_id
WHERE p.person_id IN (SELECT q.person_id FROM cohort3 AS q)
),
member8 AS NOT MATERIALIZED (
SELECT e.person_id, e.place AS cell, e.born FROM eligible7 AS e
),
concepts9 AS (
SELECT unnest(CAST($3 AS BIGINT[])) AS concept_id UNION SELECT CAST(a.descendant_concept_id AS BIGINT) FROM omop.concept_ancestor AS a WHERE a.descendant_concept_id IS NOT NULL AND a.ancestor_concept_id IN (SELECT unnest(CAST($3 AS BIGINT[])))
),
drug10 AS (
SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply FROM (
  SELECT CAST(r.person_id AS BIGINT) AS person_id, CAST(4 AS INTEGER) AS domain, CAST(r.drug_exposure_id AS BIGINT) AS record_id, CAST(r.drug_concept_id AS BIGINT) AS concept_id, CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END AS start_date, COALESCE(CASE WHEN r.drug_exposure_end_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_end_date AS DATE) END, CASE WHEN r.days_supply BETWEEN 0 AND 36500 THEN CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END + CAST(r.days_supply AS INTEGER) ELSE CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END + 1 END) AS end_date, CAST(r.visit_occurrence_id AS BIGINT) AS visit_id, CAST(NULL AS DOUBLE PRECISION) AS value, CASE WHEN isfinite(r.quantity) THEN r.quantity END AS quantity, CAST(r.days_supply AS BIGINT) AS days_supply
  FROM omop.drug_exposure AS r WHERE r.person_id IS NOT NULL AND r.drug_concept_id IN (SELECT concept_id FROM concepts9)
) AS e
),
cohort11 AS (
SELECT CAST(p.person_id AS BIGINT) AS person_id FROM omop.person AS p
WHERE p.person_id IN (SELECT person_id FROM drug10)
),
value12 AS MATERIALIZED (
SELECT p.person_id, p.cell, p.x
  FROM (SELECT p.*, row_number() OVER (PARTITION BY p.person_id, p.cell ORDER BY p.start_date DESC NULLS LAST, p.end_date DESC NULLS LAST, p.domain DESC NULLS LAST, p.concept_id DESC NULLS LAST, p.visit_id DESC NULLS LAST, p.record_id DESC NULLS LAST, p.x DESC NULLS LAST) AS turn FROM (SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, m.cell, CAST(e.value AS DOUBLE PRECISION) AS x FROM member8 AS m JOIN measurement5 AS e ON e.person_id = m.person_id) AS p WHERE p.x IS NOT NULL) AS p
  WHERE p.turn = 1
),
value13 AS MATERIALIZED (
SELECT p.person_id, p.cell, CASE WHEN sum(CASE WHEN p.x IS NOT NULL THEN CAST(round((least(greatest(p.x, CAST('-1.6777216e+07' AS DOUBLE PRECISION)), CAST('1.6777216e+07' AS DOUBLE PRECISION)) - CAST('0e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.6e+01' AS DOUBLE PRECISION) * CAST('1.048576e+06' AS DOUBLE PRECISION)) AS BIGINT) END) BETWEEN -4611686018427387904 AND 4611686018427387904 THEN CAST(sum(CASE WHEN p.x IS NOT NULL THEN CAST(round((least(greatest(p.x, CAST('-1.6777216e+07' AS DOUBLE PRECISION)), CAST('1.6777216e+07' AS DOUBLE PRECISION)) - CAST('0e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.6e+01' AS DOUBLE PRECISION) * CAST('1.048576e+06' AS DOUBLE PRECISION)) AS BIGINT) END) AS BIGINT) // NULLIF(count(p.x), 0) ELSE CAST(sum(CASE WHEN p.x IS NOT NULL THEN CAST(round((least(greatest(p.x, CAST('-1.6777216e+07' AS DOUBLE PRECISION)), CAST('1.6777216e+07' AS DOUBLE PRECISION)) - CAST('0e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.6e+01' AS DOUBLE PRECISION) * CAST('1.048576e+06' AS DOUBLE PRECISION)) AS BIGINT) END) // NULLIF(count(p.x), 0) AS BIGINT) END AS x FROM (SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, m.cell, CAST(e.value AS DOUBLE PRECISION) AS x FROM member8 AS m JOIN measurement5 AS e ON e.person_id = m.person_id) AS p GROUP BY p.person_id, p.cell HAVING count(p.x) > 0
),
value14 AS MATERIALIZED (
SELECT p.person_id, p.cell, max(p.x) AS x FROM (SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, m.cell, CAST(e.value AS DOUBLE PRECISION) AS x FROM member8 AS m JOIN measurement5 AS e ON e.person_id = m.person_id) AS p GROUP BY p.person_id, p.cell HAVING count(p.x) > 0
),
value15 AS MATERIALIZED (
SELECT p.person_id, p.cell, sum(CASE WHEN p.x IS NOT NULL THEN CAST(round((least(greatest(p.x, CAST('-1.6777216e+07' AS DOUBLE PRECISION)), CAST('1.6777216e+07' AS DOUBLE PRECISION)) - CAST('0e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('3.2e+01' AS DOUBLE PRECISION) * CAST('2.147483648e+09' AS DOUBLE PRECISION)) AS BIGINT) END) AS x FROM (SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, m.cell, CAST(e.value AS DOUBLE PRECISION) AS x FROM member8 AS m JOIN measurement5 AS e ON e.person_id = m.person_id) AS p GROUP BY p.person_id, p.cell HAVING count(p.x) > 0
)
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, 3101) AS i(slot)
LEFT JOIN (
  SELECT 0 + m.cell * 2 + m.other AS slot, count(*) AS total
  FROM (
    SELECT m.cell, CASE WHEN m.person_id IN (SELECT q.person_id FROM cohort11 AS q) THEN 0 ELSE 1 END AS other
    FROM member8 AS m
  ) AS m GROUP BY m.cell, m.other
  UNION ALL
  SELECT 6 + v.cell AS slot, count(*) AS total FROM value12 AS v GROUP BY v.cell
  UNION ALL
  SELECT 9 + v.cell AS slot, sum(v.q) AS total
  FROM (SELECT v.cell, CAST(least(greatest(CAST(round((least(greatest(v.x, CAST('2e+00' AS DOUBLE PRECISION)), CAST('2e+01' AS DOUBLE PRECISION)) - CAST('1.1e+01' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.6e+01' AS DOUBLE PRECISION) * CAST('1.048576e+06' AS DOUBLE PRECISION)) AS BIGINT), -589824), 589824) AS BIGINT) AS q FROM value12 AS v) AS v GROUP BY v.cell
  UNION ALL
  SELECT 12 + v.cell AS slot, count(*) AS total FROM value13 AS v GROUP BY v.cell
  UNION ALL
  SELECT 15 + v.cell AS slot, sum(v.q) AS total
  FROM (SELECT v.cell, CAST(least(greatest(v.x - 720896, -589824), 589824) AS BIGINT) AS q FROM value13 AS v) AS v GROUP BY v.cell
  UNION ALL
  SELECT 18 + v.cell AS slot, sum((v.q * v.q + 524288) >> 20) AS total
  FROM (SELECT v.cell, CAST(least(greatest(v.x - 720896, -589824), 589824) AS BIGINT) AS q FROM value13 AS v) AS v GROUP BY v.cell
  UNION ALL
  SELECT 21 + v.cell * 1024 + v.bin AS slot, count(*) AS total
  FROM (
    SELECT v.cell, greatest(least(CASE WHEN v.x < (CAST($4 AS DOUBLE PRECISION[]))[v.k + 1] THEN v.k - 1 WHEN v.x >= (CAST($4 AS DOUBLE PRECISION[]))[v.k + 2] THEN v.k + 1 ELSE v.k END, 1023), 0) AS bin
    FROM (SELECT v.cell, v.x, least(CAST(floor((least(greatest(CAST(v.x AS DOUBLE PRECISION), CAST('2e+00' AS DOUBLE PRECISION)), CAST('2e+01' AS DOUBLE PRECISION)) - CAST('2e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.7578125e-02' AS DOUBLE PRECISION)) AS BIGINT), 1023) AS k FROM value14 AS v) AS v) AS v GROUP BY v.cell, v.bin
  UNION ALL
  SELECT 3093 + v.cell * 3 + v.bin AS slot, count(*) AS total
  FROM (SELECT v.cell, CASE WHEN v.x < 671088640 THEN CASE WHEN v.x < 335544320 THEN 0 ELSE 1 END ELSE 2 END AS bin FROM value15 AS v) AS v GROUP BY v.cell, v.bin
) AS n ON n.slot = i.slot
ORDER BY i.slot
