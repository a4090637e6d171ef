WITH event2 AS (
  SELECT DISTINCT r.person_id FROM omop.condition_occurrence AS r
  WHERE r.condition_concept_id IN (
    SELECT unnest(CAST($2 AS BIGINT[]))
    UNION SELECT a.descendant_concept_id FROM omop.concept_ancestor AS a
    WHERE a.ancestor_concept_id IN (SELECT unnest(CAST($2 AS BIGINT[]))) AND a.descendant_concept_id IS NOT NULL)
),
event3 AS (
  SELECT DISTINCT r.person_id FROM omop.drug_exposure AS r
  WHERE r.drug_concept_id IN (
    SELECT unnest(CAST($3 AS BIGINT[])))
),
eligible AS (
  SELECT CASE p.gender_concept_id WHEN 8532 THEN 0 WHEN 8507 THEN 1 END AS g1,
         CASE WHEN EXISTS (SELECT 1 FROM event2 AS e WHERE e.person_id = p.person_id) THEN 0 ELSE 1 END AS g2,
         CASE WHEN EXISTS (SELECT 1 FROM event3 AS e WHERE e.person_id = p.person_id) THEN 0 ELSE 1 END AS g3
  FROM omop.person AS p
  WHERE EXISTS (
      SELECT 1
      FROM medmarket.patient_class AS m
      JOIN medmarket.permitted_class AS k ON k.class = m.class
      WHERE m.person_id = p.person_id AND (m.until = 0 OR CAST($1 AS BIGINT) < m.until)
        AND k.nano_rho <= m.limit_nano_rho AND k.delta <= m.limit_delta)
    AND NOT EXISTS (SELECT 1 FROM medmarket.excluded AS x WHERE x.person_id = p.person_id)
)
SELECT c.cell, CAST(COALESCE(n.patients, 0) AS BIGINT) AS patients
FROM (SELECT unnest(generate_series(0, 7)) AS cell) AS c
LEFT JOIN (
  SELECT ((g1) * 2 + g2) * 2 + g3 AS cell, count(*) AS patients FROM eligible GROUP BY 1
) AS n ON n.cell = c.cell
ORDER BY c.cell
