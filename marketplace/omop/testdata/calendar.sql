WITH eligible1 AS NOT MATERIALIZED (
SELECT p.person_id, CAST(NULL AS BIGINT) AS born, 0 AS place
FROM medmarket.patient AS p
JOIN medmarket.active AS k ON k.word = p.word
WHERE (k.bits & p.mask) <> 0
),
concepts2 AS (
SELECT unnest(CAST($1 AS BIGINT[])) AS concept_id
),
measurement3 AS (
SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply FROM (
  SELECT CAST(r.person_id AS BIGINT) AS person_id, CAST(6 AS INTEGER) AS domain, CAST(r.measurement_id AS BIGINT) AS record_id, CAST(r.measurement_concept_id AS BIGINT) AS concept_id, CASE WHEN r.measurement_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.measurement_date AS DATE) END AS start_date, CASE WHEN r.measurement_date BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' THEN CAST(r.measurement_date AS DATE) END + 1 AS end_date, CAST(r.visit_occurrence_id AS BIGINT) AS visit_id, CASE WHEN isfinite(r.value_as_number) THEN r.value_as_number END AS value, CAST(NULL AS DOUBLE PRECISION) AS quantity, CAST(NULL AS BIGINT) AS days_supply
  FROM omop.measurement AS r WHERE r.person_id IS NOT NULL AND r.measurement_concept_id IN (SELECT concept_id FROM concepts2)
) AS e
),
key4 AS MATERIALIZED (
SELECT u.id AS concept_id, row_number() OVER (ORDER BY u.id) - 1 AS ordinal FROM (SELECT unnest(CAST($2 AS BIGINT[])) AS id) AS u
),
below5 AS MATERIALIZED (
SELECT k.concept_id, k.ordinal FROM key4 AS k
UNION
SELECT a.descendant_concept_id, k.ordinal FROM key4 AS k
JOIN omop.concept_ancestor AS a ON a.ancestor_concept_id = k.concept_id
),
happening6 AS MATERIALIZED (
SELECT * FROM (
  SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, p.born, p.place + (j1.ordinal) * 3 + (CASE WHEN e.start_date >= DATE '2010-01-01' AND e.start_date < DATE '2013-01-01' THEN CASE WHEN e.start_date < DATE '2012-01-01' THEN CASE WHEN e.start_date < DATE '2011-01-01' THEN 0 ELSE 1 END ELSE 2 END END) * 1 AS cell
  FROM eligible1 AS p
  JOIN measurement3 AS e ON e.person_id = p.person_id
  JOIN below5 AS j1 ON j1.concept_id = e.concept_id
) AS h WHERE h.cell IS NOT NULL
),
member7 AS MATERIALIZED (
SELECT t.person_id, t.cell, t.born FROM (
  SELECT d.person_id, d.cell, d.born, row_number() OVER (PARTITION BY d.person_id ORDER BY hash(hash(d.cell, d.person_id, 3874038210105081456)), d.cell) AS turn
  FROM (SELECT c.person_id, c.cell, CAST(NULL AS BIGINT) AS born FROM (SELECT DISTINCT h.person_id, h.cell FROM happening6 AS h) AS c) AS d
) AS t WHERE t.turn <= 3
),
value8 AS MATERIALIZED (
SELECT p.person_id, p.cell, sum(CASE WHEN p.x IS NOT NULL THEN CAST(round((least(greatest(p.x, CAST('-1.34217728e+08' AS DOUBLE PRECISION)), CAST('1.34217728e+08' AS DOUBLE PRECISION)) - CAST('0e+00' AS DOUBLE PRECISION) + CAST('1e-290' AS DOUBLE PRECISION)) / CAST('1.28e+02' AS DOUBLE PRECISION) * CAST('1.048576e+06' AS DOUBLE PRECISION)) AS BIGINT) END) AS x FROM (SELECT e.person_id, e.domain, e.record_id, e.concept_id, e.start_date, e.end_date, e.visit_id, e.value, e.quantity, e.days_supply, m.cell, CAST(e.value AS DOUBLE PRECISION) AS x FROM member7 AS m JOIN happening6 AS e ON e.person_id = m.person_id AND e.cell = m.cell) AS p GROUP BY p.person_id, p.cell HAVING count(p.x) > 0
)
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, 17) AS i(slot)
LEFT JOIN (
  SELECT 0 + m.cell AS slot, count(*) AS total FROM member7 AS m GROUP BY m.cell
  UNION ALL
  SELECT 6 + n.cell AS slot, sum(least(n.n, 5)) AS total
  FROM (SELECT m.person_id, m.cell, count(e.person_id) AS n FROM member7 AS m JOIN happening6 AS e ON e.person_id = m.person_id AND e.cell = m.cell GROUP BY m.person_id, m.cell) AS n GROUP BY n.cell
  UNION ALL
  SELECT 12 + v.cell AS slot, sum(v.q) AS total
  FROM (SELECT v.cell, CAST(least(greatest(v.x - 0, 0), 819200) AS BIGINT) AS q FROM value8 AS v) AS v GROUP BY v.cell
) AS n ON n.slot = i.slot
ORDER BY i.slot
