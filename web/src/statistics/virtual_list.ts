// A long list in the page's own scroll: only the rows near the window are in the document.

import { h } from "../dom";

const OVERSCAN_PX = 400;

export interface ListItem {
  key: string; // unique and stable: the row is kept while it stays visible
  height: number; // an estimate; what is rendered is measured
}

export class VirtualList {
  readonly element = h("div.virtual", { role: "rowgroup" });
  private items: ListItem[] = [];
  private offsets: number[] = [0];
  private readonly shown = new Map<string, HTMLElement>();
  private readonly measured = new Map<string, number>();
  private readonly observer: ResizeObserver;
  private scheduled = false;
  private everything = false; // while printing

  constructor(private readonly render: (index: number) => HTMLElement) {
    this.observer = new ResizeObserver((entries) => this.remeasure(entries));
    window.addEventListener("scroll", () => this.schedule(), { passive: true });
    window.addEventListener("resize", () => this.schedule());
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
  }

  // Replaces all items; rows are drawn again.
  set(items: ListItem[]): void {
    this.items = items;
    this.clear();
    this.measured.clear();
    this.layout();
    this.update();
  }

  // Draws one row again, e.g. after it was opened.
  refresh(key: string, height: number): void {
    const item = this.items.find((one) => one.key === key);
    if (!item) return;
    const old = this.shown.get(key);
    const focused = old?.contains(document.activeElement) ?? false;
    if (old) {
      this.observer.unobserve(old);
      old.remove();
      this.shown.delete(key);
    }
    this.measured.delete(key);
    item.height = height;
    this.layout();
    this.update();
    if (focused) this.focusable(key)?.focus({ preventScroll: true });
  }

  // Scrolls to a row, puts it into the document and gives it the focus.
  reveal(key: string, align: "nearest" | "center" = "nearest"): void {
    const index = this.items.findIndex((one) => one.key === key);
    const top = this.offsets[index];
    const bottom = this.offsets[index + 1];
    if (top === undefined || bottom === undefined) return;
    const origin = this.element.getBoundingClientRect().top + window.scrollY;
    const head = 120; // sticky headers
    const view = window.innerHeight;
    if (align === "center") window.scrollTo({ top: origin + top - view / 3 });
    else if (origin + top < window.scrollY + head) window.scrollTo({ top: origin + top - head });
    else if (origin + bottom > window.scrollY + view) {
      window.scrollTo({ top: origin + bottom - view + 8 });
    }
    this.update();
    this.focusable(key)?.focus({ preventScroll: true });
  }

  private focusable(key: string): HTMLElement | null {
    const row = this.shown.get(key);
    return row?.querySelector<HTMLElement>("[tabindex]") ?? null;
  }

  private height(index: number): number {
    const item = this.items[index];
    return item ? (this.measured.get(item.key) ?? item.height) : 0;
  }

  private layout(): void {
    this.offsets = [0];
    for (let i = 0; i < this.items.length; i++) {
      this.offsets.push((this.offsets[i] ?? 0) + this.height(i));
    }
    this.element.style.height = `${this.offsets[this.items.length] ?? 0}px`;
  }

  private remeasure(entries: ResizeObserverEntry[]): void {
    let changed = false;
    for (const entry of entries) {
      const row = entry.target as HTMLElement;
      const key = row.dataset["key"] ?? "";
      const height = row.offsetHeight;
      if (!this.shown.has(key) || height === 0) continue;
      const index = this.items.findIndex((one) => one.key === key);
      if (Math.abs(height - this.height(index)) < 1) continue;
      this.measured.set(key, height);
      changed = true;
    }
    if (changed) {
      this.layout();
      this.update();
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.update();
    });
  }

  private print(all: boolean): void {
    this.everything = all;
    this.element.classList.toggle("flow", all);
    this.update();
  }

  private clear(): void {
    this.observer.disconnect();
    this.shown.clear();
    this.element.replaceChildren();
  }

  // First item whose bottom edge lies below `offset`.
  private indexAt(offset: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[middle + 1] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private update(): void {
    if (!this.everything && this.element.offsetParent === null) return; // in a closed tab
    const top = this.element.getBoundingClientRect().top;
    const first = this.everything ? 0 : this.indexAt(-top - OVERSCAN_PX);
    const last = this.everything
      ? this.items.length
      : Math.min(this.items.length, this.indexAt(window.innerHeight - top + OVERSCAN_PX) + 1);
    const wanted = new Set(this.items.slice(first, last).map((item) => item.key));
    for (const [key, row] of this.shown) {
      if (wanted.has(key)) continue;
      this.observer.unobserve(row);
      row.remove();
      this.shown.delete(key);
    }
    let next: Element | null = this.element.firstElementChild;
    for (let i = first; i < last; i++) {
      const item = this.items[i];
      if (!item) continue;
      let row = this.shown.get(item.key);
      if (!row) {
        row = this.render(i);
        row.dataset["key"] = item.key;
        this.shown.set(item.key, row);
        this.element.insertBefore(row, next);
        this.observer.observe(row);
      } else {
        next = row.nextElementSibling;
      }
      row.style.transform = `translateY(${this.offsets[i] ?? 0}px)`;
    }
  }
}
