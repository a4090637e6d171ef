import type * as PlotLib from "@observablehq/plot";
import { clock } from "./format";

// When questions were asked, a row for each study.

export interface Moment {
  time: number; // Unix seconds
  study: string;
}

// From the first question until now, a month at least, so that what is close together looks so.
function span(all: Moment[]): [Date, Date] {
  const first = Math.min(...all.map((m) => m.time));
  const now = Date.now() / 1000;
  const wide = Math.max(now - first, 30 * 86400);
  return [new Date((now - wide * 1.02) * 1000), new Date((now + wide * 0.02) * 1000)];
}

export function timeline(plot: typeof PlotLib, all: Moment[], width: number) {
  const marginLeft = Math.min(220, Math.round(width * 0.4));
  const letters = Math.floor((marginLeft - 16) / 6.5);
  return plot.plot({
    width,
    height: 70 + 36 * new Set(all.map((m) => m.study)).size,
    marginLeft,
    marginRight: 20,
    x: { type: "utc", domain: span(all), label: null, grid: true, ticks: width < 500 ? 2 : 6, tickFormat: clock },
    y: { label: null, tickFormat: (s: string) => (s.length > letters ? `${s.slice(0, letters - 1)}…` : s) },
    marks: [plot.dot(all, { x: (m: Moment) => new Date(m.time * 1000), y: "study", r: 6, fill: "var(--accent)", stroke: "var(--paper)" })],
  });
}
