// A plain table whose columns sort. Long tables show their first rows and a button for the rest.

import { h } from "./dom";
import { compact } from "./format";

export interface DataColumn<Row> {
  title: string;
  hint?: string;
  kind?: "number" | "text" | "wide"; // alignment and width
  value?: (row: Row) => number | string | null; // sortable if given
  cell: (row: Row) => Node | string | null;
}

export interface DataTableOptions<Row> {
  label: string;
  limit?: number;
  sort?: { column: number; descending: boolean };
  rowClass?: (row: Row) => string;
}

export class DataTable<Row> {
  readonly element: HTMLElement;
  private readonly head = h("thead");
  private readonly body = h("tbody");
  private readonly more = h("button.more", { type: "button", hidden: true });
  private rows: Row[] = [];
  private sort: { column: number; descending: boolean } | null;
  private limit: number;

  constructor(
    private readonly columns: DataColumn<Row>[],
    private readonly options: DataTableOptions<Row>,
  ) {
    this.sort = options.sort ?? null;
    this.limit = options.limit ?? 200;
    this.more.addEventListener("click", () => {
      this.limit = Infinity;
      this.draw();
    });
    window.addEventListener("beforeprint", () => {
      this.limit = Infinity;
      this.draw();
    });
    this.element = h(
      "div.table",
      {},
      h("table.data", { "aria-label": options.label }, this.head, this.body),
      this.more,
    );
  }

  set(rows: Row[]): this {
    this.rows = rows;
    this.draw();
    return this;
  }

  private sortBy(column: number): void {
    if (this.sort?.column === column) this.sort.descending = !this.sort.descending;
    else this.sort = { column, descending: this.columns[column]?.kind === "number" };
    this.draw();
    this.head.querySelectorAll<HTMLElement>("th")[column]?.querySelector("button")?.focus();
  }

  private sorted(): Row[] {
    const value = this.sort ? this.columns[this.sort.column]?.value : undefined;
    if (!this.sort || !value) return this.rows;
    const sign = this.sort.descending ? -1 : 1;
    return this.rows
      .map((row, index) => ({ row, index, key: value(row) }))
      .sort((a, b) => {
        if (a.key === null || b.key === null) {
          return a.key === b.key ? a.index - b.index : a.key === null ? 1 : -1;
        }
        const compared =
          typeof a.key === "string" || typeof b.key === "string"
            ? String(a.key).localeCompare(String(b.key), undefined, { numeric: true })
            : a.key - b.key;
        return compared === 0 ? a.index - b.index : sign * compared;
      })
      .map(({ row }) => row);
  }

  private draw(): void {
    const titles = this.columns.map((column, index) => {
      const active = this.sort?.column === index;
      const order = active ? (this.sort?.descending ? "descending" : "ascending") : "none";
      const title = column.value
        ? h("button", { type: "button", "data-hint": column.hint }, column.title)
        : column.title;
      if (title instanceof HTMLElement) title.addEventListener("click", () => this.sortBy(index));
      return h(
        `th.${column.kind ?? "text"}`,
        { scope: "col", "aria-sort": column.value ? order : null },
        title,
      );
    });
    this.head.replaceChildren(h("tr", {}, ...titles));
    const rows = this.sorted();
    const shown = rows.slice(0, this.limit);
    this.body.replaceChildren(
      ...shown.map((row) => {
        const name = this.options.rowClass?.(row) ?? "";
        return h(
          name ? `tr.${name}` : "tr",
          {},
          ...this.columns.map((column) => h(`td.${column.kind ?? "text"}`, {}, column.cell(row))),
        );
      }),
    );
    this.more.hidden = shown.length === rows.length;
    this.more.textContent = `Show all ${compact(rows.length, 6)} rows`;
  }
}
