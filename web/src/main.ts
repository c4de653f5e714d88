// Entry point: reads the data embedded in the page and shows the viewer for it.

import { h } from "./dom";
import { moment } from "./format";
import { installHints } from "./hint";
import type { PageData } from "./model";
import { runPage } from "./run/page";
import { decodeStatistics } from "./statistics/decode";
import { StatisticsViewer } from "./statistics/viewer";
import "./styles/base.css";
import "./styles/charts.css";
import "./styles/statistics.css";
import "./styles/graph.css";
import "./styles/tables.css";
import "./styles/run.css";

function statisticsPage(page: PageData): HTMLElement[] {
  if (!page.statistics) return [];
  return [
    h("header.page", {}, h("h1", {}, page.title)),
    h("main", {}, new StatisticsViewer(page.statistics).element),
  ];
}

function start(): void {
  const root = document.getElementById("page");
  const text = document.getElementById("data")?.textContent;
  if (!root || !text) return;
  const page = JSON.parse(text) as PageData;
  if (page.statistics) decodeStatistics(page.statistics);
  installHints();
  const parts = page.run ? runPage(page, page.run) : statisticsPage(page);
  root.replaceChildren(
    ...parts,
    h("footer", {}, `Written by Bessemer ${page.version} on ${moment(page.written)}`),
  );
}

start();
