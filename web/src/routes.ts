import type { Component } from "svelte";
import type { Site } from "./lib/site";

// The one table of screens. Each is loaded when it is first opened. To add one: a line here, a component in
// routes/<person>/, a test in tests/<person>.spec.ts.

export interface Route {
  path: string;
  title: string;
  side: Site["side"];
  /** In whose menu it is, by her roles (a patient has none); empty: in none. */
  menu: "patient" | "researcher" | "committee" | "steward" | "";
  /** Without it, the screen is shown to who is signed in only. */
  open?: true;
  load: () => Promise<{ default: Component }>;
}

export const routes: Route[] = [
  { path: "/", title: "medmarket", side: "hospital", menu: "", open: true, load: () => import("./routes/patient/Welcome.svelte") },
  { path: "/", title: "medmarket", side: "marketplace", menu: "", open: true, load: () => import("./routes/Welcome.svelte") },
  { path: "/sign-in", title: "Sign in", side: "hospital", menu: "", open: true, load: () => import("./routes/SignIn.svelte") },
  { path: "/sign-in", title: "Sign in", side: "marketplace", menu: "", open: true, load: () => import("./routes/SignIn.svelte") },
  { path: "/keys", title: "My keys", side: "hospital", menu: "", open: true, load: () => import("./routes/Keys.svelte") },
  { path: "/keys", title: "My keys", side: "marketplace", menu: "", open: true, load: () => import("./routes/Keys.svelte") },

  { path: "/patient/uses", title: "Who used my data", side: "hospital", menu: "patient", load: () => import("./routes/patient/Uses.svelte") },
  { path: "/patient/preferences", title: "My preferences", side: "hospital", menu: "patient", load: () => import("./routes/patient/Preferences.svelte") },
  { path: "/patient/receipts", title: "My receipts", side: "hospital", menu: "patient", load: () => import("./routes/patient/Receipts.svelte") },
  { path: "/patient/records", title: "My records", side: "hospital", menu: "patient", load: () => import("./routes/patient/Records.svelte") },
  { path: "/patient/enrol", title: "Enter my code", side: "hospital", menu: "", load: () => import("./routes/patient/Enrol.svelte") },

  { path: "/researcher/studies", title: "My studies", side: "marketplace", menu: "researcher", load: () => import("./routes/researcher/Studies.svelte") },
  { path: "/researcher/study", title: "Study", side: "marketplace", menu: "", load: () => import("./routes/researcher/StudyView.svelte") },
  { path: "/researcher/apply", title: "Apply", side: "marketplace", menu: "", load: () => import("./routes/researcher/Apply.svelte") },
  { path: "/researcher/ask", title: "Ask", side: "marketplace", menu: "researcher", load: () => import("./routes/researcher/Ask.svelte") },
  { path: "/researcher/history", title: "History", side: "marketplace", menu: "researcher", load: () => import("./routes/researcher/History.svelte") },
  { path: "/researcher/results", title: "Answer", side: "marketplace", menu: "", load: () => import("./routes/researcher/Results.svelte") },
  { path: "/researcher/budget", title: "Budget", side: "marketplace", menu: "researcher", load: () => import("./routes/researcher/Budget.svelte") },
  { path: "/committee/inbox", title: "Inbox", side: "marketplace", menu: "committee", load: () => import("./routes/committee/Inbox.svelte") },
  { path: "/committee/study", title: "Study", side: "marketplace", menu: "", load: () => import("./routes/committee/Study.svelte") },
  { path: "/committee/audit", title: "Live audit", side: "marketplace", menu: "committee", load: () => import("./routes/committee/Audit.svelte") },

  { path: "/miner/chain", title: "Chain", side: "marketplace", menu: "researcher", load: () => import("./routes/miner/Chain.svelte") },
  { path: "/miner/credits", title: "Credits", side: "marketplace", menu: "researcher", load: () => import("./routes/miner/Credits.svelte") },

  { path: "/steward/dataset", title: "Dataset", side: "hospital", menu: "steward", load: () => import("./routes/steward/Dataset.svelte") },
  { path: "/steward/releases", title: "Release log", side: "hospital", menu: "steward", load: () => import("./routes/steward/Releases.svelte") },
  { path: "/steward/connector", title: "Connector", side: "hospital", menu: "steward", load: () => import("./routes/steward/Connector.svelte") },

  { path: "/doctor/history", title: "A patient’s history", side: "hospital", menu: "", open: true, load: () => import("./routes/doctor/History.svelte") },

  { path: "/account", title: "My account", side: "marketplace", menu: "", load: () => import("./routes/Account.svelte") },
];

export const find = (side: Site["side"], path: string): Route | undefined => routes.find((r) => r.side === side && r.path === path);

/** Whether a screen is in the menu of somebody with these roles. */
export const inMenu = (r: Route, roles: string[]): boolean => (r.menu === "patient" ? roles.length === 0 : roles.includes(r.menu));

/** The first screen of somebody with these roles, on a side. */
export const home = (side: Site["side"], roles: string[]): string =>
  routes.find((r) => r.side === side && r.menu !== "" && inMenu(r, roles))?.path ?? (side === "hospital" ? "/" : "/account");
