// Bundles the viewers: build.mjs [--out DIR] [--test].
// Without --test: DIR/viewer.js and DIR/viewer.css, and DIR/viewer_assets.cc that holds both for the
// C++ side. With --test: bundles the tests into DIR/tests and runs them with node's test runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const outIndex = args.indexOf("--out");
const out = outIndex >= 0 ? args[outIndex + 1] : join(here, "../build/web");

// A byte array: no limit on the length of a string literal, no escapes to get wrong.
function cppArray(name, bytes) {
  const lines = [];
  for (let i = 0; i < bytes.length; i += 32) {
    lines.push("  " + Array.from(bytes.subarray(i, i + 32)).join(","));
  }
  return `constexpr unsigned char ${name}[] = {\n${lines.join(",\n")}};\n`;
}

async function bundleViewer() {
  await build({
    entryPoints: { viewer: join(here, "src/main.ts") },
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2020"],
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
  });
  const script = readFileSync(join(out, "viewer.js"));
  const style = readFileSync(join(out, "viewer.css"));
  if (/<\/(script|style)/i.test(script.toString() + style.toString())) {
    throw new Error("the bundle holds a closing tag and cannot stand inside a page");
  }
  writeFileSync(
    join(out, "viewer_assets.cc"),
    `// Written by web/build.mjs.
#include "bessemer/report/viewer_assets.h"

namespace bessemer::report {
namespace {
${cppArray("kScript", script)}${cppArray("kStyle", style)}}  // namespace

std::string_view ViewerScript() {
  return {reinterpret_cast<const char*>(kScript), sizeof kScript};
}
std::string_view ViewerStyle() { return {reinterpret_cast<const char*>(kStyle), sizeof kStyle}; }

}  // namespace bessemer::report
`,
  );
}

async function runTests() {
  const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => join(here, "test", name)),
    outdir: join(out, "tests"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  const bundled = tests.map((name) => join(out, "tests", name.replace(/\.ts$/, ".mjs")));
  const run = spawnSync(process.execPath, ["--test", ...bundled], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
}

mkdirSync(out, { recursive: true });
await (args.includes("--test") ? runTests() : bundleViewer());
