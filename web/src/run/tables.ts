// The plain tables of a run: anomalies, schema, lineage.

import { DataTable } from "../data_table";
import { h } from "../dom";
import { plural } from "../format";
import type { Anomaly, ArtifactData, RunData, SchemaData, SchemaRow } from "../model";
import { badge, pathNode } from "./step_panel";

const SEVERITY = { error: 2, warning: 1, unknown: 0 };

export function anomaliesTable(
  anomalies: Anomaly[],
  onFeature: (path: string) => void,
): HTMLElement {
  if (anomalies.length === 0) {
    return h("div.note.good", {}, h("strong", {}, "No anomalies"), " : the data fits the schema.");
  }
  const table = new DataTable<Anomaly>(
    [
      {
        title: "severity",
        value: (row) => SEVERITY[row.severity],
        cell: (row) => badge(row.severity === "error" ? "failed" : "warned", row.severity),
      },
      {
        title: "feature",
        value: (row) => row.path,
        cell: (row) => {
          if (row.path === "") return "the whole data set";
          const link = h("button.link", { type: "button" }, row.path);
          link.addEventListener("click", () => onFeature(row.path));
          return link;
        },
      },
      { title: "data", value: (row) => row.dataset ?? "", cell: (row) => row.dataset ?? "" },
      {
        title: "what",
        kind: "wide",
        value: (row) => row.short,
        cell: (row) =>
          h(
            "span",
            {},
            h("b", {}, row.short),
            row.text && row.text !== row.short ? h("div.soft", {}, row.text) : null,
          ),
      },
    ],
    { label: "Anomalies", limit: 300 },
  );
  return table.set(anomalies).element;
}

// By which schema the data was judged.
export function judgements(schemas: SchemaData[]): HTMLElement[] {
  return schemas
    .filter(({ judges }) => judges.length > 0)
    .map(({ names, judges }) =>
      h(
        "p.soft.judged",
        {},
        `${judges.join(", ")} judged by the schema of `,
        h("b", {}, names[0] ?? ""),
      ),
    );
}

// The first, which judged the data if any did, is open.
export function schemaBlock({ names, judges, rows }: SchemaData, index: number): HTMLElement {
  const title = h(
    "summary",
    {},
    h("b", {}, `Schema of ${names.join(", ")}`),
    judges.length > 0 ? h("span.soft", {}, ` by which ${judges.join(", ")} judged`) : null,
  );
  const block = h("details.schema", index === 0 ? { open: "" } : {}, title);
  if (index === 0) block.append(schemaTable(rows));
  else block.addEventListener("toggle", () => block.append(schemaTable(rows)), { once: true });
  return block;
}

function schemaTable(rows: SchemaRow[]): HTMLElement {
  const column = (title: string, key: keyof SchemaRow, kind: "text" | "wide" = "text") => ({
    title,
    kind,
    value: (row: SchemaRow) => row[key],
    cell: (row: SchemaRow) => (key === "path" ? h("b", {}, row.path) : row[key]),
  });
  const table = new DataTable<SchemaRow>(
    [
      column("feature", "path"),
      column("type", "type"),
      column("presence", "presence"),
      column("values", "valency"),
      column("domain", "domain", "wide"),
      column("also", "notes"),
    ],
    { label: "Schema", limit: 300 },
  );
  const search = h("input", {
    type: "search",
    placeholder: "Search the schema",
    "aria-label": "Search the schema by feature or domain",
  });
  search.addEventListener("input", () => {
    const word = search.value.trim().toLowerCase();
    table.set(rows.filter(({ path, domain }) => `${path} ${domain}`.toLowerCase().includes(word)));
  });
  return h(
    "div",
    {},
    h("div.toolbar", {}, search, h("span.soft", {}, plural(rows.length, "feature"))),
    table.set(rows).element,
  );
}

interface LineageRow {
  artifact: ArtifactData;
  maker: string;
  users: string[];
}

export function lineageRows(run: RunData): LineageRow[] {
  const rows = new Map<string, LineageRow>();
  const row = (artifact: ArtifactData, maker: string) => {
    const key = artifact.uri || `${maker} ${artifact.port} ${artifact.id}`;
    const found = rows.get(key) ?? { artifact, maker, users: [] };
    if (maker && !found.maker) found.maker = maker;
    rows.set(key, found);
    return found;
  };
  for (const step of run.steps) {
    for (const input of step.inputs) {
      const { users } = row(input, input.step ?? "");
      if (!users.includes(step.name)) users.push(step.name);
    }
    for (const output of step.outputs) row(output, step.name);
  }
  return [...rows.values()];
}

export function lineageTable(run: RunData): HTMLElement {
  const table = new DataTable<LineageRow>(
    [
      {
        title: "artifact",
        value: ({ artifact }) => artifact.type,
        cell: ({ artifact }) =>
          h(
            "span",
            {},
            h("b", {}, artifact.type),
            artifact.id ? h("span.soft", {}, ` #${artifact.id}`) : null,
          ),
      },
      {
        title: "made by",
        value: ({ maker }) => maker,
        cell: ({ maker }) => maker || h("span.soft", {}, "before this run"),
      },
      { title: "read by", cell: ({ users }) => users.join(", ") || "–" },
      {
        title: "path",
        kind: "wide",
        value: ({ artifact }) => artifact.uri,
        cell: ({ artifact }) => pathNode(artifact.uri, run.root),
      },
    ],
    { label: "Lineage", limit: 500 },
  );
  return h(
    "div",
    {},
    run.root ? h("p.soft", {}, "Paths are relative to ", h("code", {}, run.root)) : null,
    table.set(lineageRows(run)).element,
  );
}
