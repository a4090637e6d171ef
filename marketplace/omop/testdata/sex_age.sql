WITH eligible AS (
  SELECT CASE p.gender_concept_id WHEN 8532 THEN 0 WHEN 8507 THEN 1 END AS g1,
         CASE WHEN p.year_of_birth <= 1946 THEN 2 WHEN p.year_of_birth <= 1986 THEN 1 WHEN p.year_of_birth <= 2008 THEN 0 END AS g2
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
FROM (SELECT unnest(generate_series(0, 5)) AS cell) AS c
LEFT JOIN (
  SELECT (g1) * 3 + g2 AS cell, count(*) AS patients FROM eligible GROUP BY 1
) AS n ON n.cell = c.cell
ORDER BY c.cell
