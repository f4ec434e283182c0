// The chart of events over time: bars stacked by type, drawn by uPlot in the colours of the style sheet.
//
//   const chart = new ActivityChart(element, (told) => …);   told: "Mon 14:00 · 12 error · 3 git", or "" off the chart
//   chart.show(activity)                                     as /overview/figures.json has it

import { number, short } from "./format.js";
import uPlot from "./vendor/uplot.mjs";

const HEIGHT = 170;
const DAY = 86400;
const HALF_A_LABEL = 32; // pixels: the last label of the time axis goes on beyond the chart
const WHOLE = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));

export class ActivityChart {
  constructor(element, tell) {
    this.element = element;
    this.tell = tell;
    this.plot = null;
    this.activity = null;
    new ResizeObserver(() => this.resize()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(activity) {
    const same = this.activity && String(this.activity.types) === String(activity.types);
    this.activity = activity;
    if (same && this.plot) this.plot.setData(stacked(activity));
    else this.draw();
  }

  draw() {
    this.plot?.destroy();
    this.plot = null;
    if (!this.activity?.types.length || !this.element.clientWidth) return;
    this.plot = new uPlot(this.options(), stacked(this.activity), this.element);
  }

  resize() {
    if (!this.plot) this.draw();
    else if (this.plot.width !== this.element.clientWidth) this.plot.setSize(this.size());
  }

  size() {
    return { width: this.element.clientWidth, height: HEIGHT };
  }

  options() {
    const style = getComputedStyle(this.element);
    const color = (name) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--soft"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${color("--sans")}`,
    };
    const bars = uPlot.paths.bars({ size: [0.82, 40], align: 1 });
    const series = this.activity.types.toReversed().map((type) => {
      const fill = color(`--type-${type}`);
      return { label: type, fill, stroke: fill, width: 0, paths: bars, points: { show: false } };
    });
    return {
      ...this.size(),
      padding: [null, HALF_A_LABEL, null, null],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
      scales: {
        x: { range: (plot, low, high) => [low, high + this.activity.bucket_seconds] },
        y: { range: (plot, low, high) => [0, Math.max(high, 1) * 1.05] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 70, values: (plot, splits) => splits.map(tick) },
        { ...axis, size: 50, space: 36, incrs: WHOLE, values: (plot, splits) => splits.map(short) },
      ],
      series: [{}, ...series],
      hooks: { setCursor: [(plot) => this.tell(this.words(plot.cursor.idx))] },
    };
  }

  words(index) {
    if (index === null || index === undefined) return "";
    const { starts, types, series, bucket_seconds: width } = this.activity;
    const counts = types.map((type, n) => [type.replaceAll("_", " "), series[n][index]]).filter(([, count]) => count);
    const told = counts.map(([type, count]) => `${number(count)} ${type}`).join(", ");
    return `${moment(starts[index], width)} · ${told || "nothing"}`;
  }
}

// Bars are drawn over each other, the highest first: each is as high as all types below it together.
function stacked({ starts, series }) {
  const sums = [];
  let below = starts.map(() => 0);
  for (const counts of series) {
    below = below.map((sum, n) => sum + counts[n]);
    sums.unshift(below);
  }
  return [starts, ...sums];
}

function tick(at, n, splits) {
  const before = splits[n - 1];
  const date = new Date(at * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  const newDay = before === undefined || new Date(before * 1000).toDateString() !== date.toDateString();
  if (isMidnight || newDay) return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function moment(at, width) {
  const date = new Date(at * 1000);
  const day = date.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });
  return width >= DAY ? day : `${day}, ${date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })}`;
}
