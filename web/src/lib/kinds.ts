// The kinds of records that a hospital points at (package ledger/records), as people call them.

export const kinds = [
  { id: "conditions", label: "Illnesses" },
  { id: "laboratory", label: "Laboratory results" },
  { id: "medication", label: "Medication" },
  { id: "observations", label: "Habits and history" },
  { id: "procedures", label: "Procedures" },
  { id: "visits", label: "Visits" },
];
export const kindName = (id: string): string => kinds.find((k) => k.id === id)?.label ?? id;
