// One table of features: a header that sorts, and rows that open.

import { valueSpark } from "../charts/bars";
import { sparkline } from "../charts/histogram";
import { h } from "../dom";
import { plural } from "../format";
import type { Kind, Num, StatisticsData } from "../model";
import { columnsOf, type Column, notFinite, type Room } from "./columns";
import { type ChartOptions, countedOf, detail, seriesOf, type Shown } from "./detail";
import type { Order, Pair, Row, Selection } from "./selection";
import { VirtualList } from "./virtual_list";

export interface TableState {
  pair: Pair;
  order: Order;
  chart: ChartOptions;
  open: Set<string>;
}

// To three decimals: the histograms do not carry more.
function differenceText(value: Num): string {
  return value === null ? "–" : value < 0.0005 ? "0" : value.toFixed(3);
}

const TITLES: Record<Kind, string> = {
  numeric: "Numeric features",
  categorical: "Categorical features",
};
const DIFFERENCE_HINT =
  "Jensen–Shannon divergence of the two distributions:\n0 equal, 1 disjoint";
const CLOSED_HEIGHT = 46;
const OPEN_HEIGHT = 360;

export class FeatureTable {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly title = h("h3");
  private readonly header = h("div.trow.thead", { role: "row" });
  private rows: Row[] = [];

  constructor(
    private readonly kind: Kind,
    private readonly data: StatisticsData,
    private readonly selection: Selection,
    private readonly state: TableState,
    private readonly onSort: (key: string) => void,
  ) {
    this.list = new VirtualList((index) => this.row(index));
    const grid = h(
      "div.tgrid",
      { role: "table", "aria-label": TITLES[kind] },
      h("div.sticky", { role: "rowgroup" }, this.header),
      this.list.element,
    );
    this.element = h(`section.features.${kind}`, {}, this.title, grid);
    this.element.addEventListener("keydown", (event) => this.onKey(event as KeyboardEvent));
  }

  show(rows: Row[], all: number): void {
    this.rows = rows;
    this.element.hidden = all === 0;
    this.title.replaceChildren(
      TITLES[this.kind],
      h("span.count", {}, rows.length === all ? ` ${all}` : ` ${rows.length} of ${all}`),
    );
    for (const room of ["narrow", "medium", "wide"] as const) {
      this.element.style.setProperty(`--${room}`, this.template(room));
    }
    this.drawHeader();
    this.list.set(
      rows.map(({ feature }) => ({
        key: feature.path,
        height: this.state.open.has(feature.path) ? OPEN_HEIGHT : CLOSED_HEIGHT,
      })),
    );
  }

  reveal(path: string): boolean {
    if (!this.rows.some((row) => row.feature.path === path)) return false;
    this.state.open.add(path);
    this.list.refresh(path, OPEN_HEIGHT);
    this.list.reveal(path, "center");
    return true;
  }

  private get compared(): boolean {
    return this.state.pair[1] !== null;
  }

  private template(room: Room | "narrow"): string {
    const shown = (from: Room | undefined) =>
      from === undefined || room === "wide" || (room === "medium" && from === "medium");
    const widths = columnsOf(this.kind)
      .filter(({ from }) => shown(from))
      .map(({ width }) => (room === "narrow" ? "52px" : width));
    if (this.compared) widths.push(room === "narrow" ? "46px" : "minmax(58px, 1fr)");
    return room === "narrow"
      ? ["minmax(90px, 1fr)", ...widths, "minmax(70px, 110px)"].join(" ")
      : ["minmax(170px, 2.2fr)", ...widths, "160px"].join(" ");
  }

  private drawHeader(): void {
    const sortable = (key: string, title: string, hint: string, text: boolean, from?: Room) => {
      const active = this.state.order.key === key;
      const descending = this.state.order.descending;
      const cell = h(
        `div${text ? ".text" : ""}${from ? `.from-${from}` : ""}`,
        {
          role: "columnheader",
          "aria-sort": active ? (descending ? "descending" : "ascending") : "none",
        },
        h("button", { type: "button", "data-hint": hint, "data-sort": key }, title),
      );
      cell.querySelector("button")?.addEventListener("click", () => this.onSort(key));
      return cell;
    };
    this.header.replaceChildren(
      sortable("name", "feature", "Name of the feature", true),
      ...columnsOf(this.kind).map(({ key, title, hint, text, from }) =>
        sortable(key, title, hint, text ?? false, from),
      ),
      ...(this.compared ? [sortable("difference", "diff", DIFFERENCE_HINT, false)] : []),
      h("div.text", { role: "columnheader" }, "distribution"),
    );
  }

  private shown(row: Row): Shown[] {
    const result: Shown[] = [];
    this.state.pair.forEach((dataset, slot) => {
      const stats = dataset === null ? null : row.feature.stats[dataset];
      const name = dataset === null ? "" : (this.data.datasets[dataset]?.name ?? "");
      if (stats) result.push({ name, slot: slot as 0 | 1, stats });
    });
    return result;
  }

  private cell(column: Column, row: Row): HTMLElement {
    const { text, from } = column;
    const cell = h(`div${text ? ".text" : ""}${from ? `.from-${from}` : ""}`, { role: "cell" });
    this.state.pair.forEach((dataset, slot) => {
      if (dataset === null) return;
      const stats = row.feature.stats[dataset];
      if (!stats) {
        cell.append(h(`span.v.s${slot}.none`, {}, "–"));
        return;
      }
      const { text, hint, bad, quiet } = column.cell(stats);
      cell.append(
        h(`span.v.s${slot}${bad ? ".bad" : quiet ? ".quiet" : ""}`, { "data-hint": hint }, text),
      );
    });
    return cell;
  }

  private row(index: number): HTMLElement {
    const row = this.rows[index];
    if (!row) return h("div");
    const { feature, anomalies } = row;
    const open = this.state.open.has(feature.path);
    const shown = this.shown(row);
    const worst = anomalies.some(({ severity }) => severity === "error") ? "error" : "warning";
    const strange = notFinite(shown.map(({ stats }) => stats));
    const name = h(
      "div.text.name",
      { role: "cell" },
      h("span.path", { "data-hint": feature.path }, h("bdi", {}, feature.path)),
      h(
        "span.meta",
        {},
        h("span.type", {}, feature.type.toLowerCase()),
        strange ? h("span.bad", { "data-hint": "Values that are not finite" }, strange) : null,
        anomalies.length > 0
          ? h(
              `span.flag.${worst}`,
              { "data-hint": anomalies.map(({ short, text }) => short || text).join("\n") },
              anomalies.length === 1
                ? anomalies[0]?.short || "anomaly"
                : plural(anomalies.length, "anomaly"),
            )
          : null,
      ),
    );
    const line = h(
      "div.trow",
      { role: "row", tabindex: 0, "aria-expanded": String(open) },
      name,
      ...columnsOf(this.kind).map((column) => this.cell(column, row)),
      this.compared ? this.differenceCell(row) : null,
      h("div.text.distribution", { role: "cell" }, this.spark(shown)),
    );
    line.addEventListener("click", () => this.toggle(feature.path));
    const block = h(`div.frow${open ? ".open" : ""}`, { role: "presentation" }, line);
    if (open) {
      const difference = this.selection.differenceOf(row.index, this.state.pair);
      block.append(detail(feature, shown, anomalies, difference, this.state.chart));
    }
    return block;
  }

  private differenceCell(row: Row): HTMLElement {
    const value = this.selection.differenceOf(row.index, this.state.pair);
    const meter = h(
      "span.meter",
      {},
      h("i", { style: `width:${((value ?? 0) * 100).toFixed(1)}%` }),
    );
    return h(
      "div.difference",
      { role: "cell" },
      h("span.v", {}, differenceText(value)),
      value === null ? null : meter,
    );
  }

  private spark(shown: Shown[]): SVGElement | null {
    if (shown.some(({ stats }) => stats.num)) {
      return sparkline(seriesOf(shown, (stats) => stats.num?.standard));
    }
    return shown.some(({ stats }) => stats.str) ? valueSpark(countedOf(shown)) : null;
  }

  private toggle(path: string): void {
    const { open } = this.state;
    if (!open.delete(path)) open.add(path);
    this.list.refresh(path, open.has(path) ? OPEN_HEIGHT : CLOSED_HEIGHT);
  }

  private onKey(event: KeyboardEvent): void {
    const line = event.target instanceof HTMLElement ? event.target : null;
    const path = line?.matches(".frow > .trow") ? line.parentElement?.dataset["key"] : undefined;
    if (path === undefined) return;
    const index = this.rows.findIndex((row) => row.feature.path === path);
    const move: Record<string, number> = { ArrowDown: index + 1, ArrowUp: index - 1 };
    if (event.key === "Enter" || event.key === " ") this.toggle(path);
    else if (event.key in move) {
      const next = this.rows[move[event.key] ?? -1];
      if (!next) return;
      this.list.reveal(next.feature.path);
    } else return;
    event.preventDefault();
  }
}
