WITH eligible1 AS NOT MATERIALIZED (
SELECT p.person_id, CAST(NULL AS BIGINT) AS born, CASE WHEN (k.bits & p.mask) <> 0 THEN 0 + (CASE p.gender_concept_id WHEN 8532 THEN 0 WHEN 8507 THEN 1 END) * 3 + (CASE WHEN p.year_of_birth NOT BETWEEN 1800 AND 2200 THEN NULL WHEN p.year_of_birth <= 1946 THEN 2 WHEN p.year_of_birth <= 1986 THEN 1 WHEN p.year_of_birth <= 2008 THEN 0 END) * 1 END AS place
FROM medmarket.patient AS p
JOIN medmarket.active AS k ON k.word = p.word
),
member2 AS NOT MATERIALIZED (
SELECT e.person_id, e.place AS cell, e.born FROM eligible1 AS e
)
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, 5) AS i(slot)
LEFT JOIN (
  SELECT 0 + m.cell AS slot, count(*) AS total FROM member2 AS m GROUP BY m.cell
) AS n ON n.slot = i.slot
ORDER BY i.slot
