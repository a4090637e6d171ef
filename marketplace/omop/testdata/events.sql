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
drug5 AS (
SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply FROM (
  SELECT CAST(r.person_id AS BIGINT) AS person_id, CAST(4 AS INTEGER) AS domain, CAST(r.drug_exposure_id AS BIGINT) AS record_id, CAST(r.drug_concept_id AS BIGINT) AS concept_id, CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END AS start_date, COALESCE(CASE WHEN r.drug_exposure_end_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_end_date AS DATE) END, CASE WHEN r.days_supply BETWEEN 0 AND 36500 THEN CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END + CAST(r.days_supply AS INTEGER) ELSE CASE WHEN r.drug_exposure_start_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.drug_exposure_start_date AS DATE) END + 1 END) AS end_date, CAST(r.visit_occurrence_id AS BIGINT) AS visit_id, CAST(NULL AS DOUBLE PRECISION) AS value, CASE WHEN isfinite(r.quantity) THEN r.quantity END AS quantity, CAST(r.days_supply AS BIGINT) AS days_supply
  FROM omop.drug_exposure AS r WHERE r.person_id IS NOT NULL AND r.drug_concept_id IN (SELECT concept_id FROM concepts4)
) AS e
),
cohort6 AS (
SELECT CAST(p.person_id AS BIGINT) AS person_id FROM omop.person AS p
WHERE p.person_id IN (SELECT person_id FROM drug5)
),
eligible7 AS MATERIALIZED (
SELECT p.person_id, CAST(NULL AS BIGINT) AS born, CASE WHEN (k.bits & p.mask) <> 0 THEN 0 + (CASE p.gender_concept_id WHEN 8532 THEN 0 WHEN 8507 THEN 1 END) * 4 + (CASE WHEN p.person_id IN (SELECT q.person_id FROM cohort3 AS q) THEN 0 ELSE 1 END) * 2 + (CASE WHEN p.person_id IN (SELECT q.person_id FROM cohort6 AS q) THEN 0 ELSE 1 END) * 1 END AS place
FROM medmarket.patient AS p
JOIN medmarket.active AS k ON k.word = p.word
),
member8 AS NOT MATERIALIZED (
SELECT e.person_id, e.place AS cell, e.born FROM eligible7 AS e
)
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, 7) AS i(slot)
LEFT JOIN (
  SELECT 0 + m.cell AS slot, count(*) AS total FROM member8 AS m GROUP BY m.cell
) AS n ON n.slot = i.slot
ORDER BY i.slot
