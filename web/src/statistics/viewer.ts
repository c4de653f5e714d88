// The statistics viewer: choice of data sets, search, filters, order, and the two tables.

import { choice, h } from "../dom";
import { compact, exact, percent, plural } from "../format";
import type { Kind, StatisticsData } from "../model";
import { MISSING_LIMIT, ZEROS_LIMIT } from "./columns";
import { anomalyNote } from "./detail";
import { type Query, Selection } from "./selection";
import { FeatureTable, type TableState } from "./table";

const KINDS: Kind[] = ["numeric", "categorical"];
const ORDERS: [string, string][] = [
  ["order", "As in the data"],
  ["name", "Name"],
  ["anomalies", "Anomalies first"],
  ["missing", "Most missing first"],
  ["difference", "Largest difference first"],
];

export class StatisticsViewer {
  readonly element = h("div.viewer");
  private readonly selection: Selection;
  private readonly state: TableState;
  private readonly query: Query = { search: "", types: new Set(), onlyAnomalies: false };
  private readonly tables: FeatureTable[];
  private readonly legend = h("div.legend");
  private readonly nothing = h("p.empty", { hidden: true }, "No feature matches.");
  private readonly order = h("select", { "aria-label": "Order of the features" });
  private readonly search = h("input", {
    type: "search",
    placeholder: "Search features  ( / )",
    "aria-label": "Search features by name; /…/ is a regular expression",
  });

  constructor(private readonly data: StatisticsData) {
    this.selection = new Selection(data);
    this.state = {
      pair: [...data.compare],
      order: { key: "order", descending: false },
      chart: { mode: "standard", log: false },
      open: new Set(),
    };
    this.tables = KINDS.map(
      (kind) => new FeatureTable(kind, data, this.selection, this.state, (key) => this.sortBy(key)),
    );
    this.element.append(
      this.toolbar(),
      h("div.toolbar.second", {}, this.legend, h("span.space"), this.chartChoice()),
      ...this.selection.anomaliesOf("").map(anomalyNote),
      ...this.tables.map((table) => table.element),
      this.nothing,
      h(
        "p.footnote",
        {},
        `Red: missing above ${percent(MISSING_LIMIT)}, zeros above ${percent(ZEROS_LIMIT)}. ` +
          "Click a row, or press Enter on it, for its charts.",
      ),
    );
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input,select");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.search.focus();
      }
    });
    // Rows are placed by where the table stands, so draw when the viewer is in the document.
    requestAnimationFrame(() => this.draw());
  }

  // Opens a feature and scrolls to it, clearing filters that hide it.
  reveal(path: string): void {
    if (this.tables.some((table) => table.reveal(path))) return;
    this.query.search = "";
    this.query.types.clear();
    this.query.onlyAnomalies = false;
    this.search.value = "";
    this.draw();
    this.tables.some((table) => table.reveal(path));
  }

  private toolbar(): HTMLElement {
    this.search.addEventListener("input", () => {
      this.query.search = this.search.value;
      this.draw();
    });
    const bar = h("div.toolbar", { role: "toolbar", "aria-label": "Statistics" });
    if (this.data.datasets.length > 1) bar.append(this.datasetChoice());
    bar.append(this.search, this.typeFilter());
    if (this.data.anomalies.some(({ path }) => path !== "")) bar.append(this.anomalyFilter());
    bar.append(h("span.space"), this.orderChoice());
    return bar;
  }

  private datasetChoice(): HTMLElement {
    const select = (slot: 0 | 1) => {
      const none = slot === 1 ? [h("option", { value: "" }, "nothing")] : [];
      const options = this.data.datasets.map(({ name }, index) =>
        h("option", { value: index }, name),
      );
      const element = h(
        "select",
        { "aria-label": slot === 0 ? "Data set" : "Data set to compare with" },
        ...none,
        ...options,
      );
      element.value = String(this.state.pair[slot] ?? "");
      element.addEventListener("change", () => {
        const value = element.value === "" ? null : Number(element.value);
        if (slot === 0) this.state.pair[0] = value ?? 0;
        else this.state.pair[1] = value;
        this.draw();
      });
      return element;
    };
    return h(
      "span.pair",
      {},
      h("i.swatch.s0"),
      select(0),
      h("span.vs", {}, "against"),
      h("i.swatch.s1"),
      select(1),
    );
  }

  private typeFilter(): HTMLElement {
    const types = [...new Set(this.data.features.map(({ type }) => type))].sort();
    const group = h("span.chips", { role: "group", "aria-label": "Types" });
    if (types.length < 2) return group;
    for (const type of types) {
      const chip = h(
        "button.chip",
        { type: "button", "aria-pressed": "false" },
        type.toLowerCase(),
      );
      chip.addEventListener("click", () => {
        const on = !this.query.types.delete(type);
        if (on) this.query.types.add(type);
        chip.setAttribute("aria-pressed", String(on));
        this.draw();
      });
      group.append(chip);
    }
    return group;
  }

  private anomalyFilter(): HTMLElement {
    const chip = h("button.chip.warn", { type: "button", "aria-pressed": "false" }, "anomalies");
    chip.addEventListener("click", () => {
      this.query.onlyAnomalies = !this.query.onlyAnomalies;
      chip.setAttribute("aria-pressed", String(this.query.onlyAnomalies));
      this.draw();
    });
    return chip;
  }

  private orderChoice(): HTMLElement {
    const possible = ORDERS.filter(
      ([key]) => key !== "difference" || this.data.datasets.length > 1,
    ).filter(([key]) => key !== "anomalies" || this.data.anomalies.length > 0);
    this.order.append(
      ...possible.map(([key, text]) => h("option", { value: key }, text)),
      h("option", { value: "column", hidden: true }, "By column"),
    );
    this.order.addEventListener("change", () => {
      const key = this.order.value;
      this.state.order.key = key;
      this.state.order.descending = key !== "order" && key !== "name";
      this.draw();
    });
    return this.order;
  }

  private chartChoice(): HTMLElement {
    return h(
      "span.choices",
      {},
      choice(
        "Chart",
        [
          ["standard", "Histogram"],
          ["quantiles", "Quantiles"],
        ],
        this.state.chart.mode,
        (mode) => {
          this.state.chart.mode = mode;
          this.draw();
        },
      ),
      choice(
        "Scale",
        [
          ["linear", "Linear"],
          ["log", "Log"],
        ],
        "linear",
        (scale) => {
          this.state.chart.log = scale === "log";
          this.draw();
        },
      ),
    );
  }

  private sortBy(key: string): void {
    const { order } = this.state;
    if (order.key === key) order.descending = !order.descending;
    else {
      order.key = key;
      order.descending = key !== "name" && key !== "top";
    }
    const listed = ORDERS.some(([name]) => name === key);
    this.order.value = listed ? key : "column";
    this.draw();
    this.element.querySelector<HTMLElement>(`[data-sort="${key}"]:focus`)?.focus();
  }

  private draw(): void {
    const { pair, order } = this.state;
    if (order.key === "difference" && pair[1] === null) order.key = "order";
    let shown = 0;
    KINDS.forEach((kind, i) => {
      const rows = this.selection.rows(kind, this.query, order, pair);
      const all = this.data.features.filter((feature) => feature.kind === kind).length;
      this.tables[i]?.show(rows, all);
      shown += rows.length;
    });
    this.nothing.hidden = shown > 0;
    this.element.classList.toggle("compared", pair[1] !== null);
    this.drawLegend();
  }

  private drawLegend(): void {
    const parts: HTMLElement[] = [];
    this.state.pair.forEach((index, slot) => {
      const dataset = index === null ? undefined : this.data.datasets[index];
      if (!dataset) return;
      parts.push(
        h(
          "span",
          { "data-hint": exact(dataset.examples) },
          h(`i.swatch.s${slot}`),
          h("b", {}, dataset.name),
          ` ${compact(dataset.examples)} examples`,
        ),
      );
    });
    parts.push(h("span", {}, plural(this.data.features.length, "feature")));
    const named = new Set(this.data.anomalies.map(({ path }) => path)).size;
    if (named > 0) parts.push(h("span.bad", {}, `${plural(named, "feature")} with anomalies`));
    this.legend.replaceChildren(...parts);
  }
}
